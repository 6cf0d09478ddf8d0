"""What each node of an ONNX model costs in a run, from the report of its layers.

The costs of a layer stand at one node, the one whose operator the layer computes; so over all nodes they
add up to those of the run. The other nodes of the layer say into which node they are fused.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError
from xnn.dialects.names import split_name
from xnn.passes.module.xnn_bind import XnnBind
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report import Report
from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.limits import limit_text
from xnn.tools.checking.network import network_of_model
from xnn.tools.checking.where import operators_by_tensor, where_nodes_run
from xnn.tools.parsing import make_context, open_network

Properties = dict[str, str]

SUMS = ("cycles", "macs", "external_bytes", "weight_bytes", "local_bytes", "bound")
"""What of all layers of a node is added up; the keys are those of the report's JSON."""


class NodeCosts:
    """Follows the compilation of an ONNX model down to level prim."""

    def __init__(self, source: str | os.PathLike[str], binds: Sequence[XnnBind]):
        """Raises UserError for a source that is no ONNX model."""
        from xnn.tools.onnx.graph import name_of  # text need not wait for the onnx package

        model = open_network(source, make_context())
        if isinstance(model, ModuleOp):
            raise UserError(f"{os.fspath(source)}: is no ONNX model, whose nodes have costs")
        network = network_of_model(model, binds)
        self._nodes = network.nodes
        self._makers = defaultdict[str, list[int]](list)
        for place, node in enumerate(self._nodes):
            for tensor in node.tensors:
                self._makers[tensor].append(place)
        self._names = [name_of(node) for node in model.proto.graph.node]
        self._made_by = operators_by_tensor(network.module) if network.module else {}
        self._where: list[str] = []

    def take(self, level: str, module: ModuleOp) -> None:
        """To be called with each level that the network reaches."""
        if level == "prim":
            self._where = where_nodes_run(module, self._nodes, self._made_by)

    def properties(self, report: Report, machine: Machine) -> list[Properties]:
        """Of each node of the graph, in the order in which the model has them."""
        owned = defaultdict[int, list[LayerReport]](list)
        fused = defaultdict[int, list[str]](list)
        for layer, (name, op) in zip(report.layers, machine.program.layers.items(), strict=True):
            tensors = [split_name(each)[0] for each in (name, *Work.of(op).layers)]
            makers = {node: None for each in tensors for node in self._makers.get(each, ())}
            if makers:
                owner = self._owner(tensors, layer.operator)
                owned[owner].append(layer)
                for node in makers:
                    fused[node].append(self._names[owner])
        result = []
        for node, where in enumerate(self._where):
            found = {"runs_on": where}
            if node in owned:
                found |= _costs(owned[node], report.cycles or 0)
            elif node in fused:
                found["fused_into"] = _listed(fused[node])
            result.append(found)
        return result

    def _owner(self, tensors: Sequence[str], operator: str) -> int:
        """Of the nodes that make these tensors the one of this operator, else that of the first tensor."""
        made = [tensor for tensor in tensors if tensor in self._makers]
        computed = [tensor for tensor in made if operator in self._made_by.get(tensor, ())]
        return self._makers[(computed or made)[0]][0]


def totals_of(report: Report) -> Properties:
    """Of the whole model."""
    return {
        "target": report.target,
        "cycles": str(report.cycles),
        "network_bound": str(report.bounds and report.bounds.network),
        "macs": str(report.macs),
        "energy_pj": f"{report.energy_pj['total']:.1f}",
    }


def _costs(layers: Sequence[LayerReport], cycles: int) -> Properties:
    """The costs of all layers of a node; what does not add up is listed in their order."""
    sums = {key: sum(getattr(layer, key) for layer in layers) for key in SUMS}
    return {
        "layer": ", ".join(layer.name for layer in layers),
        "operator": _listed(layer.op for layer in layers),
        **{key: str(value) for key, value in sums.items()},
        "share": f"{sums['cycles'] / cycles:.1%}" if cycles else "0.0%",
        "energy_pj": f"{sum(layer.picojoules for layer in layers):.1f}",
        "utilisation": ", ".join(f"{layer.utilisation:.1%}" for layer in layers),
        "limited_by": _listed(limit_text(layer.limited_by, layer.causes) for layer in layers),
    }


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
