"""Semantics of operators of ONNX that have none of ours: those of its reference implementation."""

from __future__ import annotations

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import OnnxOp, tensor_type
from xnn.runtime.semantics.operators import compute


@compute.register
def onnx(op: OnnxOp, *operands: np.ndarray) -> tuple[np.ndarray, ...]:
    return evaluate(op, operands)


def evaluate(op: OnnxOp, operands: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """The results; raises UserError if they are not of the types that the operator says."""
    from xnn.runtime.semantics.onnx_reference import evaluate_node  # other networks need not wait

    node = op.node
    names = [name for name in node.input if name]
    try:
        found = evaluate_node(node, op.opset.value.data, dict(zip(names, operands, strict=True)))
    except UserError as error:
        raise UserError(f'{op.op_type.data} "{op.shown_name}": {error}') from None
    results = tuple(found.values())
    for array, result in zip(results, op.results, strict=True):
        type = tensor_type(result)
        if array.shape != type.get_shape() or array.dtype != dtype_of(type.element_type):
            raise UserError(
                f'{op.op_type.data} "{op.shown_name}": the reference of ONNX gives '
                f"{array.dtype} of shape {list(array.shape)}, expected {type}"
            )
    return results
