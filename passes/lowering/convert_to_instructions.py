"""The pass `convert-to-instructions`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects import builtin
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import Level, dsa
from xnn.dialects.dma import (
    BlocksOp,
    BufferOp,
    GatherOp,
    LoadOp,
)
from xnn.dialects.levels import has_reached, set_level
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.dialects.values import element_type
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.machine_buffers import Buffers, buffer_of
from xnn.passes.lowering.rolling import Leaf, Node, Repeat, Slots, Variable, roll
from xnn.passes.schedule.prediction import predict
from xnn.passes.schedule.steps import Step, StepTable, address_of, reserve
from xnn.runtime.engines.work import ATTRIBUTE

INSTRUCTIONS: dict[str, type[Operation]] = {op.name: op for op in dsa.DSA.operations}


def _layer_name(layer: BlocksOp | GeneralOp) -> str:
    return layer.result_name.data


def _config(layer: BlocksOp | GeneralOp, configs: dict[str, dsa.ConfigOp]) -> Iterator[Operation]:
    """The layer, after its configuration unless `configs`, by their text, has an equal one.

    A configuration is a primitive on typed operands: the types are their layouts in memory. What only
    moves data has none.
    """
    new = dsa.LayerOp.create(properties={"name": layer.properties["name"]})
    if (work := layer.attributes.get(ATTRIBUTE)) is not None:
        new.attributes[ATTRIBUTE] = work
    new.location = layer.location
    node = layer.primitive if isinstance(layer, BlocksOp) else layer
    if node is None:
        yield new
        return
    values = node.touched
    block = Block(arg_types=[value.type for value in values])
    mapping: dict[SSAValue, SSAValue] = dict(zip(values, block.args, strict=True))
    inner = node.clone(value_mapper=mapping, clone_name_hints=False)
    inner.attributes.pop(ATTRIBUTE, None)
    block.add_op(inner)
    config = dsa.ConfigOp.create(
        properties={"sym_name": builtin.StringAttr("")}, regions=[Region(block)]
    )
    _rename(inner, "")
    if (text := str(config)) not in configs:
        configs[text] = config
        config.properties["sym_name"] = builtin.StringAttr(
            f"{node.name.removeprefix('prim.')}{len(configs) - 1}"
        )
        _rename(inner, config.sym_name.data)
        config.location = node.location
        yield config
    new.properties["config"] = configs[text].sym_name
    yield new


def _rename(node: Operation, name: str) -> None:
    """Gives a node and the operators in it one name, and removes the names of fused layers."""
    for op in node.walk():
        op.properties.pop("layers", None)
        if "name" in op.properties:
            op.properties["name"] = builtin.StringAttr(name)


class _Leaves:
    """Steps as leaves for rolling: offsets in slots repeat cyclically, all others grow."""

    def __init__(self, main: FuncOp) -> None:
        self._main = main
        self._places: dict[SSAValue, tuple[int, Slots | None]] = {}

    def leaf(self, step: Step) -> Leaf:
        variables: list[Variable] = []
        all_slots: list[Slots | None] = []
        for value, address in zip(step.operands, step.addresses, strict=True):
            base, slots = self._place_of(value)
            all_slots.append(slots)
            offset, slot = address - base, 0
            if slots is not None:
                slot = offset // slots.pitch
                offset -= slot * slots.pitch
            variables.append((offset, slot))
        key = (id(step.op), step.engine, step.immediates, step.after)
        return Leaf(key, tuple(variables), tuple(all_slots), step)

    def _place_of(self, value: SSAValue) -> tuple[int, Slots | None]:
        """Address of a value's buffer, and its slots if it has several."""
        if value not in self._places:
            buffer = buffer_of(value)
            owner, slots = buffer.owner, None
            if isinstance(owner, LoadOp | BufferOp) and owner.slots.value.data > 1:
                assert owner.pitch is not None
                slots = Slots(owner.pitch.value.data, owner.slots.value.data)
            self._places[value] = (address_of(buffer, self._main), slots)
        return self._places[value]


def _emit(
    nodes: Sequence[Node], around: list[list[Variable]], layer: str, buffers: Buffers
) -> list[Operation]:
    """Instructions of rolled nodes; `around`: per repeat around them, the steps of their variables."""
    result: list[Operation] = []
    start = 0
    for node in nodes:
        end = start + len(node.variables)
        steps = [level[start:end] for level in around]
        if isinstance(node, Repeat):
            body = Block(_emit(node.body, [*steps, list(node.steps)], layer, buffers))
            result.append(dsa.RepeatOp(node.count, Region(body)))
        else:
            result.append(_instruction(node, steps, layer, buffers))
        start = end
    return result


def _reserve_all(nodes: Sequence[Node], steps: Sequence[Step]) -> None:
    """Gives reservations to the steps that rolled nodes stand for."""

    def visit(nodes: Sequence[Node], starts: np.ndarray) -> None:
        """`starts`: where the nodes begin in each iteration of the repeats around them."""
        for node in nodes:
            if isinstance(node, Repeat):
                size = _length(node) // node.count
                visit(node.body, (starts[:, None] + np.arange(node.count) * size).ravel())
            else:
                reserve([steps[place] for place in starts.tolist()])
            starts = starts + _length(node)

    visit(nodes, np.zeros(1, np.int64))


