"""Verification whose errors say where: an operation and its place, never the whole module."""

from xdsl.dialects.builtin import FileLineColLoc, ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError


def verify(module: ModuleOp, *, after: str | None = None) -> None:
    """Verify `module`; raises UserError with the place of the first operation that fails.

    `after` names the pass that has just run, if any.
    """
    try:
        module.verify()
    except VerifyException as error:
        op, error = _first_failure(module) or (module, error)
        message = _message(op, error) + (f" (after pass {after})" if after else "")
        raise UserError(message, location=location_of(op)) from error


def location_of(op: Operation) -> str | None:
    """ "file:line:col" of `op` or of the nearest operation around it that has a place."""
    place: Operation | None = op
    while place is not None:
        if isinstance(place.location, FileLineColLoc):
            at = place.location
            return f"{at.filename.data}:{at.line.data}:{at.column.data}"
        place = place.parent_op()
    return None


def _first_failure(op: Operation) -> tuple[Operation, VerifyException] | None:
    """The operation within `op` that fails by itself, inner ones first as in Operation.verify."""
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                if failure := _first_failure(inner):
                    return failure
    try:
        op.verify(verify_nested_ops=False)
    except VerifyException as error:
        return op, error
    return None


def _message(op: Operation, error: VerifyException) -> str:
    text = " ".join(str(error).split())
    if text.startswith(op.name):  # our own operations name themselves
        return text
    name = op.properties.get("name")
    layer = f' "{name.data}"' if isinstance(name, StringAttr) else ""
    return f"'{op.name}'{layer}: {text}"
