"""Operators that compute the same, under whatever name, are computed once."""

from __future__ import annotations

from collections.abc import Hashable

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.xnn import NetworkOperation, ParameterOp
from xnn.passes.graph.building import Replacement, network_operations


def _key(node: NetworkOperation) -> Hashable:
    """Equal for operators of one block that compute the same; their names do not matter."""
    # The name of a parameter identifies it; all other names are only for people.
    names = () if isinstance(node, ParameterOp) else ("name", "layers")
    properties = frozenset(item for item in node.properties.items() if item[0] not in names)
    return node.parent, node.name, tuple(node.operands), properties, tuple(node.result_types)


class GraphCse(ModulePass):
    """Replace an operator by an earlier one with the same operands and properties but for the names.

    ```mlir
    %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
    %b = xnn.relu "b" %x : (tensor<4xf32>) -> tensor<4xf32>
    %c = xnn.add "c" %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
    %c = xnn.add "c" %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ```
    """

    name = "graph-cse"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        first: dict[Hashable, NetworkOperation] = {}
        for node in network_operations(op):
            same = first.setdefault(_key(node), node)
            if same is not node:
                Replacement(node).take(*same.results)
