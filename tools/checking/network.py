"""A network as far as it can be imported: its nodes, what they became, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.names import name_in_ir, split_name
from xnn.dialects.xnn import DYNAMIC, ConstantOp, NetworkOperation, WeightOp, shape_of
from xnn.dialects.xnn.interface import (
    argument_names,
    dimension_names,
    main_function,
    result_names,
)
from xnn.passes.module.xnn_bind import XnnBind
from xnn.tools.checking.report import Fault
from xnn.tools.pass_list import run_passes

if TYPE_CHECKING:
    from onnx import NodeProto

    from xnn.tools.onnx.importer import Importer
    from xnn.tools.onnx.model import Model

ASSUMED = (1, 32, 224)
"""Sizes that are tried for dimensions without one, but for the first of a shape, which is 1."""

UNSUPPORTED, UNKNOWN, UNUSED = "not supported", "unknown", "unused"


@dataclass
class Node:
    """A node of the network: its operator, the tensors that stand for it in the IR; why there are none, if so."""

    operator: str
    tensors: set[str]
    fate: str = ""


@dataclass
class Network:
    """Nodes and faults; `module` holds what could be imported, None if nothing could."""

    nodes: list[Node]
    module: ModuleOp | None = None
    faults: list[Fault] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    """Those that have no size."""
    assumed: dict[str, int] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


def network_of_text(module: ModuleOp, binds: Sequence[XnnBind], context: Context) -> Network:
    """The network in a module of the graph level, which gets the sizes that `binds` say."""
    run_passes(module, binds, context)
    main = main_function(module)
    nodes = [
        Node(op.name, {split_name(op.result_name.data)[0]})
        for op in main.body.block.ops
        if isinstance(op, NetworkOperation) and not isinstance(op, ConstantOp | WeightOp)
    ]
    places = {
        name or f"{argument}_{i}": i
        for argument, value, names in zip(argument_names(main), main.args, dimension_names(main))
        for i, (name, size) in enumerate(zip(names, shape_of(value)))
        if size == DYNAMIC
    }
    network = Network(nodes, module, dimensions=list(places))
    network.inputs, network.outputs = argument_names(main), result_names(main)
    for sizes in _guesses(places):
        trial = module.clone()
        try:
            run_passes(trial, _binds(sizes), context)
        except UserError as error:
            network.faults = [Fault("", "", one_line(error))]
            continue
        network.module, network.assumed, network.faults = trial, sizes, []
        break
    return network


def network_of_model(model: Model, binds: Sequence[XnnBind]) -> Network:
    """The network in an ONNX model, as far as it can be imported."""
    from xnn.tools.onnx.importer import Importer  # text need not wait for the onnx package

    graph = model.proto.graph
    try:
        places = (importer := Importer(model, binds, goes_on=True)).add_graph()
    except UserError as error:
        nodes = [Node(_title(node), set(), UNKNOWN) for node in graph.node]
        return Network(nodes, faults=[Fault("", "", line) for line in str(error).splitlines()])
    assumed: dict[str, int] = {}
    for sizes in _guesses(places):
        trial = Importer(model, [*binds, *_binds(sizes)], goes_on=True)
        trial.add_graph()
        if not assumed or len(trial.faults) < len(importer.faults):
            importer, assumed = trial, sizes
        if not importer.faults:
            break
    became = {id(node): names for node, names in importer.became}
    lost = {id(fault.node) for fault in importer.faults}
    nodes = [Node(_title(node), *_fate(node, became, lost, importer)) for node in graph.node]
    faults = [
        Fault(each.what, each.node.op_type if each.node is not None else "", each.reason)
        for each in importer.faults
    ]
    made = [output.name for output in graph.output if output.name not in importer.lost]
    loose = [name for name, value in importer.values.items() if value.first_use is None]
    kept = [*made, *(name for name in loose if name not in made)] if faults else made
    module = importer.network(kept) if kept else None
    inputs, outputs = [name_in_ir(each.name) for each in graph.input], [*map(name_in_ir, made)]
    return Network(nodes, module, faults, list(places), assumed, inputs, outputs)


def _fate(
    node: NodeProto, became: Mapping[int, list[str]], lost: set[int], importer: Importer
) -> tuple[set[str], str]:
    """The tensors that a node became in the IR, and why there are none."""
    if id(node) in lost:
        return set(), UNSUPPORTED
    if id(node) not in became:
        return set(), UNUSED
    if not importer.lost.isdisjoint(node.output):
        return set(), UNKNOWN
    return {split_name(name)[0] for name in became[id(node)]}, ""


def _title(node: NodeProto) -> str:
    """The operator of a node, with its domain unless that is ONNX's."""
    return f"{node.domain}::{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type


def _guesses(places: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Sizes for dimensions, by their places in a shape; nothing if there are none."""
    for size in ASSUMED if places else ():
        yield {name: size if place else 1 for name, place in places.items()}


def _binds(sizes: Mapping[str, int]) -> list[XnnBind]:
    return [XnnBind(f"{name}={size}") for name, size in sizes.items()]
