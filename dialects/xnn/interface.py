"""The names of inputs and outputs of a function: attributes of its arguments and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, MemRefType, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError, fault, suggestion
from xnn.dialects.plain_values import attribute_of, value_of
from xnn.dialects.xnn.constants import ConstantOp, ParameterOp

NAME = "xnn.name"
"""The ONNX name of an argument or result."""

DIMS = "xnn.dims"
"""On an argument of which some dimensions are unknown: the name of each, "" for known ones."""

STATE = "xnn.state"
"""On an argument that is state: the name of the result that is its value in the next run."""

DYNAMIC = "xnn.dynamic"
"""Of a module: the names, as they are shown, of inputs, outputs, parameters that a session ties to addresses."""

BORROWED = "xnn.borrowed"
"""Of a module: the names of inputs, outputs and state that are dynamic, and whose bytes the caller may own."""

SCHEDULES = "xnn.schedules"
"""Of a module: what is forced on layers, as `LAYER=key=value, ...`."""

EFFORT = "xnn.effort"
"""Of a module: how much the schedule passes try for a faster program."""

OBJECTIVE = "xnn.objective"
"""Of a module: what the schedule passes make small."""

SIZES = "xnn.sizes"
"""Of a module: by result the axis along which its size depends on data, and the result that is this size."""

KEPT = "xnn.kept_formats"
"""Of a module: by operator why it does not have the number format that was asked for."""


def set_kept_formats(module: ModuleOp, reasons: Mapping[str, str]) -> None:
    """Say by the names of operators, as in the IR, why they do not have the number format that was asked for."""
    if reasons:
        module.attributes[KEPT] = attribute_of(dict(reasons))


def kept_formats_of(module: ModuleOp) -> dict[str, str]:
    """By operator why it does not have the number format that was asked for."""
    attribute = module.attributes.get(KEPT, DictionaryAttr({}))
    found = value_of(attribute, KEPT)
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise UserError(f"{KEPT} is {attribute}, expected a text for each operator")
    return found


def set_sizes(module: ModuleOp, sizes: Mapping[str, tuple[int, str]]) -> None:
    """Say which results have only so many elements along an axis as another result says."""
    if sizes:
        module.attributes[SIZES] = attribute_of(dict(sizes))


def sizes_of(module: ModuleOp) -> dict[str, tuple[int, str]]:
    """By result the axis along which its size depends on data, and the result that is this size."""
    if (attribute := module.attributes.get(SIZES)) is None:
        return {}
    found: dict[str, tuple[int, str]] = {}
    for name, value in value_of(attribute, SIZES).items():
        match value:
            case (int() as axis, str() as count):
                found[name] = axis, count
            case _:
                raise UserError(f"{SIZES} of {name} is {value}, expected an axis and a result")
    return found


def tensors_in(module: ModuleOp, attribute: str) -> list[str]:
    """The names in `xnn.dynamic` or `xnn.borrowed`; raises UserError if they are none."""
    names = module.attributes.get(attribute, ArrayAttr([]))
    if not isinstance(names, ArrayAttr):
        raise UserError(f"{attribute} is {names}, expected names")
    return [name.data for name in names if isinstance(name, StringAttr)]


def function(module: ModuleOp, name: str) -> FuncOp | None:
    """The function `name` of `module`, if it has one; raises UserError unless it is one block."""
    for op in module.body.block.ops:
        if isinstance(op, FuncOp) and op.sym_name.data == name:
            if (count := len(op.body.blocks)) != 1:
                hint = "leave out passes such as convert-scf-to-cf" if count else None
                raise UserError(f"function @{name} has {count} blocks, expected one", hint=hint)
            return op
    return None


def main_function(module: ModuleOp) -> FuncOp:
    """The function that is the network; raises UserError if there is none."""
    if (main := function(module, "main")) is None:
        raise UserError("the module has no function @main, so there is no network in it")
    return main


def argument_names(func: FuncOp) -> list[str]:
    """The names of the arguments of `func`; the default is arg0, arg1, ... by position."""
    return _names(func.arg_attrs, len(func.function_type.inputs), "arg")


def result_names(func: FuncOp) -> list[str]:
    """The names of the results of `func`; the default is result0, result1, ... by position."""
    return _names(func.res_attrs, len(func.function_type.outputs), "result")


def results_by_name(func: FuncOp) -> dict[str, SSAValue]:
    """What `func` returns, by the names of its results."""
    returned = func.body.block.last_op
    assert isinstance(returned, ReturnOp)
    return dict(zip(result_names(func), returned.arguments, strict=True))


def ties(func: FuncOp) -> dict[int, int]:
    """The arguments of `func` that are state, each with the result that it is tied to, by number.

    The result of a run is the argument of the next one; a buffer is both. Raises VerifyException if
    there is no such result, if it is of another type, tied to two arguments, or another buffer.
    """
    names, results = argument_names(func), result_names(func)
    types, block = func.function_type, func.body.last_block
    end = block.last_op if block is not None else None
    found: dict[int, int] = {}
    for number, attributes in enumerate(func.arg_attrs or ()):
        if (tied := attributes.data.get(STATE)) is None:
            continue
        what = f'argument "{names[number]}" is state'
        if not isinstance(tied, StringAttr):
            raise fault(func, f"{what}, but {STATE} = {tied} is no name of a result")
        if tied.data not in results:
            near = suggestion(tied.data, results)
            hint = f": {near}" if near else ""
            raise fault(func, f'{what}, but there is no result "{tied.data}"{hint}')
        result = results.index(tied.data)
        one, other = types.inputs.data[number], types.outputs.data[result]
        if result in found.values():
            raise fault(func, f'{what}, but result "{tied.data}" is tied to another argument')
        if one != other:
            raise fault(func, f'{what} of type {one}, but result "{tied.data}" is {other}')
        lies = end.operands[result] if end is not None else None
        if isinstance(one, MemRefType) and lies != func.args[number]:
            raise fault(func, f'{what}, but result "{tied.data}" is another buffer')
        found[number] = result
    return found


def stated_constant(value: SSAValue) -> ConstantOp | None:
    """The constant in the text that `value` is, here or as what @weights returns; None if it is none."""
    owner = value.owner
    if isinstance(owner, ParameterOp):
        top = owner.get_toplevel_object()
        weights = function(top, "weights") if isinstance(top, ModuleOp) else None
        stored = results_by_name(weights).get(owner.result_name.data) if weights else None
        owner = stored.owner if stored is not None else owner
    return owner if isinstance(owner, ConstantOp) else None


def named(names: Iterable[str]) -> ArrayAttr[DictionaryAttr]:
    """The `arg_attrs` or `res_attrs` with `names`."""
    return ArrayAttr(DictionaryAttr({NAME: StringAttr(name)}) for name in names)


def dimension_names(func: FuncOp) -> list[list[str]]:
    """Per argument of `func` the name of each of its dimensions, "" for those without one."""
    attributes = func.arg_attrs or [DictionaryAttr({})] * len(func.args)
    return [
        [name.data for name in dims] if isinstance(dims := each.data.get(DIMS), ArrayAttr) else []
        for each in attributes
    ]


def _names(attributes: ArrayAttr[DictionaryAttr] | None, count: int, default: str) -> list[str]:
    names = [f"{default}{i}" for i in range(count)]
    for i, each in enumerate(attributes or ()):
        if isinstance(name := each.data.get(NAME), StringAttr):
            names[i] = name.data
    return names
