"""The bodies of functions and of control flow as nodes of the graph around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from onnx import AttributeProto, FunctionProto, GraphProto, NodeProto, TypeProto, defs, helper


def renamed(nodes: Iterable[NodeProto], names: Mapping[str, str]) -> list[NodeProto]:
    """Copies of nodes with other names for their tensors, also where graphs within them use these."""
    result = []
    for node in nodes:
        copy = NodeProto()
        copy.CopyFrom(node)
        for field in (copy.input, copy.output):
            field[:] = [names.get(name, name) for name in field]
        for attribute in copy.attribute:
            for graph in (attribute.g, *attribute.graphs) if _has_graphs(attribute) else ():
                _rename_within(graph, names)
        result.append(copy)
    return result


def _has_graphs(attribute: AttributeProto) -> bool:
    return attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def _rename_within(graph: GraphProto, names: Mapping[str, str]) -> None:
    """Renames what a graph uses of the graph around it."""
    own = {each.name for each in (*graph.input, *graph.initializer)}
    own |= {name for node in graph.node for name in node.output}
    outer = {old: new for old, new in names.items() if old not in own}
    nodes = renamed(graph.node, outer)
    del graph.node[:]
    graph.node.extend(nodes)
    for output in graph.output:
        output.name = outer.get(output.name, output.name)


def function_body(
    function: FunctionProto, call: NodeProto, unique: Callable[[str], str]
) -> list[NodeProto]:
    """The nodes of a function for a node that calls it, with its attributes, inputs and outputs.

    `unique` makes the name of a tensor of the body one that the graph around it has not.
    """
    names = dict(zip(function.input, [*call.input, *[""] * len(function.input)], strict=False))
    outputs = {i: o for i, o in zip(function.output, call.output, strict=False) if o}
    unchanged = [
        helper.make_node("Identity", [names[inner]], [outer])
        for inner, outer in outputs.items()
        if inner in names
    ]
    names |= {inner: outer for inner, outer in outputs.items() if inner not in names}
    for node in function.node:
        names |= {name: unique(name) for name in node.output if name and name not in names}
    given = {each.name: each for each in function.attribute_proto}
    given |= {each.name: each for each in call.attribute}
    nodes = renamed(function.node, names)
    for node in nodes:
        _give_attributes(node, given)
    return [*nodes, *unchanged]


def _give_attributes(node: NodeProto, given: Mapping[str, AttributeProto]) -> None:
    """Puts attributes of a call in the place of references to them; those that are not given are left out."""
    result = []
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs) if _has_graphs(attribute) else ():
            for inner in graph.node:
                _give_attributes(inner, given)
        if not attribute.ref_attr_name:
            result.append(attribute)
        elif attribute.ref_attr_name in given:
            new = AttributeProto()
            new.CopyFrom(given[attribute.ref_attr_name])
            new.name = attribute.name
            result.append(new)
    copies = [AttributeProto.FromString(each.SerializeToString()) for each in result]
    del node.attribute[:]
    node.attribute.extend(copies)


def function_of(node: NodeProto, opset: int, types: Sequence[TypeProto]) -> FunctionProto | None:
    """The function that ONNX defines an operator by, for inputs of these types; None if there is none."""
    try:
        schema: Any = defs.get_schema(node.op_type, opset, node.domain)  # its stubs lack functions
    except defs.SchemaError:
        return None
    function = None
    if known := [each for each in schema.function_opset_versions if each <= opset]:
        function = FunctionProto.FromString(schema.get_function_with_opset_version(max(known)))
    elif known := [e for e in schema.context_dependent_function_opset_versions if e <= opset]:
        data = [each.SerializeToString() for each in types]
        body = schema.get_context_dependent_function_with_opset_version(
            max(known), node.SerializeToString(), data
        )
        function = FunctionProto.FromString(body)
    if function is not None:
        defaults = [each.default_value for each in schema.attributes.values()]
        function.attribute_proto.extend(each for each in defaults if each.name)
    return function


def graph_attribute(node: NodeProto, name: str) -> GraphProto:
    """The graph that is an attribute of a node."""
    return next(helper.get_attribute_value(each) for each in node.attribute if each.name == name)
