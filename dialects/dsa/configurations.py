"""Configurations of the machine's engines, and the layers that use them."""

from __future__ import annotations

from xdsl.dialects.builtin import SymbolNameConstraint
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
)
from xdsl.traits import NoTerminator, SymbolOpInterface

from xnn.dialects.diagnostics import fault
from xnn.dialects.names import NamedOperation
from xnn.dialects.prim import NodeOp
from xnn.dialects.values import verify_bytes


@irdl_op_definition
class ConfigOp(IRDLOperation):
    """What all instructions of the layers that share it have in common: one primitive on typed operands.

    The arguments are the operands in order (lhs, rhs, pre, post, sums, out); their types
    have the strides. The name of the node has no effect.

    `dsa.config @matmul0 { ^bb0(...): prim.matmul "matmul0" ... }`
    """

    name = "dsa.config"
    sym_name = prop_def(SymbolNameConstraint())
    body = region_def("single_block")
    traits = traits_def(NoTerminator(), SymbolOpInterface())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$sym_name attr-dict-with-keyword $body"

    @property
    def node(self) -> NodeOp:
        op = self.body.block.first_op
        assert isinstance(op, NodeOp)
        return op

    def verify_(self) -> None:
        ops = list(self.body.block.ops)
        if len(ops) != 1 or not isinstance(ops[0], NodeOp):
            raise fault(self, "must hold exactly one primitive or prim.general")
        node = ops[0]
        if node.outs is None:
            raise fault(node, "needs outs: the machine works on buffers")
        values = node.touched
        if tuple(value.type for value in values) != self.body.block.arg_types:
            raise fault(self, "must take the operands of its node in order")
        for value in values:
            verify_bytes(self, value.type)


@irdl_op_definition
class LayerOp(NamedOperation):
    """A layer of the network, by the name that its instructions use, and its configuration.

    A layer that only moves data has none. The discardable attribute `xnn.work` is its compulsory work
    and what was fused into it.

    `dsa.layer "relu1" @matmul0 {xnn.work = {...}}`
    """

    name = "dsa.layer"
    config = opt_prop_def(SymbolNameConstraint())
    assembly_format = "$name ($config^)? attr-dict"
