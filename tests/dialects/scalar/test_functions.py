"""The error of transcendental functions, in units in the last place, is what docs/number-formats.md states."""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from xdsl.dialects import math as dialect
from xdsl.dialects.builtin import bf16, f16, f32, f64
from xdsl.ir import Attribute, Block

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import YieldOp
from xnn.dialects.scalar import array_function, place

TEXT = (Path(__file__).parents[3] / "docs" / "number-formats.md").read_text()
STATED = {
    name: (float(short), float(double))
    for name, short, double in re.findall(
        r"^\| `math\.(\w+)` \| ([\d.]+) \| ([\d.]+) \|", TEXT, re.M
    )
}
FUNCTIONS: dict[str, tuple[type, Callable[..., np.ndarray]]] = {
    "exp": (dialect.ExpOp, np.exp),
    "expm1": (dialect.ExpM1Op, np.expm1),
    "log": (dialect.LogOp, np.log),
    "log1p": (dialect.Log1pOp, np.log1p),
    "powf": (dialect.PowFOp, np.power),
    "erf": (dialect.ErfOp, np.vectorize(math.erf, otypes=[np.longdouble])),
    "sin": (dialect.SinOp, np.sin),
    "cos": (dialect.CosOp, np.cos),
    "tan": (dialect.TanOp, np.tan),
    "asin": (dialect.AsinOp, np.arcsin),
    "acos": (dialect.AcosOp, np.arccos),
    "atan": (dialect.AtanOp, np.arctan),
    "sinh": (dialect.SinhOp, np.sinh),
    "cosh": (dialect.CoshOp, np.cosh),
    "tanh": (dialect.TanhOp, np.tanh),
    "asinh": (dialect.AsinhOp, np.arcsinh),
    "acosh": (dialect.AcoshOp, np.arccosh),
    "atanh": (dialect.AtanhOp, np.arctanh),
}
"""The operation, and what is exact enough: functions of NumPy's widest floats, and of the C library."""


def samples(element: Attribute, seed: int) -> np.ndarray:
    """All numbers of 16 bits; of wider floats many, of sizes from 2^-30 to 2^12."""
    dtype = dtype_of(element)
    if dtype.itemsize == 2:
        return np.arange(2**16, dtype=np.uint16).view(dtype)
    rng = np.random.default_rng(seed)
    count = 20_000
    sizes = np.exp2(np.concatenate([rng.uniform(-30, 12, count), rng.uniform(-3, 3, count)]))
    return (sizes * rng.choice([-1, 1], 2 * count)).astype(dtype)


def largest_error(name: str, element: Attribute) -> float:
    """In units in the last place of the exact result, where that is a normal number of the type."""
    operation, exact = FUNCTIONS[name]
    binary = name == "powf"
    operands: Sequence[np.ndarray] = [samples(element, i) for i in range(1 + binary)]
    if binary:
        operands = [np.abs(operands[0]), np.random.default_rng(2).permutation(operands[1])]
    block = Block(arg_types=[element] * len(operands))
    block.add_op(YieldOp(place(block, operation(*block.args).results[0])))
    found = np.asarray(array_function(block)(operands), np.longdouble)
    with np.errstate(all="ignore"):
        expected = exact(*(np.asarray(each, np.longdouble) for each in operands))
        limits = ml_dtypes.finfo(dtype_of(element))
        size = np.abs(expected)
        normal = (size >= float(limits.tiny)) & (size <= float(limits.max))
        ulp = np.exp2(np.floor(np.log2(size[normal]))) * float(limits.eps)
        return float(np.max(np.abs(found - expected)[normal] / ulp))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_are_as_stated(name: str):
    short, double = STATED[name]
    measured = max(largest_error(name, element) for element in (f16, bf16, f32))
    assert 0.4 < measured <= short
    assert largest_error(name, f64) <= double
