"""Nodes of an ONNX graph whose inputs are constants of the model: shape computations of exporters, masks, indices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import numpy as np
from onnx import NodeProto, helper
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Block, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError
from xnn.dialects.values import type_bytes
from xnn.dialects.xnn import DYNAMIC, ConstantOp, NetworkOperation, tensor_type
from xnn.dialects.xnn.onnx import inferred_types, plain_attributes, shape_in
from xnn.passes.graph.building import LIMIT
from xnn.runtime.python_operators import python_operator
from xnn.runtime.semantics.arrays import array_of
from xnn.runtime.semantics.onnx_reference import evaluate_node
from xnn.runtime.semantics.xnn import evaluated as evaluated_operator
from xnn.tools.onnx.node import Import, Node, import_of
from xnn.tools.onnx.tensors import ELEMENT_TYPES, Constant, Invalid, ModelFile, Unsupported

RANDOM = (
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
)
"""Operators whose results do not follow from their inputs."""


LARGEST = 1 << 30
"""Bytes of a constant that is evaluated at import, at most."""

OWN = ("ConstantOfShape", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")
"""Operators whose import makes more of them: a splat, integers of a scale."""


def is_constant(node: NodeProto, constants: Mapping[str, Constant]) -> bool:
    """Whether all inputs of a node are constants of the model, and its outputs follow from them."""
    inputs = [name for name in node.input if name]
    has_graphs = any(attribute.HasField("g") for attribute in node.attribute)
    known = bool(inputs) and all(name in constants for name in inputs)
    return known and not has_graphs and node.op_type not in RANDOM


def folded(
    node: NodeProto, opset: int, constants: Mapping[str, Constant], file: ModelFile
) -> dict[str, Constant] | None:
    """The outputs of a node whose inputs are constants, if they are sizes, indices or masks, of few bytes; or None.

    Others stay operators, which are evaluated once before the network runs. Raises Unsupported if the
    node cannot be evaluated.
    """
    if node.op_type in OWN or any(
        type_bytes(constants[name].type) > LIMIT for name in node.input if name
    ):
        return None
    outputs = evaluated(node, opset, constants, file)
    if not all(_is_small(array) and array.dtype.kind in "iub" for array in outputs.values()):
        return None
    return {name: constant_of(array) for name, array in outputs.items()}


def lazily(
    node: NodeProto,
    opset: int,
    constants: Mapping[str, Constant],
    file: ModelFile,
    types: Mapping[str, TensorType],
) -> dict[str, Constant]:
    """The outputs of these types of a node whose inputs are constants, evaluated when they are asked for."""
    outputs = cache(lambda: evaluated(node, opset, constants, file))
    return {n: Constant(type, partial(lambda n: outputs()[n], n)) for n, type in types.items()}


def evaluated(
    node: NodeProto, opset: int, constants: Mapping[str, Constant], file: ModelFile
) -> dict[str, np.ndarray]:
    """The outputs of a node whose inputs are constants: by our operators, or else by ONNX's reference."""
    if (import_node := import_of(node)) is not None:
        try:
            return _by_operators(import_node, node, opset, constants, file)
        except Invalid:
            raise
        except (Unsupported, VerifyException):
            pass  # such as a list without elements: the reference has an answer, or says what is wrong
    arrays = {name: constants[name].elements() for name in node.input if name}
    _require_small_outputs(node, opset, arrays)
    try:
        if (own := python_operator(node.domain, node.op_type)) is not None:
            given = [arrays.get(name) for name in node.input]
            results = own.results(given, plain_attributes(node), len(node.output))
            return {name: each for name, each in zip(node.output, results) if name}
        return evaluate_node(node, opset, arrays)
    except UserError as error:
        raise Unsupported(str(error)) from None


def _require_small(name: str, type: TensorType) -> None:
    """Raises Unsupported for a constant that would take more than LARGEST bytes."""
    if type_bytes(type) > LARGEST:
        raise Invalid(f"constant {name} of type {type} takes more than {LARGEST} bytes")


def _require_small_outputs(node: NodeProto, opset: int, arrays: Mapping[str, np.ndarray]) -> None:
    """The same for the outputs of a node, as far as ONNX infers their types."""
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in arrays.items()}
    types = {n: helper.make_tensor_type_proto(kinds[n], a.shape) for n, a in arrays.items()}
    try:
        inferred = inferred_types(node, opset, types, arrays)
    except ValueError:
        return  # evaluating it says what is wrong
    for name, type in inferred.items():
        shape, element = shape_in(type), ELEMENT_TYPES.get(type.tensor_type.elem_type)
        if shape is not None and DYNAMIC not in shape and element is not None:
            _require_small(name, TensorType(element, shape))


def _by_operators(
    import_node: Import,
    proto: NodeProto,
    opset: int,
    constants: Mapping[str, Constant],
    file: ModelFile,
) -> dict[str, np.ndarray]:
    """The outputs of a node, imported by itself and computed at once."""
    block, arrays = Block(), dict[SSAValue, np.ndarray]()

    def value_of(name: str) -> SSAValue:
        block.add_op(new := constants[name].operation(name))
        arrays[new.result] = constants[name].elements()
        return new.result

    used, place = [True] * len(proto.output), InsertPoint.at_end(block)
    node = Node(proto, opset, file, used, constants, value_of, place)
    result = import_node(node)
    if isinstance(result, Constant):
        return {proto.output[0]: result.elements()}
    for op in block.ops:
        if isinstance(op, ConstantOp):
            arrays[op.result] = array_of(op.value)
        elif isinstance(op, NetworkOperation) and op.results[0] not in arrays:
            for made in op.results:
                _require_small(proto.output[0], tensor_type(made))
            found = evaluated_operator(op, *(arrays[operand] for operand in op.operands))
            arrays |= zip(op.results, found, strict=True)
    values = result if isinstance(result, tuple) else (result,)
    named = zip(proto.output, values, strict=False)
    return {name: arrays[value] for name, value in named if name and value is not None}


def _is_small(array: np.ndarray) -> bool:
    return array.nbytes <= LIMIT or not any(array.strides)


def constant_of(array: np.ndarray) -> Constant:
    """The constant of these elements; raises Unsupported for elements that are no numbers."""
    kind = ELEMENT_TYPES.get(helper.np_dtype_to_tensor_dtype(array.dtype))
    if kind is None:
        raise Unsupported(f"a result of type {array.dtype}")
    return Constant(TensorType(kind, array.shape), lambda: array)
