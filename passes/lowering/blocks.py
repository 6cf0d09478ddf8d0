"""The `dma.blocks` of one primitive: its schedule as a grid, its operands as slices."""

from __future__ import annotations

from xdsl.builder import Builder
from xdsl.dialects.builtin import AffineMapAttr, DenseArrayBase, IntegerAttr, i64
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineMap
from xdsl.rewriter import InsertPoint

from xnn.dialects.dma import LOCAL, BlocksOp, BufferOp, LoadOp, SliceInPlaceOp, StoreOp, buffer_type
from xnn.dialects.prim import Domain, MatmulOp, Primitive, element_type, shape
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import strides_of
from xnn.passes.schedule.local_memory import stays_whole
from xnn.runtime.engines.work import ATTRIBUTE, Work


class Blocks:
    """Builds the `dma.blocks` of a primitive on tensors, which has a schedule.

    `buffers`: the external buffer of each of its operands; `out`: that of its result; `work` is
    written down with it.
    """

    def __init__(
        self,
        node: Primitive,
        buffers: dict[SSAValue, SSAValue],
        out: SSAValue,
        work: Work,
        target: Target,
    ):
        assert node.schedule is not None
        self.node = node
        self.buffers = buffers
        self.out = out
        self.work = work
        self.target = target
        self.schedule = node.schedule
        domain, block = node.domain, _clamped(self.schedule.block, node.domain)
        counts = domain.counts(block)
        order = self.schedule.outermost.nest(len(domain.positions))
        self.loops = [dim for dim in order if counts[dim] > 1]
        self.grid = [counts[dim] for dim in self.loops]
        self.reduce = counts[3] > 1
        self.slices = node.slices(block)

    def build(self) -> BlocksOp:
        """The operation, not inserted yet."""
        body = Block()
        builder = Builder(InsertPoint.at_end(body))
        *inputs, result = self.slices
        operands = [self._load(builder, each) for each in inputs]
        buffer = BufferOp.build(
            properties={"slots": self._slots(result)}, result_types=[self._local_type(result)]
        )
        builder.insert(buffer)
        builder.insert(self._on_buffers(operands, self._sums(builder, result), buffer.result))
        store = StoreOp.build(
            operands=[buffer.result, self.out], properties=self._window_properties(result)
        )
        builder.insert(store)
        blocks = BlocksOp(self.node.result_name.data, self.grid, self.reduce, Region(body))
        blocks.attributes[ATTRIBUTE] = self.work.attribute()
        return blocks

    def _sums(self, builder: Builder, result: Slice) -> list[SSAValue]:
        """A buffer for partial sums, if there are any and the result's cannot hold them."""
        node = self.node
        if not self.reduce or not node.needs_sums:
            return []
        assert isinstance(node, MatmulOp)
        type = buffer_type(result.sizes, node.accumulator_type, LOCAL)
        buffer = BufferOp.build(properties={"slots": IntegerAttr(1, i64)}, result_types=[type])
        builder.insert(buffer)
        return [buffer.result]

    def _on_buffers(
        self, operands: list[SSAValue], sums: list[SSAValue], out: SSAValue
    ) -> Primitive:
        """The primitive on local buffers; slices come in the order lhs, rhs, pre, post."""
        node = self.node
        factors = len(node.factors)
        *lhs, rhs = operands[:factors]
        end = factors + len(node.pre_operands)
        inputs = (*lhs, sums, rhs) if lhs else (rhs,)
        properties = {k: v for k, v in node.properties.items() if not k.endswith("SegmentSizes")}
        new = type(node).build(
            operands=[*inputs, operands[factors:end], operands[end:], [out]],
            properties=properties,
            regions=[node.pre.clone(), node.post.clone()],
            result_types=[[]],
        )
        new.location = node.location
        return new

    def _load(self, builder: Builder, window: Slice) -> SSAValue:
        if self._moves(window) and stays_whole(window, self.target):
            return self._window_of_whole(builder, window)
        load = LoadOp.build(
            operands=[self.buffers[window.value]],
            properties={**self._window_properties(window), "slots": self._slots(window)},
            result_types=[self._local_type(window)],
        )
        builder.insert(load)
        return load.result

    def _window_of_whole(self, builder: Builder, window: Slice) -> SSAValue:
        """Loads the whole operand once; its window is used where it lies."""
        sizes, element = shape(window.value), element_type(window.value)
        origin = AffineMap(len(self.loops), 0, (AffineConstantExpr(0),) * len(sizes))
        whole = LoadOp.build(
            operands=[self.buffers[window.value]],
            properties={
                "offsets": AffineMapAttr(origin),
                "sizes": DenseArrayBase.from_list(i64, list(sizes)),
                "slots": IntegerAttr(1, i64),
            },
            result_types=[buffer_type(sizes, element, LOCAL)],
        )
        builder.insert(whole)
        strides = strides_of(buffer_type(sizes, element, LOCAL))
        part = SliceInPlaceOp.build(
            operands=[whole.result],
            properties=self._window_properties(window),
            result_types=[buffer_type(window.sizes, element, LOCAL, strides)],
        )
        builder.insert(part)
        return part.result

    def _slots(self, window: Slice) -> IntegerAttr:
        return IntegerAttr(self.schedule.slots if self._moves(window) else 1, i64)

    def _moves(self, window: Slice) -> bool:
        return any(dim in window.moving for dim in self.loops)

    def _local_type(self, window: Slice) -> Attribute:
        return buffer_type(window.sizes, element_type(window.value), LOCAL)

    def _window_properties(self, window: Slice) -> dict[str, Attribute]:
        offsets = tuple(axis.offset(self.loops) for axis in window.axes)
        return {
            "offsets": AffineMapAttr(AffineMap(len(self.loops), 0, offsets)),
            "sizes": DenseArrayBase.from_list(i64, window.sizes),
        }


def _clamped(block: Domain, domain: Domain) -> Domain:
    """A block no larger than the domain."""
    pairs = zip(block.sizes, domain.sizes, strict=True)
    return Domain.of_sizes([min(part, size) for part, size in pairs])
