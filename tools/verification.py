"""Verification whose errors say where: an operation and its place, never the whole module."""

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.ir.post_order import PostOrderIterator
from xdsl.irdl.dominance import DominanceInfo
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import InvalidOperation, UserError, fault, location_of, one_line

Failure = tuple[Operation, VerifyException]

GRAPH_REGIONS = ("builtin.module", "hw.module")
"""Operations with graph regions, whose operations have no order."""


def verify(module: ModuleOp, *, after: str | None = None) -> None:
    """Verify `module`; raises UserError with the place of the first operation that fails.

    What a level does not allow is a fault only where the module says its level: others may hold
    anything. `after` names what has just run, if anything has: "pass cse", say.
    """
    from xnn.dialects.legality import misplaced
    from xnn.dialects.levels import ATTRIBUTE  # --help need not wait for it

    try:
        module.verify()
        failure = next(_undefined(module.body, set(), True), None)
        if failure is None:
            failure = next(_untied(module), None)
        if failure is None and ATTRIBUTE in module.attributes:
            failure = next(misplaced(module), None)
        if failure is None and after is None:  # passes evaluate the slices that they make
            failure = next(_misfits(module), None)
    except VerifyException as error:
        failure = _first_failure(module) or (module, error)
    if failure is not None:
        raise _user_error(failure, f" (after {after})" if after else "")


def _untied(module: ModuleOp) -> Iterator[Failure]:
    """@main, if an argument that is state is tied to no result that fits it."""
    from xnn.dialects.xnn.interface import ties  # --help need not wait for it

    for op in module.body.block.ops:
        if isinstance(op, FuncOp) and op.sym_name.data == "main":
            try:
                ties(op)
            except VerifyException as error:
                yield op, error


def _misfits(module: ModuleOp) -> Iterator[Failure]:
    """Slices at the memory level that do not hold what their blocks need, and an order that cannot be."""
    for op in module.walk():
        if op.name in ("dma.blocks", "dma.order"):
            from xnn.dialects.dma import BlocksOp, OrderOp
            from xnn.dialects.dma.layer_blocks import layer_blocks
            from xnn.dialects.dma.sequence import expand_order

            try:
                if isinstance(op, BlocksOp):
                    layer_blocks(op)
                elif isinstance(op, OrderOp) and isinstance(main := op.parent_op(), FuncOp):
                    expand_order(main, op)
            except InvalidOperation as error:
                yield error.op, error


def verify_level(module: ModuleOp) -> None:
    """Raises UserError for what the level of a module that is about to run does not allow."""
    from xnn.dialects.legality import misplaced
    from xnn.dialects.levels import ATTRIBUTE

    if (failure := next(misplaced(module), None)) is not None:
        hint = None
        if ATTRIBUTE not in module.attributes:
            hint = f"other levels are named: module attributes {{{ATTRIBUTE} = #xnn<level dma>}}"
        raise _user_error(failure, hint=hint)


def _user_error(failure: Failure, more: str = "", hint: str | None = None) -> UserError:
    op, error = failure
    if isinstance(error, InvalidOperation):
        op = error.op
    text = one_line(error)
    message = text if text.startswith(op.name) else str(fault(op, text))
    return UserError(message + more, location=location_of(op), hint=hint)


def _first_failure(op: Operation) -> Failure | None:
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


def _undefined(region: Region, defined: set[SSAValue], is_graph: bool) -> Iterator[Failure]:
    """Uses in `region` of values whose definition does not come before: xDSL verifies no dominance.

    `defined`: the values that are defined where its operation stands.
    """
    if (entry := region.first_block) is None:
        return
    dominance = DominanceInfo(region) if entry.next_block is not None else None
    for block in PostOrderIterator(entry):  # those that are reached: no other matters
        dominating = [] if dominance is None else region.blocks
        before = [b for b in dominating if dominance and dominance.strictly_dominates(b, block)]
        values = set(_values(block))
        visible = {*block.args, *(value for each in before for value in _values(each))}
        defined |= visible | values if is_graph else visible
        for op in block.ops:
            if not defined.issuperset(op.operands):
                yield from _undefined_operands(op, defined)
            for inner in op.regions:
                yield from _undefined(inner, defined, op.name in GRAPH_REGIONS)
            defined.update(op.results)
        defined -= visible | values


def _undefined_operands(op: Operation, defined: set[SSAValue]) -> Iterator[Failure]:
    for number, operand in enumerate(op.operands):
        if operand not in defined:
            name = f" (%{operand.name_hint})" if operand.name_hint else ""
            yield op, fault(op, f"operand {number}{name} is used before its definition")


def _values(block: Block) -> Iterator[SSAValue]:
    yield from block.args
    for op in block.ops:
        yield from op.results
