"""The reference implementation of ONNX, with corrections where it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from onnx import NodeProto
from onnx.helper import get_node_attr_value
from onnx.reference import ReferenceEvaluator

from xnn.dialects.diagnostics import UserError, one_line


def evaluate_node(
    node: NodeProto, opset: int, inputs: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The outputs of a node by their names; raises UserError if it cannot be evaluated."""
    arrays = [inputs[name] if name else None for name in node.input]
    try:
        if (correct := CORRECTIONS.get((node.domain, node.op_type))) is not None:
            results = correct(node, *arrays)
        else:
            results = ReferenceEvaluator(node, opsets={node.domain: opset}).run(None, dict(inputs))
    except Exception as error:  # it may raise anything
        raise UserError(f"ONNX's reference of {node.op_type} fails: {one_line(error)}") from error
    named = zip(node.output, results, strict=False)
    return {name: np.asarray(each) for name, each in named if name}


def _gather_elements(node: NodeProto, data: np.ndarray, indices: np.ndarray) -> list[np.ndarray]:
    """The reference does not take indices of fewer places than the data."""
    axis = _attribute(node, "axis", 0)
    places = list(np.indices(indices.shape, sparse=True))
    places[axis] = np.where(indices < 0, indices + data.shape[axis], indices)
    return [data[tuple(places)]]


def _attribute(node: NodeProto, name: str, default: Any) -> Any:
    has = any(attribute.name == name for attribute in node.attribute)
    return get_node_attr_value(node, name) if has else default


CORRECTIONS: dict[tuple[str, str], Callable[..., list[np.ndarray]]] = {
    ("", "GatherElements"): _gather_elements,
}
"""By domain and operator what it computes, where the reference implementation of the onnx package is wrong."""
