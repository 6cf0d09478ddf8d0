"""Nodes of an ONNX graph whose inputs are constants of the model: shape computations of exporters, masks, indices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import numpy as np
from onnx import NodeProto, helper
from xdsl.dialects.builtin import TensorType

from xnn.dialects.diagnostics import UserError
from xnn.dialects.values import type_bytes
from xnn.passes.graph.building import LIMIT
from xnn.runtime.semantics.onnx_reference import evaluate_node
from xnn.tools.onnx.tensors import ELEMENT_TYPES, Constant, Unsupported

RANDOM = (
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
)
"""Operators whose results do not follow from their inputs."""


OWN = ("ConstantOfShape", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")
"""Operators whose import makes more of them: a splat, integers of a scale."""


def is_constant(node: NodeProto, constants: Mapping[str, Constant]) -> bool:
    """Whether all inputs of a node are constants of the model, and its outputs follow from them."""
    inputs = [name for name in node.input if name]
    has_graphs = any(attribute.HasField("g") for attribute in node.attribute)
    known = bool(inputs) and all(name in constants for name in inputs)
    return known and not has_graphs and node.op_type not in RANDOM


def folded(
    node: NodeProto, opset: int, constants: Mapping[str, Constant]
) -> dict[str, Constant] | None:
    """The outputs of a node whose inputs are constants, if they are sizes, indices or masks, of few bytes; or None.

    Others stay operators, which are evaluated once before the network runs. Raises Unsupported if the
    node cannot be evaluated.
    """
    if node.op_type in OWN or any(
        type_bytes(constants[name].type) > LIMIT for name in node.input if name
    ):
        return None
    outputs = evaluated(node, opset, constants)
    if not all(_is_small(array) and array.dtype.kind in "iub" for array in outputs.values()):
        return None
    return {name: constant_of(array) for name, array in outputs.items()}


def lazily(
    node: NodeProto, opset: int, constants: Mapping[str, Constant], types: Mapping[str, TensorType]
) -> dict[str, Constant]:
    """The outputs of these types of a node whose inputs are constants, evaluated when they are asked for."""
    outputs = cache(lambda: evaluated(node, opset, constants))
    return {n: Constant(type, partial(lambda n: outputs()[n], n)) for n, type in types.items()}


def evaluated(
    node: NodeProto, opset: int, constants: Mapping[str, Constant]
) -> dict[str, np.ndarray]:
    """The outputs of a node whose inputs are constants, by the reference implementation of ONNX."""
    arrays = {name: constants[name].elements() for name in node.input if name}
    try:
        return evaluate_node(node, opset, arrays)
    except UserError as error:
        raise Unsupported(str(error)) from None


def _is_small(array: np.ndarray) -> bool:
    return array.nbytes <= LIMIT or not any(array.strides)


def constant_of(array: np.ndarray) -> Constant:
    """The constant of these elements; raises Unsupported for elements that are no numbers."""
    kind = ELEMENT_TYPES.get(helper.np_dtype_to_tensor_dtype(array.dtype))
    if kind is None:
        raise Unsupported(f"a result of type {array.dtype}")
    return Constant(TensorType(kind, array.shape), lambda: array)
