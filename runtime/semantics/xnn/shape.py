"""Meaning of the operators that move or relabel elements."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import ConcatOp, DropoutOp, IdentityOp, ReshapeOp, TransposeOp
from xnn.dialects.xnn.shapes import reshaped


@register_impls
class ShapeFunctions(InterpreterFunctions):
    @impl(ReshapeOp)
    def reshape(self, interpreter: Interpreter, op: ReshapeOp, args: PythonValues) -> PythonValues:
        shape = reshaped(args[0].shape, op.shape.get_values())
        assert shape is not None, "the verifier has checked it"
        return (args[0].reshape(shape),)

    @impl(TransposeOp)
    def transpose(
        self, interpreter: Interpreter, op: TransposeOp, args: PythonValues
    ) -> PythonValues:
        return (args[0].transpose(op.perm.get_values()),)

    @impl(ConcatOp)
    def concat(self, interpreter: Interpreter, op: ConcatOp, args: PythonValues) -> PythonValues:
        return (np.concatenate(args, axis=op.axis.value.data),)

    @impl(DropoutOp)
    def dropout(self, interpreter: Interpreter, op: DropoutOp, args: PythonValues) -> PythonValues:
        return args

    @impl(IdentityOp)
    def identity(
        self, interpreter: Interpreter, op: IdentityOp, args: PythonValues
    ) -> PythonValues:
        return args
