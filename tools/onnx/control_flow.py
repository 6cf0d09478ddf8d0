"""If, Loop and Scan: time does not depend on data, so what they hold becomes part of the graph around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import GraphProto, NodeProto, helper

from xnn.tools.onnx.expansion import Expansion, Importer, add, alias, constant, stack
from xnn.tools.onnx.fault import Fault
from xnn.tools.onnx.graph import ordered_nodes, uses
from xnn.tools.onnx.inlining import graph_attribute, renamed
from xnn.tools.onnx.sizes.branches import choose
from xnn.tools.onnx.tensors import Unsupported

LONGEST = 4096
"""Iterations of a loop that is unrolled, at most."""


def import_body(importer: Importer, graph: GraphProto, inputs: list[str]) -> list[str]:
    """Imports the nodes of a graph for these tensors as its inputs; the names of its outputs."""
    names = dict(zip((each.name for each in graph.input), inputs, strict=True))
    for tensor in graph.initializer:
        names[tensor.name] = importer.unique(tensor.name)
        importer.constants[names[tensor.name]] = importer.file.constant(tensor)
    for node in graph.node:
        names |= {name: importer.unique(name) for name in node.output if name}
    rows = importer.first_rows
    rows |= {new: rows[old] for old, new in names.items() if old in rows}
    made = {name for node in graph.node for name in node.output}
    given = {name for node in graph.node for name in uses(node)} | {o.name for o in graph.output}
    nodes = renamed(ordered_nodes(graph, given - made), names)
    used = {name for node in nodes for name in uses(node)}
    outputs = [names.get(each.name, each.name) for each in graph.output]
    importer.add_nodes(nodes, used | {*outputs})
    return outputs


def _known(importer: Importer, name: str) -> int | None:
    """The value of a tensor of one element, if it is a constant."""
    return int(importer.constants[name].elements().item()) if name in importer.constants else None


def expand_if(importer: Importer, node: NodeProto) -> None:
    """The branch that a constant condition says; else both, and a selection of the results.

    A branch whose shapes cannot be is for inputs of other sizes: the other one it is.
    """
    condition = node.input[0]
    branches = [graph_attribute(node, name) for name in ("else_branch", "then_branch")]
    if (known := _known(importer, condition)) is not None:
        _alias_all(importer, import_body(importer, branches[known], []), node)
        return
    (no, wrong_no), (yes, wrong_yes) = (_branch(importer, each) for each in branches)
    for kept, wrong, impossible in ((yes, wrong_yes, wrong_no), (no, wrong_no, wrong_yes)):
        if impossible and not wrong and importer.forget_impossible(impossible):
            _alias_all(importer, kept, node)
            return
    for one, other, output in zip(yes, no, node.output, strict=True):
        if not {one, other} & importer.lost:
            choose(importer, condition, one, other, output)
        else:
            importer.lost.add(output)


def _branch(importer: Importer, graph: GraphProto) -> tuple[list[str], list[Fault]]:
    """The outputs of a branch, and what is wrong in it."""
    known = len(importer.faults)
    return import_body(importer, graph, []), importer.faults[known:]


def _alias_all(importer: Importer, results: Sequence[str], node: NodeProto) -> None:
    for old, new in zip(results, node.output, strict=True):
        alias(importer, old, new)


def expand_loop(importer: Importer, node: NodeProto) -> None:
    """The body as often as the trip count says; after a condition that depends on data fails, values stay.

    Raises Unsupported if the number of iterations is not known, or if results have as many parts as
    iterations are made by data.
    """
    trips, condition = node.input[0], node.input[1] if len(node.input) > 1 else ""
    body = graph_attribute(node, "body")
    count = _known(importer, trips) if trips else None
    if trips and count is None:
        raise Unsupported("the number of its iterations depends on data")
    carried = list(node.input[2:])
    collected: list[list[str]] = [[] for _ in node.output[len(carried) :]]
    going, active = (_known(importer, condition) if condition else 1), ""
    if going is None:
        going, active = 1, condition
    iteration = 0
    while going and (count is None or iteration < count):
        if iteration == LONGEST or count is not None and count > LONGEST:
            raise Unsupported(f"more than {LONGEST} iterations")
        number = constant(importer, f"{node.output[0]}/{iteration}", np.int64(iteration))
        true = constant(importer, f"{node.output[0]}/{iteration}", np.bool_(True))
        goes, *results = import_body(importer, body, [number, true, *carried])
        if importer.lost.intersection((goes, *results)):
            importer.lost.update(filter(None, node.output))
            return
        new, parts = results[: len(carried)], results[len(carried) :]
        if active:
            new = [
                choose(importer, active, each, old, importer.unique(each))
                for each, old in zip(new, carried, strict=True)
            ]
        carried = new
        for list_, part in zip(collected, parts, strict=True):
            list_.append(part)
        iteration += 1
        if (going := _known(importer, goes)) is None:
            if count is None or collected and any(node.output[len(carried) :]):
                raise Unsupported("the number of its iterations depends on data")
            both = [active, goes]
            active = add(importer, "And", both, importer.unique(goes)) if active else goes
            going = 1
    for old, output in zip(carried, node.output, strict=False):
        alias(importer, old, output)
    for parts, output in zip(collected, node.output[len(carried) :], strict=True):
        if output:
            stack(importer, parts, output, 0)


@dataclass(frozen=True)
class Scan:
    """A body that runs for each element of inputs along their axes, and what it makes side by side along others."""

    body: GraphProto
    axes: Sequence[int]
    backward: Sequence[int]
    out_axes: Sequence[int]
    out_backward: Sequence[int]

    def run(
        self,
        importer: Importer,
        carried: Sequence[str],
        inputs: Sequence[str],
        outputs: Sequence[str],
    ) -> list[str]:
        """The last states; `outputs` are names for what the body makes, "" for what nobody uses."""
        sizes = zip(inputs, self.axes, strict=True)
        counts = {importer.shape_of(name)[axis] for name, axis in sizes}
        if len(counts) != 1:
            raise Unsupported(f"inputs of {sorted(counts)} elements are scanned together")
        (count,) = counts
        if not 0 <= count <= LONGEST:
            raise Unsupported(f"{count} iterations, supported are {LONGEST}")
        collected: list[list[str]] = [[] for _ in outputs]
        states = [*carried]
        for iteration in range(count):
            elements = []
            for name, axis, turned in zip(inputs, self.axes, self.backward, strict=True):
                place = count - 1 - iteration if turned else iteration
                elements.append(element(importer, name, place, axis))
            results = import_body(importer, self.body, [*states, *elements])
            if importer.lost.intersection(results):
                importer.lost.update(filter(None, outputs))
                return results[: len(carried)]
            states = results[: len(carried)]
            for parts, part in zip(collected, results[len(carried) :], strict=True):
                parts.append(part)
        for parts, output, axis, turned in zip(
            collected, outputs, self.out_axes, self.out_backward, strict=True
        ):
            if output:
                stack(importer, parts[::-1] if turned else parts, output, axis)
        return states


def element(importer: Importer, name: str, place: int, axis: int) -> str:
    """What a tensor holds at a place of an axis, without that axis."""
    index = constant(importer, f"{name}/{place}", np.int64(place))
    return add(importer, "Gather", [name, index], importer.unique(f"{name}/{place}"), axis=axis)


def expand_scan(importer: Importer, node: NodeProto) -> None:
    """The body for each element of the inputs that are scanned; before opset 9, of each sample of a batch."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    is_batched, scanned = importer.opset_of(node) < 9, attributes["num_scan_inputs"]
    given = list(node.input[1:] if is_batched else node.input)
    if is_batched and node.input[0]:
        raise Unsupported("sequences of different lengths")
    count = len(given) - scanned
    made = len(node.output) - count
    scan = Scan(
        attributes["body"],
        attributes.get("scan_input_axes") or [0] * scanned,
        attributes.get("scan_input_directions") or attributes.get("directions") or [0] * scanned,
        attributes.get("scan_output_axes") or [0] * made,
        attributes.get("scan_output_directions") or [0] * made,
    )
    if not is_batched:
        states = scan.run(importer, given[:count], given[count:], node.output[count:])
        for old, output in zip(states, node.output, strict=False):
            alias(importer, old, output)
        return
    samples: list[list[str]] = []
    for sample in range(importer.shape_of(given[-1])[0]):
        names = [element(importer, name, sample, 0) for name in given]
        outputs = [importer.unique(f"{name}/{sample}") for name in node.output[count:]]
        samples.append([*scan.run(importer, names[:count], names[count:], outputs), *outputs])
    for parts, output in zip(zip(*samples, strict=True), node.output, strict=True):
        if importer.lost.intersection(parts):
            importer.lost.add(output)
        elif output:
            stack(importer, [*parts], output, 0)


CONTROL_FLOW: dict[str, Expansion] = {"If": expand_if, "Loop": expand_loop, "Scan": expand_scan}
"""What expands an operator of ONNX that holds graphs."""
