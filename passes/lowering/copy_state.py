"""The pass `copy-state`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.names import part_name
from xnn.dialects.prim import TransferOp, shape
from xnn.dialects.prim.transfers import COPY
from xnn.dialects.xnn.interface import main_function, result_names, ties
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.fusion.views import source_of
from xnn.passes.lowering.homes import homes


def _copy(main: FuncOp, returned: Operation, number: int, part: str) -> SSAValue:
    """Returns a copy of a result in its place: a transfer after all other nodes."""
    value = returned.operands[number]
    copy = TransferOp.create(
        operands=[value],
        properties={
            "name": StringAttr(part_name(result_names(main)[number], part)),
            "operator": StringAttr(COPY),
            "offset": integer(0),
            "sizes": integers([prod(shape(value))]),
            "strides": integers([1]),
        },
        result_types=[value.type],
    )
    copy.location = main.location
    Rewriter.insert_op(copy, InsertPoint.before(returned))
    returned.operands[number] = copy.result
    return copy.result


@dataclass(frozen=True)
class CopyState(ModulePass):
    """Copies the new values of state that cannot be made where the old ones lie, after all that reads those.

    ```mlir
    func.func @main(%old : tensor<1x8xf32> {xnn.name = "old", xnn.state = "new"}, ...) -> (...) {
      %new = prim.map "new" "relu" ...
      %y = prim.map "y" "add" ins(%new : ...) post [...] (%old : ...) ...
      func.return %new, %y : ...
    ```
    becomes
    ```mlir
      %new = prim.map "new" "relu" ...
      %y = prim.map "y" "add" ins(%new : ...) post [...] (%old : ...) ...
      %0 = prim.transfer "new#copy" "copy" %new offset 0 sizes [8] strides [1] : ...
      func.return %0, %y : ...
    ```
    What is returned of an argument that gets another value is copied before.
    """

    name = "copy-state"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        main = main_function(op)
        if not (tied := ties(main)):
            return
        returned = main.body.block.last_op
        assert returned is not None
        olds: dict[SSAValue, int] = {
            main.args[argument]: number for argument, number in tied.items()
        }
        changing = {
            old: number
            for old, number in olds.items()
            if source_of(returned.operands[number]) != old
        }
        for number, value in enumerate(list(returned.operands)):
            if changing.get(source_of(value), number) != number:
                _copy(main, returned, number, "old")
        for old, number in changing.items():
            if homes(main).get(source_of(returned.operands[number])) != old:
                _copy(main, returned, number, "copy")
