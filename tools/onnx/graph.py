"""The graph of an ONNX model: its nodes in order, how they are named in messages, and what may be wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator

import onnx
from onnx import (
    AttributeProto,
    GraphProto,
    NodeProto,
    SparseTensorProto,
    TensorProto,
    ValueInfoProto,
)

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import DYNAMIC


def initializers(graph: GraphProto) -> dict[str, TensorProto | SparseTensorProto]:
    """The constant tensors of `graph` by name."""
    sparse = {tensor.values.name: tensor for tensor in graph.sparse_initializer}
    return sparse | {tensor.name: tensor for tensor in graph.initializer}


def ordered_nodes(graph: GraphProto, given: Collection[str]) -> list[NodeProto]:
    """The nodes that the outputs of `graph` depend on, producers first, otherwise as they stand.

    `given` are the tensors known without any node. Raises UserError for tensors that no node or several
    produce, and for cycles.
    """
    if not graph.output:
        raise UserError("the model has no outputs")
    producers = _producers(graph, given)
    needed = _needed(graph, given, producers)
    ordered: list[NodeProto] = []
    state: dict[int, str] = {}
    for root in filter(needed.__contains__, range(len(graph.node))):
        stack = [root]
        while stack:
            index = stack[-1]
            if state.get(index) == "done":
                stack.pop()
                continue
            state[index] = "open"
            sources = {producers[name] for name in uses(graph.node[index]) if name in producers}
            pending = [i for i in sources if state.get(i) != "done"]
            if not pending:
                state[index] = "done"
                ordered.append(graph.node[index])
                stack.pop()
            elif any(state.get(i) == "open" for i in pending):
                raise UserError(f"the model has a cycle through node {title(graph.node[index])}")
            else:
                stack.extend(pending)
    return ordered


def dimensions_of(info: ValueInfoProto, taken: Container[str]) -> list[tuple[str, int]]:
    """Names and sizes of a tensor's dimensions: "" for one of a known size, DYNAMIC for one that is not said.

    A dimension without a name gets one that is not `taken`.
    """
    dims = []
    for i, dim in enumerate(info.type.tensor_type.shape.dim):
        is_known = dim.HasField("dim_value") and dim.dim_value != -1
        name = dim.dim_param or f"{info.name}_{i}"
        while not dim.dim_param and name in taken:
            name += "_"
        dims.append(("" if is_known else name, dim.dim_value if is_known else DYNAMIC))
    return dims


def uses(node: NodeProto) -> set[str]:
    """The tensors that a node reads, those among them that graphs in it read."""
    graphs = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    found = {name for name in node.input if name}
    for graph in graphs:
        own = {each.name for each in (*graph.input, *graph.initializer)}
        own |= {name for inner in graph.node for name in inner.output}
        read = {name for inner in graph.node for name in uses(inner)}
        found |= (read | {output.name for output in graph.output}) - own
    return found


def title(node: NodeProto) -> str:
    """How messages name `node`: by its own name, else by its result."""
    return f'"{name_of(node)}" ({node.op_type})'


def name_of(node: NodeProto) -> str:
    """Its own name, else that of its first result."""
    return node.name or next(filter(None, node.output), "")


def describe(node: NodeProto) -> str:
    """`node` with its domain and attributes, in one line."""
    domain = f", domain {node.domain}" if node.domain else ""
    attributes = ", ".join(f"{each.name} = {_shown(each)}" for each in node.attribute)
    return f"{title(node)}{domain}" + (f" {{{attributes}}}" if attributes else "")


def _producers(graph: GraphProto, given: Collection[str]) -> dict[str, int]:
    """For each tensor that a node produces, the position of that node."""
    makers = [(name, i) for i, node in enumerate(graph.node) for name in node.output if name]
    counts = Counter([*(name for name, _ in makers), *given])
    counts.update(_repeated(graph))
    if several := sorted(name for name, count in counts.items() if count > 1):
        raise UserError(f"several tensors of the model have the same name: {', '.join(several)}")
    return dict(makers)


def _repeated(graph: GraphProto) -> Iterator[str]:
    """The names that several inputs, several initialisers, or several outputs share."""
    for tensors in (graph.input, graph.initializer, graph.output):
        yield from (n for n, count in Counter(t.name for t in tensors).items() if count > 1)


def _needed(graph: GraphProto, given: Collection[str], producers: dict[str, int]) -> set[int]:
    """The positions of the nodes that the outputs depend on; raises UserError for tensors that nothing produces."""
    needed: set[int] = set()
    missing: dict[str, None] = {}
    pending = [(output.name, "an output of the model") for output in graph.output]
    while pending:
        name, user = pending.pop()
        if name in producers:
            if (index := producers[name]) not in needed:
                needed.add(index)
                node = graph.node[index]
                pending += [(each, f"an input of node {title(node)}") for each in uses(node)]
        elif name not in given:
            missing[f"{name}, {user}"] = None
    if missing:
        raise UserError(f"nothing in the model makes tensor {'; nor '.join(sorted(missing))}")
    return needed


def _shown(attribute: AttributeProto) -> str:
    """The value of `attribute`; tensors and graphs by their kind alone."""
    kind = AttributeProto.AttributeType.Name(attribute.type).lower()
    if attribute.ref_attr_name or attribute.type == AttributeProto.UNDEFINED:
        return f"<{kind}>"
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return repr(value.decode(errors="replace"))
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if attribute.type in (AttributeProto.INTS, AttributeProto.FLOATS, AttributeProto.STRINGS):
        values = [
            each.decode(errors="replace") if isinstance(each, bytes) else each for each in value
        ]
        return str(values if len(values) <= 8 else [*values[:8], "..."])
    return f"<{kind}>"
