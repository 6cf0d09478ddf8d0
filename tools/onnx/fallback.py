"""The import of operators that have none of ours: they stay what they are, for general compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from onnx import NodeProto, TypeProto, helper
from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UnknownElements, UserError
from xnn.dialects.element_types import dtype_of
from xnn.dialects.values import type_bytes
from xnn.dialects.xnn import DYNAMIC, OnnxOp, shape_of
from xnn.dialects.xnn.onnx import inferred_types, plain_attributes, shape_in, type_proto
from xnn.dialects.xnn.operation import shown, size_fault, tensor_type
from xnn.passes.graph.building import LIMIT
from xnn.runtime.python_operators import PythonOperator, python_operator
from xnn.tools.onnx.node import Import, Node, Unsupported
from xnn.tools.onnx.tensors import Constant, Invalid, element_type


def import_known(
    import_node: Import, node: Node
) -> SSAValue | Constant | tuple[SSAValue | None, ...]:
    """What an import makes of a node; a form that it does not support stays what it is."""
    try:
        return import_node(node)
    except Invalid:
        raise
    except (Unsupported, UnknownElements) as reason:
        try:
            return import_unknown(node)
        except Unsupported:
            raise reason from None


def import_unknown(node: Node) -> tuple[SSAValue | None, ...]:
    """The node as it is, its results of the types that ONNX infers; raises Unsupported if these are not known.

    Returns a value for each output, None for those that are left out.
    """
    proto = node.proto
    operands = [node.optional_value(index) for index in range(node.input_count)]
    known = {n: v for n, v in zip(proto.input, operands, strict=True) if v is not None}
    for name, value in known.items():
        if DYNAMIC in (shape := shape_of(value)):
            raise Unsupported(f"tensor {name} has shape {shown(shape)}, not all of it known")
    small = [n for n in known if n in node.constants and _is_small(node.constants[n].type)]
    elements = {name: node.constants[name].elements() for name in small}
    try:
        if (own := python_operator(proto.domain, proto.op_type)) is not None:
            types = _types_of_function(own, proto, operands, elements)
        else:
            given = {name: type_proto(value) for name, value in known.items()}
            inferred = inferred_types(proto, node.opset, given, elements)
            types = [_type(name, inferred[name]) if name else None for name in proto.output]
        new = node.insert(OnnxOp.of_node(node.name, proto, node.opset, operands, types))
    except ValueError as error:
        raise Unsupported(str(error)) from None
    results = iter(new.results)
    return tuple(next(results) if name else None for name in proto.output)


def _is_small(type: TensorType) -> bool:
    return type_bytes(type) <= LIMIT


def _types_of_function(
    own: PythonOperator,
    proto: NodeProto,
    operands: Sequence[SSAValue | None],
    elements: Mapping[str, np.ndarray],
) -> list[TensorType | None]:
    """The types of the outputs of a node that a Python function computes."""
    arrays = [
        None if value is None else elements.get(name, _zeros(tensor_type(value)))
        for name, value in zip(proto.input, operands, strict=True)
    ]
    try:
        types = own.types(arrays, plain_attributes(proto), len(proto.output))
    except Unsupported:
        raise
    except UserError as error:
        raise Unsupported(str(error)) from error
    return [
        TensorType(element_type(helper.np_dtype_to_tensor_dtype(kind), name), shape)
        if name
        else None
        for name, (kind, shape) in zip(proto.output, types, strict=False)
    ]


def _zeros(type: TensorType) -> np.ndarray:
    """An array of zeros that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype_of(type.element_type)), type.get_shape())


def _type(name: str, type: TypeProto) -> TensorType:
    if not type.HasField("tensor_type"):
        raise Unsupported(f"{name} is no tensor")
    element = element_type(type.tensor_type.elem_type, name)
    if (shape := shape_in(type)) is None or DYNAMIC in shape:
        raise Unsupported(f"the shape of {name} depends on data")
    if problem := size_fault(shape):
        raise Unsupported(f"{name} {problem}")
    return TensorType(element, shape)
