"""How many of the first rows that a detector selects are used: it need not select more."""

from __future__ import annotations

from collections import defaultdict
from math import prod

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, helper, numpy_helper

FEW = 8
"""Elements of the operands of a slice, at most."""


def first_rows(graph: GraphProto) -> dict[str, int]:
    """By output of each NonMaxSuppression, how many of its first rows are used, if it is not known to be all."""
    users = _Users(graph)
    rows = {name: users.rows(name, set()) for name in users.selected}
    return {name: count for name, count in rows.items() if count is not None}


class _Users:
    """The nodes of a graph and of the bodies in it by the tensors that they read."""

    def __init__(self, graph: GraphProto):
        self.nodes: dict[str, list[NodeProto]] = defaultdict(list)
        self.returned: dict[str, list[str]] = defaultdict(list)
        """By output of a branch, those of the If; "" for outputs of other graphs."""
        self.numbers: dict[str, list[int]] = {}
        self.selected: list[str] = []
        self._add(graph, [""] * len(graph.output))

    def _add(self, graph: GraphProto, outputs: list[str]) -> None:
        for each, output in zip(graph.output, outputs, strict=True):
            self.returned[each.name].append(output)
        for tensor in graph.initializer:
            self._add_numbers(tensor.name, tensor)
        for node in graph.node:
            for name in node.input:
                self.nodes[name].append(node)
            if node.op_type == "NonMaxSuppression":
                self.selected.append(node.output[0])
            for each in node.attribute:
                if node.op_type == "Constant" and each.type == AttributeProto.TENSOR:
                    self._add_numbers(node.output[0], each.t)
                elif each.type == AttributeProto.GRAPH:
                    returns = node.op_type == "If" and len(each.g.output) == len(node.output)
                    self._add(each.g, [*node.output] if returns else [""] * len(each.g.output))

    def _add_numbers(self, name: str, tensor: TensorProto) -> None:
        is_here = tensor.data_location != TensorProto.EXTERNAL
        if is_here and tensor.data_type == TensorProto.INT64 and prod(tensor.dims) <= FEW:
            self.numbers[name] = numpy_helper.to_array(tensor).reshape(-1).tolist()

    def rows(self, name: str, seen: set[str]) -> int | None:
        """How many of the first rows of a tensor are used; None if that is not known."""
        if not name or name in seen:
            return None
        seen.add(name)
        found = [self.rows(output, seen) for output in self.returned[name]]
        found += [self._rows_through(node, name, seen) for node in self.nodes[name]]
        known = [count for count in found if count is not None]
        return max(known) if known and len(known) == len(found) else None

    def _rows_through(self, node: NodeProto, name: str, seen: set[str]) -> int | None:
        """How many of the first rows of an input a node uses, if each row of its output is of a row of it."""
        if node.input[0] != name or list(node.input).count(name) > 1:
            return None
        axis = next((helper.get_attribute_value(a) for a in node.attribute if a.name == "axis"), 0)
        given = [self.numbers.get(each) for each in node.input[1:]]
        match node.op_type, given:
            case "Slice", [[0], [end], [0]] | [[0], [end], [0], [1]] if end > 0:
                return end
            case "Slice", [_, _, [int(other)], *_] if other > 0:
                return self.rows(node.output[0], seen)
            case "Squeeze", [[int(other)]] if other > 0:
                return self.rows(node.output[0], seen)
            case "Gather", _ if axis > 0:
                return self.rows(node.output[0], seen)
            case "Cast" | "Identity", _:
                return self.rows(node.output[0], seen)
        return None
