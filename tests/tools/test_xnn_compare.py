"""The command line of xnn-compare, on reports of the digits network."""

import json
from pathlib import Path

import pytest

from xnn.runtime.report.report import SCHEMA
from xnn.tools.xnn_compare import main
from xnn.tools.xnn_run import main as run

DIGITS = str(Path("tools/networks/digits.onnx").resolve())


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> dict[str, str]:
    """The text of reports of two machines."""
    folder, settings = tmp_path_factory.mktemp("reports"), {"fast": "16", "slow": "4"}
    for name, bandwidth in settings.items():
        setting = f"external.bytes_per_cycle={bandwidth}"
        file = str(folder / name)
        run(
            [
                DIGITS,
                "--set",
                setting,
                "--time-only",
                "--report=json",
                "--report-file",
                file,
                "--effort=fast",
            ]
        )
    return {name: (folder / name).read_text() for name in settings}


@pytest.fixture
def files(reports, tmp_path, monkeypatch) -> dict[str, dict]:
    """The reports in the working folder, and as values."""
    monkeypatch.chdir(tmp_path)
    for name, text in reports.items():
        Path(f"{name}.json").write_text(text)
    return {name: json.loads(text) for name, text in reports.items()}


def compared(capsys, *arguments: str) -> dict:
    assert main([*arguments, "--report=json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_changes_of_layers_are_ranked_and_add_up(files, capsys):
    result = compared(capsys, "fast.json", "slow.json")
    changes = [layer["cycles"] for layer in result["layers"]]
    assert [abs(change) for change in changes] == sorted(map(abs, changes), reverse=True)
    total = files["slow"]["cycles"] - files["fast"]["cycles"]
    assert sum(changes) == total == result["total"]["cycles"] > 0
    for layer in result["layers"]:
        assert sum(layer["causes"].values()) == layer["cycles"]
    energy = [files[name]["energy_pj"]["total"] for name in ("fast", "slow")]
    assert result["total"]["picojoules"] == energy[1] - energy[0]
    assert sum(layer["picojoules"] for layer in result["layers"]) == energy[1] - energy[0]


def test_a_run_is_as_itself(files, capsys):
    result = compared(capsys, "fast.json", "fast.json", "--fail-above", "0%")
    assert {layer["cycles"] for layer in result["layers"]} == {0}
    assert main(["fast.json", "fast.json"]) == 0
    assert f"{len(files['fast']['layers'])} of 10 layers are as before" in capsys.readouterr().out


def test_layers_of_one_run_only(files, capsys):
    layers = files["slow"]["layers"]
    layers[0]["name"] = "other"
    Path("slow.json").write_text(json.dumps(files["slow"]))
    sides = {
        layer["name"]: (layer["before"] is None, layer["after"] is None)
        for layer in compared(capsys, "fast.json", "slow.json")["layers"]
    }
    assert sides["other"] == (True, False)
    assert sides[files["fast"]["layers"][0]["name"]] == (False, True)
    assert main(["fast.json", "slow.json"]) == 0
    assert "2 are of one run only" in capsys.readouterr().out


def test_markdown_goes_where_it_should(files, capsys):
    assert main(["fast.json", "slow.json", "--report=markdown", "--report-file=c.md"]) == 0
    assert Path("c.md").read_text().startswith("## digits on edge -> digits on edge\n\n| layer |")
    assert capsys.readouterr().out == ""


def test_cycles_above_the_limit_fail(files, capsys):
    fast, slow = (files[name]["cycles"] for name in ("fast", "slow"))
    rise = 100 * (slow - fast) / fast
    arguments = ["fast.json", "slow.json", "--report=none", "--fail-above"]
    assert main([*arguments, f"{rise + 0.01:.3f}%"]) == 0
    assert main(["slow.json", "fast.json", "--report=none", "--fail-above=0%"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*arguments, "2%"]) == 1
    assert capsys.readouterr().err == (
        f"error: cycles rose by {rise:.2f}%, from {fast:,} to {slow:,}: above 2%\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("no.json fast.json", "no.json: No such file or directory"),
        ("text.json fast.json", "text.json: is no report of a run: is not JSON"),
        ("list.json fast.json", "list.json: is no report of a run"),
        ("empty.json fast.json", "empty.json: is no report of a run"),
        ("cut.json fast.json", "cut.json: is no report of a run: parts of it are missing"),
        ("fast.json old.json", f"old.json: is a report of version 1, expected {SCHEMA}"),
        ("fast.json prim.json", "prim.json: has no cycles"),
        ("fast.json other.json", "digits on edge and digits on edge have no layer in common"),
        ("fast.json slow.json --fail-above 2", "--fail-above 2: expected N%"),
        ("fast.json slow.json --fail-above -2%", "argument --fail-above: expected one argument"),
        ("fast.json slow.json --report-file no/c.txt", "no/c.txt: there is no folder no"),
        ("fast.json slow.json --report-html no/c.html", "no/c.html: there is no folder no"),
        ("fast.json slow.json --report-html .", ".: is a folder, expected a file"),
        ("fast.json slow.json --report-html ./slow.json", "slow.json: is read by this run"),
        ("fast.json", "the following arguments are required: AFTER.json"),
    ],
)
def test_bad_input_is_one_message(files, arguments, message, capsys):
    fast = files["fast"]
    changed = {
        "list": [1],
        "empty": {},
        "old": {**fast, "schema": 1},
        "prim": {**fast, "cycles": None},
        "cut": {key: value for key, value in fast.items() if key != "bounds"},
        "other": {**fast, "layers": [{**fast["layers"][0], "name": "none"}]},
    }
    for name, values in changed.items():
        Path(f"{name}.json").write_text(json.dumps(values))
    Path("text.json").write_text("cycles")
    assert main(arguments.split()) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"error: {message}") and "Traceback" not in err and out == ""
