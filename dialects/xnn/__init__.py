"""`xnn`: a network as a graph of operators on tensors; nothing about hardware.

A module holds `func.func @main` from the network's inputs to its outputs, each argument and result with its ONNX name
as attribute `xnn.name`. Every operator has a property `name`, the ONNX tensor it produces, and a result type that
follows from its operands (`infer_types`). Dimensions may be unknown (`?`): `xnn.dims` on the argument names them and
`xnn-bind` gives them sizes. Weights are names of bytes in a file (`xnn.weight`). What is computed from them before the
network runs stands in `@main` as operators of constants, or, after `hoist-weights`, in `func.func @weights`, whose
results `@main` reads with `xnn.parameter`.
"""

from xdsl.ir import Dialect

from xnn.dialects.xnn.constants import ConstantExpressions, ConstantOp, ParameterOp, WeightOp
from xnn.dialects.xnn.convolution import ConvOp
from xnn.dialects.xnn.elementwise import (
    AddOp,
    BinaryOperation,
    ClipOp,
    DivOp,
    ExpOp,
    MulOp,
    NegOp,
    ReluOp,
    SigmoidOp,
    SqrtOp,
    SubOp,
    TanhOp,
    UnaryOperation,
)
from xnn.dialects.xnn.linear import GemmOp
from xnn.dialects.xnn.normalization import BatchNormOp, LrnOp, SoftmaxOp
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    integer,
    integers,
    shape_of,
    tensor_type,
)
from xnn.dialects.xnn.pooling import (
    AveragePoolOp,
    GlobalAveragePoolOp,
    MaxPoolOp,
    PoolOperation,
    SumPoolOp,
)
from xnn.dialects.xnn.quantization import (
    CastOp,
    CenterOp,
    DequantizeOp,
    PackOp,
    QuantizationOperation,
    QuantizeOp,
    RequantizeOp,
    RescaleOp,
    RestrictOp,
)
from xnn.dialects.xnn.shape import ConcatOp, DropoutOp, IdentityOp, ReshapeOp, TransposeOp

__all__ = [
    "AddOp",
    "AveragePoolOp",
    "BatchNormOp",
    "BinaryOperation",
    "CastOp",
    "CenterOp",
    "ClipOp",
    "ConcatOp",
    "ConstantExpressions",
    "ConstantOp",
    "ConvOp",
    "DYNAMIC",
    "DequantizeOp",
    "DivOp",
    "DropoutOp",
    "ExpOp",
    "GemmOp",
    "GlobalAveragePoolOp",
    "IdentityOp",
    "LrnOp",
    "MaxPoolOp",
    "MulOp",
    "NegOp",
    "NetworkOperation",
    "PackOp",
    "ParameterOp",
    "PoolOperation",
    "QuantizationOperation",
    "QuantizeOp",
    "ReluOp",
    "RequantizeOp",
    "RescaleOp",
    "ReshapeOp",
    "RestrictOp",
    "SigmoidOp",
    "SoftmaxOp",
    "SqrtOp",
    "SubOp",
    "SumPoolOp",
    "TanhOp",
    "TransposeOp",
    "UnaryOperation",
    "WeightOp",
    "XNN",
    "integer",
    "integers",
    "shape_of",
    "tensor_type",
]

XNN = Dialect(
    "xnn",
    [
        ConstantOp,
        WeightOp,
        ParameterOp,
        ConvOp,
        GemmOp,
        AddOp,
        SubOp,
        MulOp,
        DivOp,
        ReluOp,
        ClipOp,
        SqrtOp,
        ExpOp,
        SigmoidOp,
        TanhOp,
        NegOp,
        MaxPoolOp,
        AveragePoolOp,
        GlobalAveragePoolOp,
        SumPoolOp,
        BatchNormOp,
        LrnOp,
        SoftmaxOp,
        ReshapeOp,
        TransposeOp,
        ConcatOp,
        DropoutOp,
        IdentityOp,
        QuantizeOp,
        DequantizeOp,
        RequantizeOp,
        RescaleOp,
        CenterOp,
        RestrictOp,
        PackOp,
        CastOp,
    ],
)
