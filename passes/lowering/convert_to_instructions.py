"""The pass `convert-to-instructions`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import builtin
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import Level, dsa
from xnn.dialects.dma import (
    BlocksOp,
    GatherOp,
)
from xnn.dialects.dma.layer_blocks import LayerOp
from xnn.dialects.levels import has_reached, set_level
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.dialects.values import element_type
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.machine_buffers import Buffers
from xnn.passes.lowering.rolled_steps import reserve_all, rolled
from xnn.passes.lowering.rolling import (
    Leaf,
    Node,
    Repeat,
    Variable,
)
from xnn.passes.schedule.known_tasks import forget_tasks
from xnn.passes.schedule.prediction import predict
from xnn.passes.schedule.step_table import StepTable
from xnn.passes.schedule.steps import Step
from xnn.runtime.engines.work import ATTRIBUTE

INSTRUCTIONS: dict[str, type[Operation]] = {op.name: op for op in dsa.DSA.operations}


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


def _emit(nodes: Iterable[Node], around: list[list[Variable]], buffers: Buffers) -> list[Operation]:
    """Instructions of rolled nodes; `around`: per repeat around them, the steps of their variables."""
    result: list[Operation] = []
    start = 0
    for node in nodes:
        end = start + len(node.variables)
        steps = [level[start:end] for level in around]
        if isinstance(node, Repeat):
            body = Block(_emit(node.body, [*steps, list(node.steps)], buffers))
            result.append(dsa.RepeatOp(node.count, Region(body)))
        else:
            result.append(_instruction(node, steps, buffers))
        start = end
    return result


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


def _instruction(leaf: Leaf, steps: list[list[Variable]], buffers: Buffers) -> Operation:
    step = leaf.payload
    assert isinstance(step, Step)
    op, immediates = step.task.op, step.task.immediates
    layer = op if isinstance(op, GeneralOp) else op.parent_op()
    assert isinstance(layer, LayerOp)
    properties: dict[str, Attribute] = {
        "layer": layer.result_name,
        "buffers": buffers.names_of(step.task.places),
        "offsets": _offsets(leaf, steps),
    }
    if step.after:
        properties["after"] = dsa.AfterAttr.of(step.after)
    kind = INSTRUCTIONS.get(f"dsa.{step.engine}", dsa.TransferOp)
    if isinstance(op, Primitive):
        sizes, pads, first, last = immediates
        properties |= {
            "block_sizes": _array(sizes),
            "pads": _array(pads),
            "reservations": _array(step.reservations),
        }
        properties |= {k: builtin.UnitAttr() for k, on in (("first", first), ("last", last)) if on}
    elif isinstance(op, GatherOp):
        kind = dsa.GatherOp
        sizes, rows, source, target = immediates
        assert isinstance(rows, int)
        properties |= {
            "engine": builtin.StringAttr(step.engine),
            "sizes": _array(sizes),
            "rows": builtin.IntegerAttr(rows, builtin.i64),
            "source_strides": _array(source),
            "target_strides": _array(target),
            "element": element_type(op.source),
            "index": element_type(op.indices),
            "reservations": _array(step.reservations),
        }
    elif kind is dsa.TransferOp:
        direction, sizes, source, target, element = immediates
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
    instruction.location = op.location
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
        table, configs, layers = StepTable(op), dict[str, dsa.ConfigOp](), set[LayerOp]()
        buffers, block = Buffers(main), Block()
        block.add_ops(buffers.declare())
        for each in table.lines:
            for layer in each.layers():
                if layer not in layers:
                    layers.add(layer)
                    block.add_ops(_config(layer, configs))
            nodes = rolled(each)
            reserve_all(nodes, list(each.steps()))
            block.add_ops(_emit(nodes, [], buffers))
        program = dsa.ProgramOp(Region(block))
        cycles = predict((step.node for step in table.steps()), table.target)
        program.properties["predicted_cycles"] = builtin.IntegerAttr(cycles, builtin.i64)
        forget_tasks(main)
        Rewriter.replace_op(main, program, [])
        set_level(op, Level.DSA)
