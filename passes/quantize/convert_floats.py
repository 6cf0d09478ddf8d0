"""The pass `convert-floats`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, FloatAttr, ModuleOp, bf16, f16, f32
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import split_name
from xnn.dialects.xnn import CastOp, ClipOp, ConstantExpressions, NetworkOperation, tensor_type
from xnn.dialects.xnn.interface import argument_names, main_function, set_kept_formats
from xnn.dialects.xnn.traits import LowPrecision
from xnn.passes.graph.building import Parts, Replacement, network_operations
from xnn.passes.quantize.formats import require_choice

FORMATS: dict[str, AnyFloat] = {"f16": f16, "bf16": bf16}


class _Conversion:
    """Converts one network."""

    def __init__(self, module: ModuleOp, to: AnyFloat):
        self.main = main_function(module)
        self.to = to
        self.short: dict[SSAValue, SSAValue] = {}
        constants = ConstantExpressions()
        kept: dict[str, str] = {}
        for op in network_operations(module):
            if op.result in constants:
                continue
            if not op.has_trait(LowPrecision):
                kept[split_name(op.result_name.data)[0]] = f"no form in {to}"
            elif all(tensor_type(value).element_type == f32 for value in op.operands):
                self._convert(op)
        set_kept_formats(module, kept)

    def _convert(self, op: NetworkOperation) -> None:
        operands = [self._shortened(value, op) for value in op.operands]
        properties = {k: v for k, v in op.properties.items() if k not in ("name", "layers")}
        if isinstance(op, ClipOp):
            for name, bound in (("min", op.min), ("max", op.max)):
                if bound is not None:
                    with np.errstate(over="ignore"):  # beyond the type is no bound
                        converted = np.float64(bound.value.data).astype(dtype_of(self.to))
                    properties[name] = FloatAttr(float(converted), self.to)
        parts = Replacement(op)
        new = parts.build(type(op), operands, properties, layers=op.layer_names)
        back = parts.build(CastOp, [new], {"to": f32}, part="f32")
        self.short[back] = new
        parts.take(back)

    def _shortened(self, value: SSAValue, before: NetworkOperation) -> SSAValue:
        """A value in the short format, cast before its first use."""
        if value not in self.short:
            owner = value.owner
            if isinstance(owner, NetworkOperation):
                name = owner.result_name.data
            else:
                name = argument_names(self.main)[self.main.args.index(value)]
            parts = Parts(name, InsertPoint.before(before))
            self.short[value] = parts.build(CastOp, [value], {"to": self.to}, part=str(self.to))
        return self.short[value]


@dataclass(frozen=True)
class ConvertFloats(ModulePass):
    """Converts float32 to a short format, `to` f16 or bf16; sums of products stay f32.

    ```mlir
    %y = xnn.conv "y" %x, %w {...} : (tensor<1x8x4x4xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %xs = xnn.cast "x#bf16" %x {to = bf16} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xbf16>
    %ws = xnn.cast "w#bf16" %w {to = bf16} : ...
    %ys = xnn.conv "y" %xs, %ws {...} : (tensor<1x8x4x4xbf16>, tensor<8x8x3x3xbf16>) -> tensor<1x8x4x4xbf16>
    %y = xnn.cast "y#f32" %ys {to = f32} : ...
    ```
    Inputs and outputs of the network, normalisations and softmax keep their types.
    """

    name = "convert-floats"
    changes_values = True

    to: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        require_choice(self.name, "to", self.to, FORMATS)
        _Conversion(op, FORMATS[self.to])
        region_dce(op.body)  # casts to float32 that nothing uses
