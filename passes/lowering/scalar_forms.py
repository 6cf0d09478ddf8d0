"""Scalar forms of elementwise operators: what fusion puts into a `pre` or `post` region."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import NetworkOperation

Form = Callable[[NetworkOperation, Sequence[SSAValue]], list[Operation]]


def _binary(scalar: Callable[[SSAValue, SSAValue], Operation]) -> Form:
    return lambda op, operands: [scalar(operands[0], operands[1])]


def _unary(scalar: Callable[[SSAValue], Operation]) -> Form:
    return lambda op, operands: [scalar(operands[0])]


def _constant(value: float, type: Attribute) -> arith.ConstantOp:
    assert isinstance(type, AnyFloat)
    return arith.ConstantOp(FloatAttr(value, type))


def _relu(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    zero = _constant(0.0, operands[0].type)
    return [zero, arith.MaximumfOp(operands[0], zero.result)]


def _clip(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    assert isinstance(op, xnn.ClipOp)
    value, ops = operands[0], list[Operation]()
    for bound, scalar in ((op.min, arith.MaximumfOp), (op.max, arith.MinimumfOp)):
        if bound is not None:
            limit = arith.ConstantOp(bound)
            clipped = scalar(value, limit.result)
            ops += [limit, clipped]
            value = clipped.result
    return ops


def _sigmoid(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    """1 / (1 + exp(-x))"""
    one = _constant(1.0, operands[0].type)
    negative = arith.NegfOp(operands[0])
    power = math.ExpOp(negative.result)
    total = arith.AddfOp(one.result, power.result)
    return [one, negative, power, total, arith.DivfOp(one.result, total.result)]


FORMS: dict[type[IRDLOperation], Form] = {
    xnn.AddOp: _binary(arith.AddfOp),
    xnn.SubOp: _binary(arith.SubfOp),
    xnn.MulOp: _binary(arith.MulfOp),
    xnn.DivOp: _binary(arith.DivfOp),
    xnn.NegOp: _unary(arith.NegfOp),
    xnn.SqrtOp: _unary(math.SqrtOp),
    xnn.ExpOp: _unary(math.ExpOp),
    xnn.TanhOp: _unary(math.TanhOp),
    xnn.ReluOp: _relu,
    xnn.ClipOp: _clip,
    xnn.SigmoidOp: _sigmoid,
}


def scalar_form(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    """Scalar operations that compute one element of `op`; the last one's result is the element."""
    return FORMS[type(op)](op, operands)


def is_elementwise(op: object) -> bool:
    """Whether an operation has a scalar form for the type that it works on."""
    if not isinstance(op, NetworkOperation) or type(op) not in FORMS:
        return False
    assert isinstance(op.result.type, TensorType)
    return op.result.type.element_type.name in ("f32", "f64", "f16", "bf16")
