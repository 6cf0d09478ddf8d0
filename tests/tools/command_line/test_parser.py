"""What all tools have in common: their help, and how they answer a wrong flag."""

import re
from importlib import import_module

import pytest

TOOLS = ("xnn_run", "xnn_opt", "xnn_compare", "xnn_explore", "xnn_plan")
TITLES = {
    "network", "machine", "compilation", "exploration", "run", "input", "input and output", "output",
    "memory", "search", "checking", "report", "pictures (.svg, .pdf or .png; level dsa)", "information",
}  # fmt: skip


def printed(tool: str, flag: str, capsys) -> str:
    with pytest.raises(SystemExit) as end:
        import_module(f"xnn.tools.{tool}").main([flag])
    assert end.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("tool", TOOLS)
def test_every_flag_stands_in_a_group_with_its_help_in_one_line(tool, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    usage, description, *groups = re.split(r"\n\n(?=\S)", printed(tool, "--help", capsys).strip())
    assert usage.startswith(f"usage: {tool.replace('_', '-')} [flags]")
    titles = [group.partition(":\n")[0] for group in groups]
    assert set(titles) <= TITLES and titles[-1] == "information"
    problems = []
    for group in groups:
        *_, entries = group.split(":\n", 1)[1].split("\n\n")  # before the last, a description
        flags = re.split(r"\n(?=  \S)", entries)
        problems += [each for each in flags if not re.fullmatch(r"  \S.*?(  +|\n +)\S.*", each)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_says_its_version(tool, capsys):
    name = tool.replace("_", "-")
    assert re.fullmatch(rf"{name} \S+ \(xDSL \S+\)\n", printed(tool, "--version", capsys))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_flag_that_is_not_known_has_the_nearest_one_as_its_hint(tool, capsys):
    needed = {
        "xnn_explore": ["m", "--vary=a"],
        "xnn_plan": ["b", "--capacity=1"],
        "xnn_compare": "ab",
    }
    assert import_module(f"xnn.tools.{tool}").main([*needed.get(tool, ["m"]), "--versoin"]) == 1
    text = "error: unrecognized arguments: --versoin\nhint: did you mean --version?\n"
    assert capsys.readouterr().err == text
