"""The shipped targets, one TOML file each; the file name is the target's name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import Target

FOLDER = Path(__file__).parent
DEFAULT_TARGET = "edge"


def target_files() -> dict[str, Path]:
    """The file of each target that comes with xnn, or with a package outside, by name."""
    files = {path.stem: path for path in FOLDER.glob("*.toml")}
    for point in entry_points(group="xnn.targets"):
        spec = find_spec(point.module.partition(".")[0])  # which imports nothing
        if spec is not None and spec.origin is not None:
            folder = Path(spec.origin).parent.joinpath(*point.module.split(".")[1:])
            files.setdefault(point.name, folder / f"{point.name}.toml")
    return dict(sorted(files.items()))


def load_target(name: str) -> Target:
    """The target of a shipped name, or of a TOML file; raises UserError naming the file and line.

    A file has all fields, or names another target as its `base` and has those that differ.
    """
    return _load(name) if name.endswith(".toml") else _shipped(name)


@cache
def _shipped(name: str) -> Target:
    """The target of a shipped name, whose file does not change."""
    return _load(name)


def _load(name: str) -> Target:
    path, text = _read(name)
    fields = _fields(path, text, ())
    try:
        return Target.from_fields(fields)
    except UserError as error:
        raise UserError(str(error), location=_line_of(text, path, str(error))) from None


def target_of(module: ModuleOp) -> Target:
    """The target of a module; one without a target gets the default one."""
    if not Target.has(module):
        load_target(DEFAULT_TARGET).attach(module)
    return Target.of(module)


def _read(name: str) -> tuple[Path, str]:
    """The file of a target, and what it holds."""
    path = Path(name) if name.endswith(".toml") else target_files().get(name, FOLDER / name)
    if not path.is_file():
        raise UserError(
            f"no target '{name}'",
            hint=f"known targets: {', '.join(target_files())}; or a .toml file",
        )
    return path, path.read_text(encoding="utf-8", errors="replace")


def _fields(path: Path, text: str, derived: tuple[Path, ...]) -> dict[str, Any]:
    """The fields of a target in a file, and of its base; `derived`: the files that lead to it by theirs."""
    try:
        own: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: {error}") from None
    base = own.pop("base", None)
    fields: dict[str, Any] = {}
    if base is not None:
        if path in derived:
            raise UserError(f"target '{path.stem}' is its own base", location=f"{path}")
        name = str(path.parent / base) if str(base).endswith(".toml") else str(base)
        fields = _fields(*_read(name), (*derived, path))
    return {**_merged(fields, own), "name": own.get("name", path.stem)}


def _merged(fields: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`fields` with `changes` to some of them, section by section."""
    result = {**fields, **changes}
    for key in fields.keys() & changes.keys():
        if isinstance(fields[key], dict) and isinstance(changes[key], dict):
            result[key] = _merged(fields[key], changes[key])
    return result


def _line_of(text: str, path: Path, message: str) -> str:
    """`file:line` of the field that a message quotes as 'section.field', or else of its section."""
    quoted = message.split("'")[1] if message.count("'") >= 2 else ""
    section = quoted.rpartition(".")[0]
    current, place = "", str(path)
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.partition("#")[0].strip()
        if stripped.startswith("["):
            current = found = stripped.strip("[] \"'")
        else:
            key = stripped.partition("=")[0].strip(" \"'")
            found = f"{current}.{key}" if current else key
        if found == quoted:
            return f"{path}:{number}"
        if found == section:
            place = f"{path}:{number}"
    return place
