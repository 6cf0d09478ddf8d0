"""`xnn`: a network as a graph of operators on tensors; nothing about hardware.

A module holds `func.func @main` from the network's inputs to its outputs, each argument and result with its ONNX name
as attribute `xnn.name`. Every operator has a property `name`, the ONNX tensor it produces or, after `#`, a part of it
that a pass made (a `#` of the tensor's own is doubled), and a result type that follows from its operands. Dimensions
may be unknown (`?`): `xnn.dims` on the argument names them and `xnn-bind` gives them sizes. `xnn.state` on an
argument names the result, of the same type, that is its value in the next run; below level `prim` both are one
buffer. Weights are names of bytes in a file (`xnn.weight`). What is computed from them before the network runs is in
`@main` as operators of constants, or, after `hoist-weights`, in `func.func @weights`, whose results `@main` reads with
`xnn.parameter`.
"""

from xdsl.ir import Dialect

from xnn.dialects.levels import LevelAttr
from xnn.dialects.xnn import (
    activations,
    arithmetic,
    constants,
    conversions,
    convolution,
    functions,
    linear,
    logic,
    movement,
    normalization,
    onnx,
    ordering,
    pooling,
    quantization,
    reduction,
    resize,
    selection,
    shape,
)
from xnn.dialects.xnn.activations import PReluOp, ReluOp, SigmoidOp
from xnn.dialects.xnn.arithmetic import (
    AddOp,
    ClipOp,
    DivOp,
    MaxOp,
    MinOp,
    MulOp,
    NegOp,
    SqrtOp,
    SubOp,
)
from xnn.dialects.xnn.constants import ConstantExpressions, ConstantOp, ParameterOp, WeightOp
from xnn.dialects.xnn.conversions import CastOp
from xnn.dialects.xnn.convolution import ConvOp, ConvTransposeOp
from xnn.dialects.xnn.elementwise import BinaryOperation, ElementwiseOperation
from xnn.dialects.xnn.functions import ExpOp, TanhOp
from xnn.dialects.xnn.linear import EinsumOp, GemmOp, ProductOperation
from xnn.dialects.xnn.logic import AndOp, BitShiftOp, EqualOp, LessOp, NotOp, OrOp, WhereOp, XorOp
from xnn.dialects.xnn.movement import (
    ChoosingOperation,
    DepthToSpaceOp,
    ExpandOp,
    PadOp,
    RearrangingOperation,
    SliceOp,
    SpaceToDepthOp,
    TileOp,
)
from xnn.dialects.xnn.normalization import (
    BatchNormOp,
    LogSoftmaxOp,
    LrnOp,
    NormalizeOp,
    SoftmaxOp,
)
from xnn.dialects.xnn.onnx import OnnxOp
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    integer,
    integers,
    operators_of,
    shape_of,
    tensor_type,
)
from xnn.dialects.xnn.ordering import TopKIndicesOp, TopKOp
from xnn.dialects.xnn.pooling import (
    AveragePoolOp,
    GlobalAveragePoolOp,
    MaxPoolOp,
    PoolOperation,
    SumPoolOp,
)
from xnn.dialects.xnn.quantization import (
    CenterOp,
    DequantizeOp,
    PackOp,
    QuantizationOperation,
    QuantizeOp,
    RequantizeOp,
    RescaleOp,
    RestrictOp,
)
from xnn.dialects.xnn.reduction import (
    ArgMaxOp,
    ArgMinOp,
    CumSumOp,
    ReduceL1Op,
    ReduceL2Op,
    ReduceLogSumExpOp,
    ReduceLogSumOp,
    ReduceMaxOp,
    ReduceMeanOp,
    ReduceMinOp,
    ReduceProdOp,
    ReduceSumOp,
    ReduceSumSquareOp,
    ReduceVarianceOp,
)
from xnn.dialects.xnn.resize import InterpolateOp, ResizeNearestOp
from xnn.dialects.xnn.selection import NonMaxSuppressionOp
from xnn.dialects.xnn.shape import ConcatOp, DropoutOp, GatherOp, IdentityOp, ReshapeOp, TransposeOp

_FAMILIES = (
    constants,
    convolution,
    linear,
    arithmetic,
    functions,
    activations,
    logic,
    conversions,
    pooling,
    normalization,
    reduction,
    ordering,
    selection,
    shape,
    movement,
    resize,
    quantization,
    onnx,
)

XNN = Dialect(
    "xnn",
    [operator for family in _FAMILIES for operator in operators_of(family)],
    [LevelAttr],
    [constants.ConstantMaterialization()],
)
