"""README.md shows what the tools print, and its Python runs."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    """tests/readme.py, which is a program as well and no part of a package."""
    spec = importlib.util.spec_from_file_location("readme", Path(__file__).with_name("readme.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["readme"] = module
    spec.loader.exec_module(module)
    return module


readme = _load()
TEXT = readme.README.read_text()
CONSOLES = [readme.commands(*block) for block in readme.blocks("console", TEXT)]
SNIPPETS = dict(readme.blocks("python", TEXT))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    readme.prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("console", CONSOLES, ids=lambda shown: f"line{shown[0].start}")
def test_commands_print_what_is_shown(console, folder):
    for shown in console:
        if not shown.is_checked:
            continue
        code, printed = readme.run(shown.command, folder)
        fails = any("error: " in line for line in shown.lines)
        assert code == fails, f"{shown.command}: exit code {code}\n" + "\n".join(printed[:5])
        try:
            readme.find(shown.lines, printed)
        except LookupError as error:
            pytest.fail(f"README.md:{shown.start}: {shown.command}: {error} (`make readme`?)")


@pytest.mark.parametrize("line", SNIPPETS, ids=lambda line: f"line{line}")
def test_python_runs(line, folder, capsys):
    exec(compile("\n".join(SNIPPETS[line]), f"README.md:{line}", "exec"), {})
    capsys.readouterr()


@pytest.mark.slow
def test_the_table_of_networks_is_what_make_table_prints():
    (shown,) = (each for console in CONSOLES for each in console if each.command == "make table")
    _, printed = readme.run(shown.command, Path.cwd())
    but_for_errors = [[line.split()[:-1] for line in lines] for lines in (shown.lines, printed)]
    assert but_for_errors[0] == but_for_errors[1]


def test_all_kinds_of_blocks_are_there():
    shown = [each for console in CONSOLES for each in console if each.is_checked]
    assert len(shown) > 5 and len(SNIPPETS) > 1


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
    readme.find(shown, PRINTED)


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
        readme.find(shown, PRINTED)
    assert str(error.value) == problem


def test_numbers_and_columns_are_renewed():
    shown = ["...", "b 7 c", "...", "f ...4"]
    assert readme.renewed(shown, PRINTED) == ["...", "b 22  c", "...", "f ...1,234"]
    assert readme.renewed(["old"], PRINTED) == PRINTED
