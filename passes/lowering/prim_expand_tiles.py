"""The pass `prim-expand-tiles`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.bufferization import ToTensorOp
from xdsl.dialects.builtin import (
    IndexType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    TensorType,
    UnitAttr,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import MatmulOp, Order, element_type, shape
from xnn.dialects.prim.tiles import (
    AccumulatorsOp,
    LhsTileOp,
    MultiplyTileOp,
    RhsTileOp,
    WriteTileOp,
)
from xnn.dialects.prim.tiling import Product, tiles
from xnn.dialects.xnn.operation import integer
from xnn.runtime.targets import target_of

KEPT: dict[Order, tuple[str, ...]] = {
    Order.OUTPUT_STATIONARY: ("row", "column"),
    Order.RHS_STATIONARY: ("column",),
    Order.LHS_STATIONARY: ("row",),
}
"""The loops around that over taps, outermost first; the others of row and column stand in it."""


class _Expansion:
    """The loops of one product, written before it."""

    def __init__(self, node: MatmulOp, n: int):
        schedule = node.schedule
        self.kept = KEPT[Order.OUTPUT_STATIONARY if schedule is None else schedule.order]
        self.groups_per_tile = schedule.groups_per_tile if schedule is not None else 1
        self.node, self.n = node, n
        form = node.form._replace(output_phases=1)
        product = Product.of(node.domain, node.window, form)
        self.taps = int(product.k)
        self.sizes = {"row": int(product.m), "column": int(product.columns)}
        self.groups: dict[str, Attribute] = {
            "groups": integer(node.window.groups),
            "groups_per_tile": integer(self.groups_per_tile),
        }
        self._builder = Builder(InsertPoint.before(node))
        alloc = memref.AllocOp.get(element_type(node.out), shape=shape(node.out))
        self.out = self._value(alloc, "out")
        self._constants = Builder(InsertPoint.before(alloc))
        self._indices: dict[int, SSAValue] = {}
        self.at: dict[str, SSAValue] = {}
        """The indices of the loops around the builder."""

    def run(self) -> ToTensorOp:
        """Writes the loops; returns the operation that makes the result a tensor."""
        count = self.node.window.groups if self.groups_per_tile else 1
        with self._loop("group", count, max(1, self.groups_per_tile)), self._loops(self.kept):
            self._kept_tile()
        return self._builder.insert(ToTensorOp(self.out, restrict=True))

    def _kept_tile(self) -> None:
        """All that a kept tile is for: products with what streams past it, and their sums."""
        streamed = [name for name in self.sizes if name not in self.kept]
        sums = self._accumulators(
            *(tiles(size, self.n) * self.n if name in streamed else self.n
              for name, size in self.sizes.items())
        )  # fmt: skip
        with self._loop("tap", self.taps, self.n):
            lhs = self._lhs() if "row" in self.kept else None
            rhs = self._rhs() if "column" in self.kept else None
            with self._loops(streamed):
                factors = [lhs or self._lhs(), rhs or self._rhs()]
                multiply = MultiplyTileOp.build(operands=[*factors, sums, *self._place()])
                self._builder.insert(multiply)
        with self._loops(streamed):
            self._write(sums)

    def _place(self) -> list[SSAValue]:
        """Where the tile of the result lies in the accumulators."""
        return [self._index(0) if name in self.kept else self.at[name] for name in self.sizes]

    def _lhs(self) -> SSAValue:
        node, properties = self.node, dict(self.groups)
        if node.shared:
            properties["shared"] = UnitAttr()
        if node.packed is not None:
            properties["packed"] = node.packed
        tile = LhsTileOp.build(
            operands=[node.lhs, *(self.at[name] for name in ("group", "row", "tap"))],
            properties=properties,
            result_types=[TensorType(node.lhs_type, (self.n, self.n))],
        )
        return self._value(tile, "lhs")

    def _rhs(self) -> SSAValue:
        node = self.node
        properties = {"window": node.window, "groups_per_tile": self.groups["groups_per_tile"]}
        if node.pre_indexing_maps is not None:
            properties["pre_indexing_maps"] = node.pre_indexing_maps
        at = [self.at[name] for name in ("group", "tap", "column")]
        tile = RhsTileOp.build(
            operands=[node.rhs, *at, node.pre_operands],
            properties=properties,
            regions=[node.pre.clone()],
            result_types=[TensorType(node.streamed_type, (self.n, self.n))],
        )
        return self._value(tile, "rhs")

    def _accumulators(self, rows: int, columns: int) -> SSAValue:
        type = MemRefType(self.node.accumulator_type, (rows, columns))
        return self._value(AccumulatorsOp.build(result_types=[type]), "sums")

    def _write(self, sums: SSAValue) -> None:
        node, names = self.node, ("name", "layers", "post_indexing_maps")
        kept = {k: v for k, v in node.properties.items() if k in names}
        at = [self.at[name] for name in ("group", "row", "column")]
        write = WriteTileOp.build(
            operands=[sums, *self._place(), self.out, *at, node.post_operands],
            properties={**kept, **self.groups, "size": integer(self.n)},
            regions=[node.post.clone()],
        )
        write.location = node.location
        self._builder.insert(write)

    @contextmanager
    def _loops(self, names: Iterable[str]) -> Iterator[None]:
        """What is written meanwhile stands in loops over rows and columns of tiles."""
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(self._loop(name, self.sizes[name], self.n))
            yield

    @contextmanager
    def _loop(self, index: str, size: int, step: int) -> Iterator[None]:
        """What is written meanwhile stands in a loop over 0, `step`, ... below `size`."""
        lower, upper, by = self._index(0), self._index(size), self._index(step)
        block = Block(arg_types=[IndexType()])
        block.args[0].name_hint = index
        self._builder.insert(scf.ForOp(lower, upper, by, [], block))
        outside, self._builder = self._builder, Builder(InsertPoint.at_end(block))
        self.at[index] = block.args[0]
        yield
        self._builder.insert(scf.YieldOp())
        self._builder = outside

    def _index(self, value: int) -> SSAValue:
        """The constant `value`, before the loops."""
        if value not in self._indices:
            constant = arith.ConstantOp(IntegerAttr(value, IndexType()))
            constant.result.name_hint = f"c{value}"
            self._constants.insert(constant)
            self._indices[value] = constant.result
        return self._indices[value]

    def _value(self, op: Operation, hint: str) -> SSAValue:
        self._builder.insert(op)
        op.results[0].name_hint = hint
        return op.results[0]


@dataclass(frozen=True)
class PrimExpandTiles(ModulePass):
    """Shows the loops over n x n tiles that a matrix product is: its semantics and its tile count.

    ```mlir
    %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<6x8xf32>, tensor<5x8xf32>) window <>
      -> tensor<5x6xf32>
    ```
    becomes, with n = 4, and without what is 1 or empty
    ```mlir
    %out = memref.alloc() : memref<5x6xf32>
    scf.for %group = %c0 to %c1 step %c1 {
      scf.for %row = %c0 to %c6 step %c4 {
        scf.for %column = %c0 to %c5 step %c4 {
          %sums = prim.accumulators : memref<4x4xf32>
          scf.for %tap = %c0 to %c8 step %c4 {
            %lhs = prim.lhs_tile %w[%group, %row, %tap] : ...
            %rhs = prim.rhs_tile %x[%group, %tap, %column] window <> : ...
            prim.multiply_tile %lhs, %rhs, %sums[%c0, %c0] : ...
          }
          prim.write_tile "y" %sums[%c0, %c0] size 4 to %out[%group, %row, %column] : ...
        }
      }
    }
    %y = bufferization.to_tensor %out restrict : memref<5x6xf32> to tensor<5x6xf32>
    ```

    The loops follow `order` and `groups_per_tile` of the schedule, without one output-stationary and 1, over the
    whole domain. n is the option `n`, or that of the target for the element type (a module without a
    target gets `edge`); `node` expands only the node of that name. The result is to be read and to be
    run: nothing is lowered from it. A kept tile (output-stationary: `prim.accumulators`,
    rhs-stationary: `prim.rhs_tile`, lhs-stationary: `prim.lhs_tile`) takes max(s, n) cycles, where s is the
    length of what streams past it: k, m or columns.
    """

    name = "prim-expand-tiles"

    node: str | None = None
    n: int | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.n is not None and self.n < 1:
            raise UserError(f"{self.name}: n must be positive, not {self.n}")
        for node in self._chosen(op):
            n = self.n or target_of(op).matmul_n(node.precision)
            result = _Expansion(node, n).run()
            assert node.result is not None
            result.tensor.name_hint = node.result.name_hint
            result.location = node.location
            Rewriter.replace_op(node, [], [result.tensor])

    def _chosen(self, module: ModuleOp) -> list[MatmulOp]:
        """The matrix products on tensors that are to be expanded."""
        nodes = [op for op in module.walk() if isinstance(op, MatmulOp) and op.result is not None]
        if self.node is None:
            return nodes
        chosen = [op for op in nodes if op.shown_name == self.node]
        if not chosen:
            names = ", ".join(op.result_name.data for op in nodes) or "none"
            raise UserError(
                f"{self.name}: there is no prim.matmul '{self.node}' on tensors",
                hint=f"there are: {names}",
            )
        return chosen
