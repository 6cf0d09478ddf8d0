"""Semantics of operators that have none of ours: a Python function, or ONNX's reference implementation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import OnnxOp, tensor_type
from xnn.dialects.xnn.onnx import of_onnx
from xnn.runtime.python_operators import PythonOperator, python_operator
from xnn.runtime.semantics.operators import compute


@compute.register
def onnx(op: OnnxOp, *operands: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
    results = evaluate(op, operands)
    return tuple(results) if len(results) > 1 else results[0]


def evaluate(op: OnnxOp, operands: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The results; raises UserError if they are not of the types that the operator says."""
    title = f'{op.op_type.data} "{op.shown_name}"'
    try:
        own = python_operator(op.domain.data, op.op_type.data)
        maker, results = (
            ("the reference of ONNX gives", _by_reference(op, operands))
            if own is None
            else ("its function returns", _by_function(own, op, operands))
        )
    except UserError as error:
        raise UserError(f"{title}: {error}") from error
    for array, result in zip(results, op.results, strict=True):
        type = tensor_type(result)
        if array.shape != type.get_shape() or array.dtype != dtype_of(type.element_type):
            raise UserError(
                f"{title}: {maker} {array.dtype} of shape {list(array.shape)}, expected {type}"
            )
    return results


def _by_function(
    own: PythonOperator, op: OnnxOp, operands: Sequence[np.ndarray]
) -> list[np.ndarray]:
    given = dict(zip(op.inputs.get_values(), operands, strict=True))
    places = [given.get(place) for place in range(max(given, default=-1) + 1)]
    made = op.outputs.get_values()
    results = own.results(places, op.attributes_by_name, max(made) + 1)
    return [results[place] for place in made]


def _by_reference(op: OnnxOp, operands: Sequence[np.ndarray]) -> list[np.ndarray]:
    from xnn.runtime.semantics.onnx_reference import evaluate_node  # other networks need not wait

    if not of_onnx(op.domain.data):
        raise UserError(
            f"no function is registered for {op.domain.data}::{op.op_type.data}",
            hint="--operators F.py, or @xnn.operator",
        )
    node = op.node
    given = zip(filter(None, node.input), operands, strict=True)
    return list(evaluate_node(node, op.opset.value.data, dict(given)).values())
