"""The documents show what the tools print, their Python runs, and what is generated is up to date."""

import re
from pathlib import Path

import pytest

from tests.documents import commands, dialects, operators

TEXTS = {path: path.read_text() for path in commands.DOCUMENTS}
CONSOLES = {
    f"{path.relative_to(commands.ROOT)}:{block[0]}": commands.commands(*block)
    for path, text in TEXTS.items()
    for block in commands.blocks("console", text)
}
SNIPPETS = {
    f"{path.relative_to(commands.ROOT)}:{line}": "\n".join(lines)
    for path, text in TEXTS.items()
    for line, lines in commands.blocks("python", text)
}


OFTEN = ("README.md", "docs/compare.md", "docs/tools.md")
"""Documents whose commands `make test` runs: each of our tools but the slow xnn-explore is in them."""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    commands.prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(each, marks=() if each.startswith(OFTEN) else pytest.mark.slow)
        for each in CONSOLES
    ],
)
def test_commands_print_what_is_shown(place, folder):
    for shown in CONSOLES[place]:
        if not shown.is_checked:
            continue
        code, printed = commands.run(shown.command, folder)
        assert code == shown.fails, f"{shown.command}: exit code {code}\n" + "\n".join(printed[:5])
        try:
            commands.find(shown.lines, printed)
        except LookupError as error:
            pytest.fail(f"{place}: {shown.command}: {error} (`make docs`?)")


@pytest.mark.parametrize("place", SNIPPETS)
def test_python_runs(place, folder, capsys):
    exec(compile(SNIPPETS[place], place, "exec"), {})
    capsys.readouterr()


@pytest.mark.slow
@pytest.mark.parametrize("command", commands.SLOW)
def test_the_tables_are_what_make_prints(command):
    (shown,) = (
        each for console in CONSOLES.values() for each in console if each.command == command
    )
    _, printed = commands.run(shown.command, Path.cwd())
    assert _but_for_rounding(shown.lines) == _but_for_rounding(printed)


def _but_for_rounding(lines) -> list[list[str]]:
    """The words of a table without its errors and ratios, which differ between machines."""
    return [re.sub(r"\S+e-\d+|\S+ dB", "", line).split() for line in lines]


def test_all_kinds_of_blocks_are_there():
    shown = [each for console in CONSOLES.values() for each in console if each.is_checked]
    assert len(shown) > 5 and len(SNIPPETS) > 1


@pytest.mark.parametrize("generated", [dialects, operators], ids=lambda module: module.__name__)
def test_what_is_generated_is_up_to_date(generated):
    shown, now = TEXTS[generated.PATH].split("\n"), generated.document().split("\n")
    path = generated.PATH.relative_to(commands.ROOT)
    assert shown == now, f"run `make docs`, or only: python -m tests.documents --quick {path}"


def test_the_readme_leads_to_every_document():
    links = set(re.findall(r"\]\(([\w/-]+\.md)\)", TEXTS[commands.ROOT / "README.md"]))
    assert {str(path.relative_to(commands.ROOT)) for path in TEXTS} == links | {"README.md"}


def test_every_link_leads_somewhere():
    lost = []
    for path, text in TEXTS.items():
        prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", prose):
            file = link.partition("#")[0]  # of anchors the site's build knows
            if "://" not in link and not (path.parent / file).exists():
                lost.append(f"{path.name}: {link}")
    assert not lost


# the comparison itself


PRINTED = ["a 1", "b 22  c", "d", "e", "f 1,234"]


@pytest.mark.parametrize(
    "shown",
    [
        PRINTED,
        ["a 1", "...", "e", "f 1,234"],
        ["...", "b 22  c", "..."],
        ["a 1", "b ... c", "..."],
        ["a 1", "    ...", "f ..."],
    ],
)
def test_lines_as_printed_are_found(shown):
    commands.find(shown, PRINTED)


@pytest.mark.parametrize(
    "shown, problem",
    [
        (["a 1", "b 22  c"], "not shown: d"),
        (["b 22  c", "..."], "not printed one below the other: b 22  c"),
        (["a 1", "d", "..."], "not printed one below the other: a 1"),
        (["...", "e", "...", "d", "..."], "not printed: d"),
        (["...", "f 1,235"], "not printed: f 1,235"),
    ],
)
def test_lines_that_are_not_printed_are_named(shown, problem):
    with pytest.raises(LookupError) as error:
        commands.find(shown, PRINTED)
    assert str(error.value) == problem


def test_numbers_and_columns_are_renewed():
    shown = ["...", "b 7 c", "...", "f ...4"]
    assert commands.renewed(shown, PRINTED) == ["...", "b 22  c", "...", "f ...1,234"]
    assert commands.renewed(["old"], PRINTED) == PRINTED
