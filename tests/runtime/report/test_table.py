"""Columns, and names and counts that fit into them."""

import pytest

from xnn.runtime.report.table import NAME_WIDTH, Column, Rows, Table, columns, listed, shortened, si


def test_columns_are_as_wide_as_their_widest_cell():
    rows = [("name", "size", ""), ("a", "1,024", "left"), ("longer", "7", "")]
    assert columns(rows, left=(0, 2)) == [
        "name     size",
        "a       1,024  left",
        "longer      7",
    ]


def test_the_end_of_a_long_name_is_kept():
    name = "features.denseblock4.denselayer24.conv2"
    (shown,) = shortened([name])
    assert shown == "…" + name[-NAME_WIDTH + 1 :] and len(shown) == NAME_WIDTH
    assert shortened(["x" * NAME_WIDTH]) == ["x" * NAME_WIDTH]


def test_two_names_are_never_cut_to_one():
    names = [f"/features/block{i}/layer/layer.0/activation/Conv_output_0" for i in range(12)]
    names += ["/long/name" * 9, "/short" + "/long/name" * 9, "…/block1/layer", "a"]
    shown = shortened([*names, "a"])
    assert len(set(shown)) == len(names) and shown[-1] == shown[-2] == "a"
    assert all(each.removeprefix("…") in name for each, name in zip(shown, names))


def test_names_that_would_break_the_line():
    assert shortened(["a\nb", "a\\nb", "é"]) == ["a\\nb", "a\\\\nb", "é"]


NAMES = tuple(f"/features/layer{i}/Conv_output_0" for i in range(12))
TABLE = Table(
    "name",
    NAMES,
    (
        Column("count", tuple(f"{i}" for i in range(12))),
        Column("what", ("a" * 20,) * 12, is_text=True, importance=2),
        Column("more", ("b" * 20,) * 12, is_text=True, importance=1),
    ),
    note="that is all",
)


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (200, ["name", "count", "what", "more"]),
        (70, ["name", "count", "what", "more"]),
        (62, ["name", "count", "what"]),
        (40, ["name", "count"]),
        (10, ["name", "count"]),
    ],
)
def test_a_table_has_the_columns_that_a_width_has_room_for(width, titles):
    head, *rows, note = TABLE.text(width)
    assert head.split() == titles and note == "that is all"
    assert len({row.split()[0] for row in rows}) == len(NAMES)
    assert max(map(len, rows)) <= max(width, 40)
    if width == 200:
        assert [row.split()[0] for row in rows] == list(NAMES)


def test_a_table_in_markdown_has_all_columns_and_whole_names():
    table = Table("a|b", ("x|y", "line\nbreak"), (Column("n", ("1", "2"), importance=1),), "end")
    assert table.markdown() == [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x\\|y | 1 |",
        "| line\\nbreak | 2 |",
        "",
        "end",
    ]
    assert Rows([("  a", "1")], left=(0,)).markdown()[::2] == ["|  |  |", "| a | 1 |"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (1_234_567, "1.23 M"),
        (5e9, "5.00 G"),
        (2e12, "2.00 T"),
        (-2500, "-2.50 k"),
    ],
)
def test_counts_have_a_decimal_prefix(value, text):
    assert si(value) == text


def test_long_lists_end_with_a_count():
    assert listed([]) == ""
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
