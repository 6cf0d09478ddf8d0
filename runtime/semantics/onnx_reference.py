"""The reference implementation of ONNX."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto
from onnx.reference import ReferenceEvaluator

from xnn.dialects.diagnostics import UserError, one_line


def evaluate_node(
    node: NodeProto, opset: int, inputs: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The outputs of a node by their names; raises UserError if it cannot be evaluated."""
    try:
        results = ReferenceEvaluator(node, opsets={node.domain: opset}).run(None, dict(inputs))
    except Exception as error:  # its operators raise exceptions of any class
        raise UserError(f"ONNX's reference of {node.op_type} fails: {one_line(error)}") from error
    named = zip(node.output, results, strict=False)
    return {name: np.asarray(each) for name, each in named if name}