def _length(node: Node) -> int:
    """Steps that a node stands for."""
    return node.count * sum(map(_length, node.body)) if isinstance(node, Repeat) else 1


def _offsets(leaf: Leaf, steps: list[list[Variable]]) -> builtin.AffineMapAttr:
    """Offsets in the operands' buffers as an affine map of the counters of the repeats, outermost first."""
    results: list[AffineExpr] = []
    for index, ((base, slot), slots) in enumerate(zip(leaf.variables, leaf.slots, strict=True)):
        expr: AffineExpr = AffineConstantExpr(base)
        phase: AffineExpr = AffineConstantExpr(slot)
        for level, level_steps in enumerate(steps):
            grow, advance = level_steps[index]
            counter = AffineExpr.dimension(level)
            if grow:
                expr = expr + counter * grow
            if advance:
                phase = phase + counter * advance
        if slots is not None:
            if isinstance(phase, AffineConstantExpr):
                expr = expr + slot * slots.pitch
            else:
                expr = expr + (phase % slots.size) * slots.pitch
        results.append(expr)
    return builtin.AffineMapAttr(AffineMap(len(steps), 0, tuple(results)))


def _instruction(
    leaf: Leaf, steps: list[list[Variable]], layer: str, buffers: Buffers
) -> Operation:
    step = leaf.payload
    assert isinstance(step, Step)
    properties: dict[str, Attribute] = {
        "layer": builtin.StringAttr(layer),
        "buffers": buffers.names_of(step.operands),
        "offsets": _offsets(leaf, steps),
    }
    if step.after:
        properties["after"] = dsa.AfterAttr.of(step.after)
    kind = INSTRUCTIONS.get(f"dsa.{step.engine}", dsa.TransferOp)
    if isinstance(step.op, Primitive):
        sizes, pads, first, last = step.immediates
        properties |= {
            "block_sizes": _array(sizes),
            "pads": _array(pads),
            "reservations": _array(step.reservations),
        }
        properties |= {k: builtin.UnitAttr() for k, on in (("first", first), ("last", last)) if on}
    elif isinstance(step.op, GatherOp):
        kind = dsa.GatherOp
        sizes, rows, source, target = step.immediates
        assert isinstance(rows, int)
        properties |= {
            "engine": builtin.StringAttr(step.engine),
            "sizes": _array(sizes),
            "rows": builtin.IntegerAttr(rows, builtin.i64),
            "source_strides": _array(source),
            "target_strides": _array(target),
            "element": element_type(step.op.source),
            "index": element_type(step.op.indices),
            "reservations": _array(step.reservations),
        }
    elif kind is dsa.TransferOp:
        direction, sizes, source, target, element = step.immediates
        assert isinstance(direction, dsa.Direction) and isinstance(element, Attribute)
        properties |= {
            "engine": builtin.StringAttr(step.engine),
            "direction": dsa.DirectionAttr(direction),
            "sizes": _array(sizes),
            "source_strides": _array(source),
            "target_strides": _array(target),
            "element": element,
            "reservations": _array(step.reservations),
        }
    instruction = kind.create(properties=properties)
    instruction.location = step.op.location
    return instruction


def _array(values: object) -> builtin.DenseArrayBase:
    assert isinstance(values, tuple)
    return builtin.DenseArrayBase.from_list(builtin.i64, list(values))


@dataclass(frozen=True)
class ConvertToInstructions(ModulePass):
    """Emits the step table as the machine's program; equal layers share a configuration, regular runs of
    steps become repeats.

    ```mlir
    dma.blocks "y" [8] { %xb = dma.load ...  prim.matmul "y" ...  dma.store ... }
    ```
    becomes
    ```mlir
    dsa.program {
      dsa.buffer "x" input external at 0 : memref<1x4x16x16xf32>
      ...
      dsa.config @matmul0 { ^bb0(...): prim.matmul "matmul0" ... }
      dsa.layer "y" @matmul0
      dsa.transfer "y" "dma0" load of ["x", "y#0"] at affine_map<() -> (0, 0)> ...
      dsa.repeat 6 { dsa.transfer ...  dsa.matmul ...  dsa.transfer ... }
      ...
    }
    ```
    """

    name = "convert-to-instructions"

    def apply(self, ctx: Context, op: builtin.ModuleOp) -> None:
        if has_reached(op, Level.DSA):
            return
        main = main_function(op)
        table, leaves, configs = StepTable(op), _Leaves(main), dict[str, dsa.ConfigOp]()
        buffers, block = Buffers(main), Block()
        block.add_ops(buffers.declare())
        for layer in table.layers:
            block.add_ops(_config(layer.op, configs))
            grid = layer.op.grid if isinstance(layer.op, BlocksOp) else ()
            rolled = roll([[leaves.leaf(step) for step in steps] for steps in layer.blocks], grid)
            for step in layer.prologue:
                reserve([step])
            _reserve_all(rolled, [step for steps in layer.blocks for step in steps])
            nodes = [*map(leaves.leaf, layer.prologue), *rolled]
            block.add_ops(_emit(nodes, [], _layer_name(layer.op), buffers))
        program = dsa.ProgramOp(Region(block))
        cycles = predict(table.steps(), table.target)
        program.properties["predicted_cycles"] = builtin.IntegerAttr(cycles, builtin.i64)
        Rewriter.replace_op(main, program, [])
        set_level(op, Level.DSA)
