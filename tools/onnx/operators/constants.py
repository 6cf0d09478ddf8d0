"""Operators without inputs that change: constants of the model, like its initialisers."""

from __future__ import annotations

from functools import partial

import numpy as np
from onnx import AttributeProto, TensorProto, helper
from xdsl.dialects.builtin import TensorType, i64

from xnn.dialects.xnn import DYNAMIC
from xnn.dialects.xnn.operation import shown, size_fault
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.tensors import Constant


@imports("Constant")
def constant(node: Node) -> Constant:
    """One attribute holds the tensor, a number, or a list of numbers."""
    if len(node.proto.attribute) != 1 or node.proto.attribute[0].ref_attr_name:
        raise Unsupported("expected one attribute, the value")
    (attribute,) = node.proto.attribute
    if attribute.type == AttributeProto.TENSOR:
        return node.file.constant(attribute.t)
    if attribute.type == AttributeProto.SPARSE_TENSOR:
        return node.file.dense(attribute.sparse_tensor)
    value = helper.get_attribute_value(attribute)
    floats = attribute.type in (AttributeProto.FLOAT, AttributeProto.FLOATS)
    integers = attribute.type in (AttributeProto.INT, AttributeProto.INTS)
    if not (floats or integers):
        raise Unsupported("a constant that is no tensor of numbers")
    data_type = TensorProto.FLOAT if floats else TensorProto.INT64
    array = np.asarray(value)
    tensor = helper.make_tensor(node.name, data_type, array.shape, array.reshape(-1).tolist())
    return node.file.constant(tensor)


@imports("ConstantOfShape")
def constant_of_shape(node: Node) -> Constant:
    """All elements have the one value of the attribute, by default 0.0."""
    sizes = node.integers(0, "shape")
    if sizes is None:
        raise Unsupported("shape is missing")
    if fault := size_fault(sizes):
        raise Unsupported(f"a tensor that {fault}")
    zero = helper.make_tensor("zero", TensorProto.FLOAT, (1,), (0.0,))
    one = node.file.constant(node.attribute("value", zero))
    if one.type.element_count() != 1:
        raise Unsupported(f"value of type {one.type}, expected one element")
    element = one.elements().reshape(())
    return Constant(
        TensorType(one.type.element_type, sizes), partial(np.broadcast_to, element, sizes)
    )


@imports("Shape")
def shape(node: Node) -> Constant:
    """The sizes of a tensor whose sizes are known, from axis `start` to before `end`."""
    sizes = node.shape()
    chosen = sizes[node.attribute("start", 0) : node.attribute("end", len(sizes))]
    if DYNAMIC in chosen:
        raise Unsupported(f"shape of {shown(sizes)} is not known")
    array = np.array(chosen, np.int64)
    return Constant(TensorType(i64, array.shape), lambda: array)
