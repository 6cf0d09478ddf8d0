"""Which nodes have sizes that depend on data."""

from __future__ import annotations

from onnx import NodeProto

from xnn.tools.onnx.expansion import Importer
from xnn.tools.onnx.node import DEFAULT_DOMAINS
from xnn.tools.onnx.sizes.building import Plain, Rules
from xnn.tools.onnx.sizes.operators import RULES, derive, elementwise, refusal
from xnn.tools.onnx.sizes.selection import MAKERS


def takes_data_sizes(importer: Importer, node: NodeProto) -> bool:
    """Imports a node of which a size depends on data; whether it is one."""
    rules, sizes = Rules(importer, node), importer.data_sizes
    is_sized = any(name in sizes.of for name in node.input)
    has_numbers = any(name in sizes.numbers for name in node.input)
    kind = node.op_type if node.domain in DEFAULT_DOMAINS else ""
    try:
        if kind in MAKERS:
            MAKERS[kind](rules)
        elif kind in RULES and (is_sized or has_numbers):
            RULES[kind](rules)
        elif is_sized:
            elementwise(rules)
        else:
            return has_numbers and derive(rules)
    except Plain:
        return False
    return True


BRANCHES = ("If", "Loop")
"""Operators whose bodies may have such sizes: what they hold is imported node by node."""


def require_known_sizes(importer: Importer, node: NodeProto) -> None:
    """Raises Unsupported if a node that is expanded takes a tensor whose size depends on data."""
    for name in node.input:
        if name in importer.data_sizes.of and node.op_type not in BRANCHES:
            raise refusal(Rules(importer, node), name)
