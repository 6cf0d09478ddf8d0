"""The command line of xnn-plan."""

import csv
from pathlib import Path

import pytest

from xnn.tools.xnn_plan import main

BUFFERS = "id,lower,upper,size\nb1,0,3,4\nb2,3,9,4\nb3,0,9,4\nb4,9,21,4\nb5,0,21,4\n"
FRAGMENTED = (
    "id,lower,upper,size\na,0,2,2\nb,2,4,1\nc,3,5,2\nd,4,5,3\ne,1,4,2\nf,1,3,1\ng,0,1,3\nh,2,3,1\n"
)
"""At most 5 bytes are live at once, yet 6 are needed."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plan(capsys, text: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors for a table."""
    Path("buffers.csv").write_text(text)
    code = main(["buffers.csv", *arguments])
    return code, *capsys.readouterr()


def test_a_plan_has_the_offset_of_each_buffer_in_their_order(capsys):
    code, out, _ = plan(capsys, BUFFERS, "--capacity", "12", "-o", "plan.csv")
    assert code == 0
    assert out == "5 buffers in 12 of 12 bytes; at most 12 are live at once\n"
    rows = list(csv.DictReader(Path("plan.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == ["b1", "b2", "b3", "b4", "b5"]
    offset = {row["id"]: int(row["offset"]) for row in rows}
    assert sorted([offset["b1"], offset["b3"], offset["b5"]]) == [0, 4, 8]
    assert sorted([offset["b2"], offset["b3"], offset["b5"]]) == [0, 4, 8]
    assert offset["b4"] != offset["b5"] and max(offset.values()) == 8


def test_without_a_file_the_plan_is_printed(capsys):
    assert plan(capsys, 'size,id,lower,upper\n7,"a,b",0,1\n', "--capacity", "7") == (
        0,
        'id,offset\n"a,b",0\n',
        "",
    )
    assert plan(capsys, "id,lower,upper,size\n", "--capacity", "0")[:2] == (0, "id,offset\n")


def test_buffers_lie_at_multiples_of_the_alignment(capsys):
    text = "id,lower,upper,size\na,0,9,10\nb,0,9,10\n"
    assert plan(capsys, text, "--capacity", "26", "--alignment", "16")[0] == 0
    code, _, errors = plan(capsys, text, "--capacity", "25", "--alignment", "16")
    assert code == 1 and "at time 0 the live buffers need 26 bytes" in errors


def test_a_capacity_below_the_live_bytes_names_time_and_buffers(capsys):
    code, _, errors = plan(capsys, BUFFERS, "--capacity", "11", "-o", "plan.csv")
    assert code == 1 and not Path("plan.csv").exists()
    assert errors == (
        "error: no plan can exist: at time 0 the live buffers need 12 bytes, but the capacity is 11: "
        "b1 (4), b3 (4), b5 (4)\n"
    )


def test_what_does_not_exist_is_told_from_what_was_not_found(capsys):
    live = "though at most 5 are live at once; the best found needs 6\n"
    code, _, errors = plan(capsys, FRAGMENTED, "--capacity", "5")
    assert code == 1
    assert errors == (
        f"error: no plan in 5 bytes exists, as trying all shows, {live}hint: --capacity 6\n"
    )
    code, _, errors = plan(capsys, FRAGMENTED, "--capacity", "5", "--steps", "3")
    assert code == 1
    assert errors == (
        f"error: no plan in 5 bytes found in 3 steps, {live}hint: --capacity 6, or more --steps\n"
    )
    assert plan(capsys, FRAGMENTED, "--capacity", "6")[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "buffers.csv:1: error: the header is '', expected 'id,lower,upper,size'"),
        (
            "id,start,end,size\n",
            "buffers.csv:1: error: the header is 'id,start,end,size', expected",
        ),
        (
            "id,lower,upper,size,size\n",
            "buffers.csv:1: error: the header is 'id,lower,upper,size,size'",
        ),
        (BUFFERS + "b1,0,1,1\n", "line 7: a second buffer has the id 'b1'"),
        (BUFFERS + "c,3,3,1\n", "line 7: lower 3 is not below upper 3"),
        (BUFFERS + "c,0,1,-1\n", "line 7: size is '-1', expected a whole number"),
        (BUFFERS + "c,-1,1,1\n", "line 7: lower is '-1', expected a whole number"),
        (BUFFERS + "c,0,1,0\n", "line 7: size is 0, expected at least 1"),
        (BUFFERS + "c,0,1,2.5\n", "line 7: size is '2.5', expected a whole number"),
        (BUFFERS + f"c,0,1,{10**18}\n", "expected a whole number from 0 to 10^18"),
        (BUFFERS + "c,0,1\n", "line 7: has 3 values, expected 4"),
        (BUFFERS + '"c\n,0,1', "is no table of comma-separated values"),
        (
            BUFFERS + "c,3,1,1\nd,0,1,x\n",
            "line 7: lower 3 is not below upper 1\nline 8: size is 'x'",
        ),
    ],
)
def test_what_is_wrong_in_a_table_is_named_with_its_line(capsys, text, message):
    code, out, errors = plan(capsys, text, "--capacity", "99")
    assert code == 1 and not out
    assert message in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv", "--capacity", "9"], "none.csv: No such file or directory"),
        (["buffers.csv"], "the following arguments are required: --capacity"),
        (["buffers.csv", "--capacity", "-9"], "--capacity -9: expected 0 to"),
        (["buffers.csv", "--capacity", "1k"], "invalid int value: '1k'"),
        (["buffers.csv", "--capacity", "9", "--alignment", "0"], "--alignment 0: expected 1 to"),
        (["buffers.csv", "--capacity", "9", "-o", "buffers.csv"], "inputs are never overwritten"),
    ],
)
def test_what_is_wrong_on_the_command_line_is_named(capsys, arguments, message):
    Path("buffers.csv").write_text(BUFFERS)
    assert main(arguments) == 1
    assert message in capsys.readouterr().err
