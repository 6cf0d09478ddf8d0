"""The pass `prim-expand-tiles`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    i64,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import MatmulOp, Order, YieldOp, element_type, shape
from xnn.dialects.prim.tiles import (
    AccumulatorsOp,
    LhsTileOp,
    MultiplyTileOp,
    RhsTileOp,
    WriteTileOp,
)
from xnn.dialects.target import Target
from xnn.runtime.engines.matmul import Product, tiles
from xnn.runtime.targets import DEFAULT_TARGET, load_target


class _Expansion:
    """The loops of one product, written in front of it."""

    def __init__(self, node: MatmulOp, n: int):
        schedule = node.schedule
        self.order = schedule.order if schedule is not None else Order.OUTPUT_STATIONARY
        self.groups_per_tile = schedule.groups_per_tile if schedule is not None else 1
        self.node, self.n = node, n
        self.product = Product.of(node.domain, node.window.taps, node.shared).block_diagonal(
            self.groups_per_tile
        )
        self._builder = Builder(InsertPoint.before(node))
        out = node.out
        alloc = memref.AllocOp.get(element_type(out), shape=shape(out))
        self.out = self._value(alloc, "out")
        self._constants = Builder(InsertPoint.before(alloc))
        self._indices: dict[int, SSAValue] = {}

    def run(self) -> ToTensorOp:
        """Write the loops; the operation that gives the result comes last."""
        nests = {
            Order.OUTPUT_STATIONARY: self._output_stationary,
            Order.RHS_STATIONARY: self._rhs_stationary,
            Order.LHS_STATIONARY: self._lhs_stationary,
        }
        count = self.node.window.groups if self.groups_per_tile else 1
        with self._loop("group", count, max(1, self.groups_per_tile)) as group:
            nests[self.order](group)
        return self._builder.insert(ToTensorOp(self.out, restrict=True))

    def _output_stationary(self, group: SSAValue) -> None:
        """A tile of the result stays while columns and rows of k stream past it."""
        p, n, zero = self.product, self.n, self._index(0)
        with self._loop("row", p.m, n) as row, self._loop("column", p.columns, n) as column:
            sums = self._accumulators(n, n)
            with self._loop("tap", p.k, n) as tap:
                lhs, rhs = self._lhs(group, row, tap), self._rhs(group, tap, column)
                self._multiply(lhs, rhs, sums, zero, zero)
            self._write(sums, (zero, zero), (group, row, column))

    def _rhs_stationary(self, group: SSAValue) -> None:
        """A tile of the rhs stays while the rows of the lhs stream."""
        p, n, zero = self.product, self.n, self._index(0)
        with self._loop("column", p.columns, n) as column:
            sums = self._accumulators(tiles(p.m, n) * n, n)
            with self._loop("tap", p.k, n) as tap:
                rhs = self._rhs(group, tap, column)
                with self._loop("row", p.m, n) as row:
                    lhs = self._lhs(group, row, tap)
                    self._multiply(lhs, rhs, sums, row, zero)
            with self._loop("row", p.m, n) as row:
                self._write(sums, (row, zero), (group, row, column))

    def _lhs_stationary(self, group: SSAValue) -> None:
        """A tile of the lhs stays while the columns of the rhs stream."""
        p, n, zero = self.product, self.n, self._index(0)
        with self._loop("row", p.m, n) as row:
            sums = self._accumulators(n, tiles(p.columns, n) * n)
            with self._loop("tap", p.k, n) as tap:
                lhs = self._lhs(group, row, tap)
                with self._loop("column", p.columns, n) as column:
                    rhs = self._rhs(group, tap, column)
                    self._multiply(lhs, rhs, sums, zero, column)
            with self._loop("column", p.columns, n) as column:
                self._write(sums, (zero, column), (group, row, column))

    def _lhs(self, group: SSAValue, row: SSAValue, tap: SSAValue) -> SSAValue:
        node = self.node
        properties: dict[str, Attribute] = {
            "groups": IntegerAttr(node.window.groups, i64),
            "groups_per_tile": IntegerAttr(self.groups_per_tile, i64),
        }
        if node.shared:
            properties["shared"] = UnitAttr()
        if node.packed is not None:
            properties["packed"] = node.packed
        type = TensorType(node.lhs_type, (self.n, self.n))
        operands = [node.lhs, group, row, tap]
        tile = LhsTileOp.build(operands=operands, properties=properties, result_types=[type])
        return self._value(tile, "lhs")

    def _rhs(self, group: SSAValue, tap: SSAValue, column: SSAValue) -> SSAValue:
        node = self.node
        properties: dict[str, Attribute] = {
            "window": node.window,
            "groups_per_tile": IntegerAttr(self.groups_per_tile, i64),
        }
        if node.pre_indexing_maps is not None:
            properties["pre_indexing_maps"] = node.pre_indexing_maps
        type = TensorType(_yielded(node.pre, element_type(node.rhs)), (self.n, self.n))
        tile = RhsTileOp.build(
            operands=[node.rhs, group, tap, column, node.pre_operands],
            properties=properties,
            regions=[node.pre.clone()],
            result_types=[type],
        )
        return self._value(tile, "rhs")

    def _accumulators(self, rows: int, columns: int) -> SSAValue:
        post = self.node.post
        element = post.block.args[0].type if post.blocks else element_type(self.node.out)
        type = MemRefType(element, (rows, columns))
        return self._value(AccumulatorsOp.build(result_types=[type]), "sums")

    def _multiply(self, lhs: SSAValue, rhs: SSAValue, sums: SSAValue, *at: SSAValue) -> None:
        self._builder.insert(MultiplyTileOp.build(operands=[lhs, rhs, sums, *at]))

    def _write(
        self, sums: SSAValue, at: tuple[SSAValue, SSAValue], to: tuple[SSAValue, ...]
    ) -> None:
        node = self.node
        names = ("name", "layers", "post_indexing_maps")
        kept = {k: v for k, v in node.properties.items() if k in names}
        properties = {
            **kept,
            "size": IntegerAttr(self.n, i64),
            "groups": IntegerAttr(node.window.groups, i64),
            "groups_per_tile": IntegerAttr(self.groups_per_tile, i64),
        }
        write = WriteTileOp.build(
            operands=[sums, *at, self.out, *to, node.post_operands],
            properties=properties,
            regions=[node.post.clone()],
        )
        write.location = node.location
        self._builder.insert(write)

    @contextmanager
    def _loop(self, index: str, size: int, step: int) -> Iterator[SSAValue]:
        """What is written meanwhile stands in a loop over 0, `step`, ... below `size`."""
        lower, upper, by = self._index(0), self._index(size), self._index(step)
        block = Block(arg_types=[IndexType()])
        block.args[0].name_hint = index
        self._builder.insert(scf.ForOp(lower, upper, by, [], block))
        outside, self._builder = self._builder, Builder(InsertPoint.at_end(block))
        yield block.args[0]
        self._builder.insert(scf.YieldOp())
        self._builder = outside

    def _index(self, value: int) -> SSAValue:
        """The constant `value`, in front of the loops."""
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


def _yielded(region: Region, element: Attribute) -> Attribute:
    """Element type behind a scalar region, which may be empty."""
    if not region.blocks:
        return element
    end = region.block.last_op
    assert isinstance(end, YieldOp)
    return end.operands[0].type


@dataclass(frozen=True)
class PrimExpandTiles(ModulePass):
    """Shows the loops over n x n tiles that a matrix product is: its meaning and its tile count.

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
        if self.n is None and not Target.has(op):
            load_target(DEFAULT_TARGET).attach(op)
        for node in self._chosen(op):
            n = self.n or Target.of(op).matmul_n(node.precision)
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
        chosen = [op for op in nodes if op.result_name.data == self.node]
        if not chosen:
            names = ", ".join(op.result_name.data for op in nodes) or "none"
            raise UserError(
                f"{self.name}: there is no prim.matmul '{self.node}' on tensors",
                hint=f"there are: {names}",
            )
        return chosen
