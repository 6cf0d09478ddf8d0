"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects.builtin import TensorType
from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Operation
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from xnn.dialects.diagnostics import fault
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.windows import span
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation, ProductOperation
from xnn.dialects.xnn.movement import PadOp
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    integers,
    shape_of,
    shown,
)
from xnn.dialects.xnn.windows import WindowOperation


@irdl_op_definition
class ConvOp(WindowOperation, MultiplyAccumulateOperation, HasCanonicalizationPatternsInterface):
    """Convolution of `x` [B, C, *spatial] with `w` [M, C / groups, *kernel], plus `b` [M]: [B, M, *out].

    `strides` and `dilations` have one entry per spatial dimension, `pads` all begins and then all ends. The
    M / groups output channels of a group see the channels of that group only. For integers the result and `b` have
    the type of the accumulators: i32 for 8 bits, i64 for 16.

    ```mlir
    %y = xnn.conv "conv1" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64,
         pads = array<i64: 3, 3, 3, 3>, strides = array<i64: 2, 2>}
       : (tensor<1x3x224x224xf32>, tensor<64x3x7x7xf32>, tensor<64xf32>) -> tensor<1x64x112x112xf32>
    ```
    """

    name = "xnn.conv"

    x = operand_def(NetworkOperation.TENSOR)
    w = operand_def(NetworkOperation.TENSOR)
    b = opt_operand_def(NetworkOperation.TENSOR)

    groups = prop_def(INTEGER)

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (AbsorbPad(),)

    def infer_types(self) -> Sequence[TensorType]:
        x, w = shape_of(self.x), shape_of(self.w)
        groups = self.groups.value.data
        if len(x) < 3 or len(w) != len(x):
            raise fault(
                self,
                "expected x [B, C, *spatial] and w [M, C / groups, *kernel],"
                f" but their shapes are {shown(x)} and {shown(w)}",
            )
        if DYNAMIC in w:
            raise fault(self, f"w must have a static shape, but its shape is {shown(w)}")
        if groups < 1 or w[0] % groups:
            raise fault(self, f"{w[0]} output channels cannot form {groups} groups")
        if x[1] not in (DYNAMIC, w[1] * groups):
            raise fault(self, f"x has {x[1]} channels, but w has {w[1]} in each of {groups} groups")
        if self.b is not None and shape_of(self.b) != w[:1]:
            raise fault(self, f"b has shape {shown(shape_of(self.b))}, expected [{w[0]}]")
        out = self.window_counts(x[2:], w[2:])
        return [TensorType(self.sums_type(), (x[0], w[0], *out))]


@irdl_op_definition
class ConvTransposeOp(WindowOperation, ProductOperation):
    """Transposed convolution of `x` [B, C, *spatial] with `w` [C, M / groups, *kernel], plus `b` [M]: [B, M, *out].

    Element i of x adds its product with tap t to element i * stride + t * dilation - pad of the result, whose pads
    are cut off, after `output_padding` elements are added at the end. `pads` are all begins, then all ends.

    ```mlir
    %y = xnn.conv_transpose "up" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64,
         output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
       : (tensor<1x64x28x28xf32>, tensor<64x32x2x2xf32>, tensor<32xf32>) -> tensor<1x32x56x56xf32>
    ```
    """

    name = "xnn.conv_transpose"

    x = operand_def(NetworkOperation.TENSOR)
    w = operand_def(NetworkOperation.TENSOR)
    b = opt_operand_def(NetworkOperation.TENSOR)

    groups = prop_def(INTEGER)
    output_padding = prop_def(INTEGERS)

    @property
    def summed_sizes(self) -> tuple[int, ...]:
        channels, _, *kernel = shape_of(self.w)
        return (channels // self.groups.value.data, *kernel)

    @property
    def price(self) -> Price:
        """A multiplication and an addition for each channel and tap."""
        return {"cheap": 2 * prod(self.summed_sizes)}

    def infer_types(self) -> Sequence[TensorType]:
        x, w = shape_of(self.x), shape_of(self.w)
        groups = self.groups.value.data
        if len(x) < 3 or len(w) != len(x):
            raise fault(
                self,
                "expected x [B, C, *spatial] and w [C, M / groups, *kernel],"
                f" but their shapes are {shown(x)} and {shown(w)}",
            )
        if DYNAMIC in w:
            raise fault(self, f"w must have a static shape, but its shape is {shown(w)}")
        if groups < 1 or w[0] % groups:
            raise fault(self, f"{w[0]} channels cannot form {groups} groups")
        if x[1] not in (DYNAMIC, w[0]):
            raise fault(self, f"x has {x[1]} channels, but w has {w[0]}")
        channels = w[1] * groups
        if self.b is not None and shape_of(self.b) != (channels,):
            raise fault(self, f"b has shape {shown(shape_of(self.b))}, expected [{channels}]")
        more = self.output_padding.get_values()
        self.verify_window(x[2:], more)
        sizes = []
        for size, kernel, stride, dilation, pads, added in zip(
            x[2:],
            w[2:],
            self.strides.get_values(),
            self.dilations.get_values(),
            self.pad_pairs,
            more,
        ):
            whole = span(size, kernel, stride, dilation) + added - sum(pads)
            sizes.append(DYNAMIC if size == DYNAMIC else whole)
        if any(size < 1 and size != DYNAMIC for size in sizes):
            raise fault(self, f"pads cut off all of a result of {shown(sizes)}")
        return [TensorType(self.sums_type(), (x[0], channels, *sizes))]


class AbsorbPad(RewritePattern):
    """A convolution of what is surrounded by zeros has these as pads of its own."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, ConvOp) or not isinstance(pad := op.x.owner, PadOp):
            return
        first, second, *spatial = pad.pairs
        if pad.fills_with_zeros and not any(first + second) and min(map(min, spatial)) >= 0:
            own = zip(op.pad_pairs, spatial, strict=True)
            pairs = [(a + c, b + d) for (a, b), (c, d) in own]
            pads = integers([*(before for before, _ in pairs), *(after for _, after in pairs)])
            properties = {k: v for k, v in op.properties.items() if k not in ("name", "layers")}
            layers = (*(pad.all_names if op.x.has_one_use() else ()), *op.layer_names)
            operands = (pad.x, op.w, op.b)
            new = ConvOp.of(
                op.result_name.data, operands, {**properties, "pads": pads}, layers=layers
            )
            new.location = op.location
            rewriter.replace(op, new)
