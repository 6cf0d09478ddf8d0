"""Packages outside that add to xnn, by entry points; nothing of them is loaded before it is needed.

| group | name | what it names |
|---|---|---|
| `xdsl.universe` | any | dialects and passes, as xDSL defines it |
| `xnn.imports` | a domain of ONNX | the module that registers how its operators are imported |
| `xnn.operators` | a domain of ONNX | the module that registers Python functions for its operators |
| `xnn.targets` | a target | the package in whose folder NAME.toml lies |
"""

from __future__ import annotations

import traceback
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnn.dialects.diagnostics import UserError, one_line

if TYPE_CHECKING:
    from xdsl.universe import Universe

GROUPS = ("xdsl.universe", "xnn.imports", "xnn.operators", "xnn.targets")


def load(point: EntryPoint) -> Any:
    """What an entry point names; raises UserError naming the package if that can't be loaded."""
    try:
        return point.load()
    except Exception as error:  # at import, a package outside may raise anything
        message = f"package {_package(point)} cannot be loaded: {type(error).__name__}: {error}"
        raise UserError(message, hint=f"entry point {point.name} of {point.group}") from error


def load_extension(group: str, name: str) -> None:
    """Loads the entry point of that name, if there is one."""
    for point in entry_points(group=group, name=name):
        load(point)


def load_file(path: str) -> None:
    """Runs a Python file that registers something; raises UserError naming it if that fails."""
    name = f"xnn_extension_{Path(path).stem}"
    spec = spec_from_file_location(name, path, loader=SourceFileLoader(name, path))
    assert spec is not None and spec.loader is not None
    try:
        spec.loader.exec_module(module_from_spec(spec))
    except Exception as error:  # a file of the user may raise anything
        raise UserError(
            f"{path} cannot be loaded: {type(error).__name__}: {one_line(error)}"
        ) from error


@cache
def multiverse() -> tuple[Universe, tuple[UserError, ...]]:
    """Dialects and passes of all packages that can be loaded, and what is wrong with the others."""
    from xdsl.universe import Universe

    found, faults = Universe(all_dialects={}, all_passes={}, all_targets={}), list[UserError]()
    for point in sorted(entry_points(group="xdsl.universe"), key=lambda point: point.name != "xnn"):
        try:
            universe = load(point)
            for mine, new in (
                (found.all_dialects, universe.all_dialects),
                (found.all_passes, universe.all_passes),
                (found.all_targets, universe.all_targets),
            ):
                if taken := sorted(mine.keys() & new.keys()):
                    message = f"package {_package(point)}: the name {', '.join(taken)} is taken"
                    raise UserError(message)
                mine.update(new)
        except UserError as fault:
            faults.append(fault)
    return found, tuple(faults)


def package_at_fault(error: BaseException) -> str:
    """The package in whose code an error arose: one outside that is on the way to it, or else xnn."""
    points = (point for group in GROUPS for point in entry_points(group=group))
    packages = {point.module.partition(".")[0]: _package(point) for point in points}
    found = "xnn"
    for frame, _ in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "").partition(".")[0]
        if module not in ("xnn", "xdsl") and module in packages:
            found = packages[module]
    return found


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module
