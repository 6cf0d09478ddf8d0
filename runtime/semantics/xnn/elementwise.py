"""Meaning of the elementwise operators: NumPy's, in the type of the tensors."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import (
    AddOp,
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
)


def divide(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """lhs / rhs; integers round towards zero."""
    if np.issubdtype(lhs.dtype, np.floating):
        return lhs / rhs
    quotient = lhs // rhs
    return quotient + ((quotient < 0) & (quotient * rhs != lhs)).astype(lhs.dtype)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), for large |x| as well: the exponent is never positive."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def clip(x: np.ndarray, low: float | None, high: float | None) -> np.ndarray:
    """min(max(x, low), high); a bound that is None does not bound."""
    if low is not None:
        x = np.maximum(x, x.dtype.type(low))
    if high is not None:
        x = np.minimum(x, x.dtype.type(high))
    return x


@register_impls
class ElementwiseFunctions(InterpreterFunctions):
    @impl(AddOp)
    def add(self, interpreter: Interpreter, op: AddOp, args: PythonValues) -> PythonValues:
        return (args[0] + args[1],)

    @impl(SubOp)
    def sub(self, interpreter: Interpreter, op: SubOp, args: PythonValues) -> PythonValues:
        return (args[0] - args[1],)

    @impl(MulOp)
    def mul(self, interpreter: Interpreter, op: MulOp, args: PythonValues) -> PythonValues:
        return (args[0] * args[1],)

    @impl(DivOp)
    def div(self, interpreter: Interpreter, op: DivOp, args: PythonValues) -> PythonValues:
        return (divide(*args),)

    @impl(ReluOp)
    def relu(self, interpreter: Interpreter, op: ReluOp, args: PythonValues) -> PythonValues:
        return (clip(args[0], 0, None),)

    @impl(ClipOp)
    def clip(self, interpreter: Interpreter, op: ClipOp, args: PythonValues) -> PythonValues:
        low, high = (None if bound is None else bound.value.data for bound in (op.min, op.max))
        return (clip(args[0], low, high),)

    @impl(SqrtOp)
    def sqrt(self, interpreter: Interpreter, op: SqrtOp, args: PythonValues) -> PythonValues:
        return (np.sqrt(args[0]),)

    @impl(ExpOp)
    def exp(self, interpreter: Interpreter, op: ExpOp, args: PythonValues) -> PythonValues:
        return (np.exp(args[0]),)

    @impl(SigmoidOp)
    def sigmoid(self, interpreter: Interpreter, op: SigmoidOp, args: PythonValues) -> PythonValues:
        return (sigmoid(args[0]),)

    @impl(TanhOp)
    def tanh(self, interpreter: Interpreter, op: TanhOp, args: PythonValues) -> PythonValues:
        return (np.tanh(args[0]),)

    @impl(NegOp)
    def neg(self, interpreter: Interpreter, op: NegOp, args: PythonValues) -> PythonValues:
        return (-args[0],)
