"""Which operators an import knows: what takes the place of some, and why another is none."""

from __future__ import annotations

from collections.abc import Container

from onnx import NodeProto

from xnn.dialects.xnn.onnx import schema_of
from xnn.runtime.python_operators import python_operator
from xnn.tools.onnx.attention import ATTENTION
from xnn.tools.onnx.control_flow import CONTROL_FLOW
from xnn.tools.onnx.expansion import Expansion
from xnn.tools.onnx.grouped_attention import GROUPED
from xnn.tools.onnx.machine_learning import MACHINE_LEARNING
from xnn.tools.onnx.microsoft import CONTRIBUTED
from xnn.tools.onnx.node import DEFAULT_DOMAINS, MICROSOFT, import_of
from xnn.tools.onnx.old_operators import OLDEST_OPSET
from xnn.tools.onnx.recurrent import CELLS, QUANTISED, expand_recurrent
from xnn.tools.onnx.rotary import ROTARY
from xnn.tools.onnx.sampling import SAMPLING
from xnn.tools.onnx.scattering import SCATTERING
from xnn.tools.onnx.sequences import SEQUENCES

ADDED: dict[str, Expansion] = {**ATTENTION, **GROUPED, **ROTARY, **CONTRIBUTED}

EXPANSIONS = {
    **{("", name): expand for name, expand in CONTROL_FLOW.items()},
    **{("", name): expand_recurrent for name in CELLS},
    **{("", name): expand for name, expand in {**SAMPLING, **SCATTERING, **SEQUENCES}.items()},
    (MICROSOFT, QUANTISED): expand_recurrent,
    **{("ai.onnx.ml", name): expand for name, expand in MACHINE_LEARNING.items()},
    **{(MICROSOFT, name): expand for name, expand in ADDED.items()},
}
"""What takes the place of operators, by domain and name, that are imported as others."""


def key_of(node: NodeProto) -> tuple[str, str]:
    """Domain and name of a node's operator; ONNX's own domain is ""."""
    return "" if node.domain in DEFAULT_DOMAINS else node.domain, node.op_type


def unknown(node: NodeProto, opset: int, functions: Container[tuple[str, str]]) -> str:
    """Why an operator of this operator set is none whatever its inputs are; "" if it may be one.

    `functions` are the model's own, by domain and name.
    """
    own = node.domain, node.op_type
    is_known = key_of(node) in EXPANSIONS or own in functions or python_operator(*own) is not None
    if is_known or import_of(node) is not None or opset < OLDEST_OPSET:
        return ""
    try:
        schema_of(node.op_type, opset, node.domain)
    except ValueError as error:
        return str(error)
    return ""
