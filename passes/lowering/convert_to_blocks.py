"""The pass `convert-to-blocks`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import (
    FunctionType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects import Level, xnn
from xnn.dialects.diagnostics import UserError, location_of
from xnn.dialects.dma import (
    EXTERNAL,
    LOCAL,
    AllocOp,
    ParameterOp,
    RingOp,
    ViewOp,
    buffer_type,
    is_local,
    root_of,
)
from xnn.dialects.legality import TILE_LOOPS
from xnn.dialects.levels import has_reached, set_level
from xnn.dialects.names import shown_name
from xnn.dialects.prim import DataMovement, GatherOp, GeneralOp, PlaceOp, Primitive
from xnn.dialects.prim import ViewOp as TensorViewOp
from xnn.dialects.prim.node import RING_DIM, FeatureMapOp, NamedOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape, strides_of
from xnn.dialects.xnn.interface import argument_names, main_function, ties
from xnn.dialects.xnn.operation import integer
from xnn.passes.fusion.views import source_of
from xnn.passes.lowering.blocks import Blocks, tensor_buffer
from xnn.passes.lowering.homes import homes
from xnn.passes.lowering.places import Places, layout_of
from xnn.passes.lowering.transfer_blocks import transfer_blocks
from xnn.runtime.engines.work import ATTRIBUTE, general_work, primitive_work, transfer_work


class _Lowering:
    """Converts one function."""

    def __init__(self, main: func.FuncOp, target: Target):
        self.main = main
        self.target = target
        self.block = main.body.block
        self.constants = xnn.ConstantExpressions()
        self.buffers: dict[SSAValue, SSAValue] = {}
        self.homes = homes(main)
        self.tied = self._tied()
        self.places = Places(self.block)
        for op, number in self.places.others:
            raise UserError(
                f'part {number} of "{op.shown_name}" cannot be made where it lies',
                hint="run --copy-parts first",
            )

    def run(self) -> None:
        old = list(self.block.ops)
        for argument in list(self.block.args):
            new = self.block.insert_arg(tensor_buffer(argument.type), argument.index)
            new.name_hint = argument.name_hint
            self.buffers[argument] = new
        for node in old:
            self.builder = Builder(InsertPoint.before(node))
            self._lower(node)
        for node in reversed(old):
            node.detach()
            node.erase(safe_erase=False)
        for argument in [a for a in self.block.args if a in self.buffers]:
            self.block.erase_arg(argument, safe_erase=False)
        returned = self.block.last_op
        assert isinstance(returned, func.ReturnOp)
        self.main.function_type = FunctionType.from_lists(
            [argument.type for argument in self.block.args],
            [value.type for value in returned.arguments],
        )

    def _tied(self) -> dict[int, SSAValue]:
        """Results, by number, that lie where an argument does; raises UserError for one that cannot."""
        returned = self.block.last_op
        assert returned is not None
        result: dict[int, SSAValue] = {}
        for argument, number in ties(self.main).items():
            value, old = source_of(returned.operands[number]), self.main.args[argument]
            if value != old and self.homes.get(value) != old:
                name = shown_name(argument_names(self.main)[argument])
                raise UserError(
                    f"the new value of state '{name}' cannot be made where the old one lies",
                    hint="run --copy-state first",
                )
            result[number] = old
        return result

    def _lower(self, node: Operation) -> None:
        if isinstance(node, func.ReturnOp):
            values = [self.buffers[self.tied.get(i, v)] for i, v in enumerate(node.arguments)]
            self._require_external(values, "leaves the network")
            self._insert(func.ReturnOp(*values), node)
        elif isinstance(node, xnn.ParameterOp):
            properties: dict[str, Attribute] = {"name": node.result_name}
            types = [tensor_buffer(node.result.type)]
            parameter = ParameterOp.build(properties=properties, result_types=types)
            self.buffers[node.result] = self._insert(parameter, node).results[0]
        elif isinstance(node, TensorViewOp):
            self.buffers[node.result] = self._viewed(node)
        elif isinstance(node, PlaceOp):
            self._buffer(node.result, node.result_name.data)
        elif isinstance(node, GeneralOp):
            self._general(node)
        elif isinstance(node, Primitive | DataMovement):
            self._blocks(node)
        else:
            hint = (
                "write level xnn if nothing is lowered yet; or first run "
                "--convert-to-primitives --hoist-weights --wrap-general --choose-schedules"
            )
            if node.dialect_name() in TILE_LOOPS:
                hint = "tile loops run at level prim only: leave out --prim-expand-tiles"
            raise UserError(
                f"{node.name} has no form at the memory level",
                hint=hint,
            )

    def _require_external(self, buffers: Iterable[SSAValue], why: str) -> None:
        """Raises UserError for a local one among buffers that something else than blocks of nodes uses."""
        for buffer in buffers:
            if is_local(buffer) and isinstance(alloc := root_of(buffer).owner, AllocOp):
                raise UserError(
                    f'layer "{alloc.shown_name}": its result cannot be local, for it {why}',
                    location=location_of(alloc),
                )

    def _insert(self, new: Operation, old: Operation) -> Operation:
        new.location = old.location
        self.builder.insert(new)
        return new

    def _view(
        self,
        source: SSAValue,
        offset: int,
        type: Attribute,
        strides: tuple[int, ...] | None = None,
    ) -> SSAValue:
        assert isinstance(source.type, MemRefType)
        view = ViewOp.build(
            operands=[source],
            properties={"offset": IntegerAttr(offset, i64)},
            result_types=[tensor_buffer(type, source.type.memory_space, strides)],
        )
        self.builder.insert(view)
        return view.result

    def _buffer(self, value: SSAValue, name: str) -> SSAValue:
        """The buffer that a value is produced in: one of its own, or its place in another."""
        if value not in self.buffers:
            if value in self.homes:
                self.buffers[value] = self._at_home(value, self.buffers[self.homes[value]])
            elif value in self.places.whole:
                whole, _ = self.places.whole[value]
                assert isinstance(whole.owner, PlaceOp)
                buffer = self._buffer(whole, whole.owner.result_name.data)
                self.buffers[value] = self._part(buffer, value, whole)
            else:
                properties: dict[str, Attribute] = {"name": StringAttr(name)}
                assert isinstance(node := value.owner, NamedOp)
                local = isinstance(node, FeatureMapOp) and node.local is not None
                space = LOCAL if local else EXTERNAL
                type = whole = tensor_buffer(value.type, space, layout_of(value))
                ring = node if isinstance(node, Primitive) and node.rows is not None else None
                if ring is not None:
                    _require_ring_users(ring)
                    type = buffer_type(ring.buffer_sizes, whole.element_type, space)
                alloc = AllocOp.build(properties=properties, result_types=[type])
                alloc.location = node.location
                self.buffers[value] = self.builder.insert(alloc).result
                if ring is not None:
                    self.buffers[value] = self._ring(alloc.result, whole)
        return self.buffers[value]

    def _at_home(self, value: SSAValue, buffer: SSAValue) -> SSAValue:
        """The buffer of another value, as one of this value."""
        assert isinstance(buffer.type, MemRefType)
        strides = strides_of(buffer.type) if shape(buffer) == shape(value) else None
        type = tensor_buffer(value.type, buffer.type.memory_space, strides)
        return buffer if type == buffer.type else self._view(buffer, 0, value.type, strides)

    def _ring(self, buffer: SSAValue, whole: MemRefType) -> SSAValue:
        """The map some of whose rows lie in a buffer."""
        properties: dict[str, Attribute] = {"dim": integer(RING_DIM)}
        ring = RingOp.build(operands=[buffer], properties=properties, result_types=[whole])
        return self.builder.insert(ring).result

    def _viewed(self, node: TensorViewOp) -> SSAValue:
        """The buffer of a view: elements of that of its source, or of the one that has padded planes."""
        root = self.places.buffer_of(node.result)
        if layout_of(root) == dense_strides(shape(root)):
            return self._view(self.buffers[node.source], node.start, node.result.type)
        return self._part(self.buffers[root], node.result, root)

    def _part(self, buffer: SSAValue, value: SSAValue, whole: SSAValue) -> SSAValue:
        """The view of a value that lies in the buffer of another one."""
        if (place := self.places.place_of(value)) is None:
            assert isinstance(whole.owner, NamedOp)
            raise UserError(
                f'layer "{whole.owner.shown_name}": its result cannot have a pitch, for {value.type} lies in it',
                location=location_of(whole.owner),
            )
        offset, strides = place
        return self._view(buffer, offset, value.type, strides)

    def _general(self, node: GeneralOp) -> None:
        out = self._buffer(node.out, node.result_name.data)
        work = general_work(node, self.constants, self.target)
        inputs = [self.buffers[value] for value in node.inputs]
        used = f'is used by general compute, layer "{node.shown_name}"'
        self._require_external([*inputs, out], used)
        new = GeneralOp.build(
            operands=[inputs, [out]],
            properties={k: v for k, v in node.properties.items() if k in ("name", "layers")},
            regions=[node.body.clone()],
            result_types=[[]],
            attributes={**node.attributes, ATTRIBUTE: work.attribute()},
        )
        self._insert(new, node)

    def _blocks(self, node: Primitive | DataMovement) -> None:
        if node.schedule is None:
            raise UserError(
                f'layer "{node.shown_name}" has no schedule',
                hint="run --choose-schedules first",
            )
        out = self._buffer(node.out, node.result_name.data)
        if isinstance(node, GatherOp):
            read = f'is read by an indexed transfer, layer "{node.shown_name}"'
            self._require_external([self.buffers[value] for value in node.operands], read)
        if isinstance(node, DataMovement):
            work = transfer_work(node, self.constants)
            blocks = transfer_blocks(node, self.buffers, out, self.builder)
        else:
            work = primitive_work(node, self.constants, self.target)
            blocks = Blocks(node, self.buffers, out, self.target, node.schedule).build()
        blocks.attributes[ATTRIBUTE] = work.attribute()
        self._insert(blocks, node)


def _require_ring_users(node: Primitive) -> None:
    """Raises UserError if something else than blocks of primitives uses a result of which some rows exist."""
    for use in node.out.uses:
        if not isinstance(user := use.operation, Primitive):
            name = f'"{user.shown_name}"' if isinstance(user, NamedOp) else "the outside"
            raise UserError(
                f'layer "{node.shown_name}": its result cannot lie in a ring of rows, for {name} needs it whole',
                location=location_of(node),
            )


def lower_to_blocks(main: func.FuncOp, target: Target) -> None:
    """Converts a function on tensors; raises UserError for what has no form at the memory level."""
    _Lowering(main, target).run()


@dataclass(frozen=True)
class ConvertToBlocks(ModulePass):
    """Carries out the schedules: tensors become buffers, primitives run block by block on slices.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <kernel = [3, 3], pads = [1, 1, 1, 1]>
      schedule <block = [1, 1, 8, 4, 2, 16], ...> -> tensor<1x8x16x16xf32>
    ```
    becomes
    ```mlir
    %y = dma.alloc "y" : memref<1x8x16x16xf32, #dma.external>
    dma.blocks "y" [8] {
      %wb = dma.load %w at affine_map<(d0) -> (0, 0, 0, 0)> [8, 4, 3, 3] slots 1 : ...
      %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0 * 2 - 1, -1)> [1, 4, 4, 18] slots 2 : ...
      %yb = dma.buffer slots 2 : memref<1x8x2x16xf32, #dma.local>
      prim.matmul "y" "conv" ins(%wb, %xb : ...) window <...> outs(%yb : ...)
      dma.store %yb to %y at affine_map<(d0) -> (0, 0, d0 * 2, 0)> [1, 8, 2, 16] : ...
    }
    ```
    Results that are local lie in local memory, where blocks use their slices in place, or in a ring of some of
    their rows (`dma.ring`); parts of a tensor are views of the whole.
    """

    name = "convert-to-blocks"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_reached(op, Level.DMA):
            lower_to_blocks(main_function(op), Target.of(op))
        set_level(op, Level.DMA)
