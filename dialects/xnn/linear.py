"""Matrix products, and what all sums of products share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import (
    AnyFloat,
    BoolAttr,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerType,
    StringAttr,
    TensorType,
    f32,
)
from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import NUMBERS, Elements, accumulator_type, is_unsigned
from xnn.dialects.names import part_name
from xnn.dialects.xnn.arithmetic import MulOp
from xnn.dialects.xnn.constants import ConstantOp
from xnn.dialects.xnn.movement import ExpandOp
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    integers,
    shape_of,
    shown,
    tensor_type,
)
from xnn.dialects.xnn.shape import ReshapeOp, TransposeOp
from xnn.dialects.xnn.shapes import broadcast
from xnn.dialects.xnn.traits import LowPrecision, TakesIntegers


class ProductOperation(NetworkOperation):
    """Sums of products of its first two operands, plus its optional third.

    The result of floats has their type; that of integers, which may be of two types, has the type of their
    accumulators (`xnn.dialects.element_types`), as has the third operand.
    """

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(LowPrecision(), TakesIntegers())

    @property
    def bias(self) -> SSAValue | None:
        return self.operands[2] if len(self.operands) > 2 else None

    @property
    @abstractmethod
    def summed_sizes(self) -> tuple[int, ...]:
        """Sizes of the dimensions that a sum of products runs over."""

    @property
    def accumulator_type(self) -> Attribute:
        """The type in which products are summed."""
        return accumulator_type(*(tensor_type(value).element_type for value in self.operands[:2]))

    def sums_type(self) -> Attribute:
        """The element type of the result."""
        sums, addends = self.accumulator_type, self.operands[2:]
        if not isinstance(sums, IntegerType):
            return self.shared_element_type(self.operands)
        if addends and is_unsigned(sums):
            raise fault(self, f"nothing can be added to sums of type {sums}")
        for value in addends:
            if tensor_type(value).element_type != sums:
                raise fault(self, f"what is added to sums of type {sums} has type {value.type}")
        return sums


class MultiplyAccumulateOperation(ProductOperation):
    """A product of a feature map and weights, whose result has its channels along axis 1."""

    @property
    def output_axis(self) -> int:
        """The axis of the weights that the channels of the result follow."""
        return 0

    @property
    def weights(self) -> SSAValue:
        return self.operands[1]

    @property
    def summed_sizes(self) -> tuple[int, ...]:
        sizes = shape_of(self.weights)
        return tuple(size for axis, size in enumerate(sizes) if axis != self.output_axis)


@irdl_op_definition
class GemmOp(MultiplyAccumulateOperation, HasCanonicalizationPatternsInterface):
    """The matrix product alpha * a' b' + beta * c: a' [M, K] is `a` or (`trans_a`) its transpose, b' [K, N] likewise.

    `c` broadcasts to the result [M, N]. For integers alpha and beta are 1.

    ```mlir
    %y = xnn.gemm "fc" %a, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true}
       : (tensor<1x512xf32>, tensor<10x512xf32>, tensor<10xf32>) -> tensor<1x10xf32>
    ```
    """

    name = "xnn.gemm"

    a = operand_def(NetworkOperation.TENSOR)
    b = operand_def(NetworkOperation.TENSOR)
    c = opt_operand_def(NetworkOperation.TENSOR)

    trans_a = prop_def(BoolAttr)
    trans_b = prop_def(BoolAttr)
    alpha = prop_def(FloatAttr)
    beta = prop_def(FloatAttr)

    @property
    def output_axis(self) -> int:
        return 0 if self.trans_b.value.data else 1

    def infer_types(self) -> Sequence[TensorType]:
        a, b = shape_of(self.a), shape_of(self.b)
        if len(a) != 2 or len(b) != 2:
            raise fault(self, f"expected two matrices, but shapes are {shown(a)} and {shown(b)}")
        m, k = reversed(a) if self.trans_a.value.data else a
        k_of_b, n = reversed(b) if self.trans_b.value.data else b
        if DYNAMIC not in (k, k_of_b) and k != k_of_b:
            raise fault(self, f"a has {k} columns, but b has {k_of_b} rows")
        if self.c is not None and broadcast(shape_of(self.c), (m, n)) != (m, n):
            raise fault(self, f"c {shown(shape_of(self.c))} does not broadcast to {shown((m, n))}")
        sums = self.sums_type()
        if isinstance(sums, IntegerType) and {self.alpha.value.data, self.beta.value.data} != {1}:
            raise fault(self, "alpha and beta of integers must be 1")
        return [TensorType(sums, (m, n))]

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return AbsorbTranspose(), ScaleAddend()

    def with_operand_transposed(self, index: int, perm: Sequence[int]) -> dict[str, Attribute]:
        name = ("trans_a", "trans_b")[index]
        before = (self.trans_a, self.trans_b)[index].value.data
        return {**self.properties, name: BoolAttr.from_bool(bool(before) != (perm[0] == 1))}


@irdl_op_definition
class EinsumOp(ProductOperation, HasCanonicalizationPatternsInterface):
    """Sums of products of the elements of `a` and `b`, whose axes `equation` labels with letters.

    An axis with a label of the result is kept, any other is summed over. No term has a label twice; a label that
    is summed over is in both operands; all axes of a label are of one size. Products of stacks of matrices,
    whose axes may be in any order, are of this kind.

    ```mlir
    %s = xnn.einsum "scores" %q, %k {equation = "bhsd,bthd->bhst"}
       : (tensor<1x12x64x64xf32>, tensor<1x64x12x64xf32>) -> tensor<1x12x64x64xf32>
    ```
    """

    name = "xnn.einsum"

    a = operand_def(NetworkOperation.TENSOR)
    b = operand_def(NetworkOperation.TENSOR)

    equation = prop_def(StringAttr)

    @property
    def terms(self) -> tuple[str, str, str]:
        """Labels of `a`, of `b` and of the result; raises VerifyException unless the equation has three terms."""
        terms = self.equation.data.replace("->", ",").split(",")
        if len(terms) != 3 or "->" not in self.equation.data:
            raise fault(self, f'expected an equation like "mk,kn->mn", not "{self.equation.data}"')
        return terms[0], terms[1], terms[2]

    @property
    def label_sizes(self) -> Mapping[str, int]:
        """The size of the axes of each label; raises VerifyException if they differ."""
        sizes: dict[str, int] = {}
        for value, term in zip(self.operands, self.terms, strict=False):
            shape = shape_of(value)
            if len(shape) != len(term):
                raise fault(self, f'"{term}" labels {len(term)} axes, but they are {shown(shape)}')
            for label, size in zip(term, shape, strict=True):
                before = sizes.get(label, DYNAMIC)
                if DYNAMIC not in (size, before) and size != before:
                    raise fault(self, f'axes "{label}" are of size {before} and {size}')
                sizes[label] = before if size == DYNAMIC else size
        return sizes

    @property
    def summed_sizes(self) -> tuple[int, ...]:
        sizes, (_, _, out) = self.label_sizes, self.terms
        return tuple(size for label, size in sizes.items() if label not in out)

    def infer_types(self) -> Sequence[TensorType]:
        a, b, out = self.terms
        for term in (a, b, out):
            if len(set(term)) != len(term) or not all(label.isalpha() for label in term):
                raise fault(self, f'"{term}" must be letters, each of them once')
        if missing := sorted({*out} - {*a, *b}):
            raise fault(self, f'no operand has the label "{missing[0]}" of the result')
        if alone := sorted(({*a} ^ {*b}) - {*out}):
            raise fault(self, f'label "{alone[0]}" is of one operand alone, and not of the result')
        sizes = self.label_sizes
        return [TensorType(self.sums_type(), [sizes[label] for label in out])]

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return AbsorbTranspose(), AbsorbTransposeOfResult(), ProductsByOneMatrix()

    def with_operand_transposed(self, index: int, perm: Sequence[int]) -> dict[str, Attribute]:
        terms = list(self.terms)
        terms[index] = "".join(terms[index][perm.index(axis)] for axis in range(len(perm)))
        return self._with_terms(*terms)

    def with_result_transposed(self, perm: Sequence[int]) -> dict[str, Attribute]:
        a, b, out = self.terms
        return self._with_terms(a, b, "".join(out[axis] for axis in perm))

    def _with_terms(self, a: str, b: str, out: str) -> dict[str, Attribute]:
        return {**self.properties, "equation": StringAttr(f"{a},{b}->{out}")}


def _plain(properties: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {k: v for k, v in properties.items() if k not in ("name", "layers")}


class AbsorbTranspose(RewritePattern):
    """A product of a transposed operand reads it as it lies."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, GemmOp | EinsumOp):
            return
        for index, value in enumerate(op.operands[:2]):
            if not isinstance(inner := value.owner, TransposeOp):
                continue
            operands = [*op.operands[:index], inner.x, *op.operands[index + 1 :]]
            changed = op.with_operand_transposed(index, inner.perm.get_values())
            layers = (*(inner.all_names if value.has_one_use() else ()), *op.layer_names)
            new = op.of(op.result_name.data, operands, _plain(changed), layers=layers)
            new.location = op.location
            return rewriter.replace(op, new)


class ScaleAddend(RewritePattern):
    """What is added to sums of no products is the result."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, GemmOp) or op.c is None or 0 not in op.summed_sizes:
            return
        name, kind, addend = op.result_name.data, tensor_type(op.c).element_type, op.c
        new: list[NetworkOperation] = []
        if isinstance(kind, AnyFloat):  # of integers it is 1
            value = DenseIntOrFPElementsAttr.from_list(TensorType(kind, ()), [op.beta.value.data])
            factor = ConstantOp.of(part_name(name, "beta"), (), {"value": value})
            new += factor, MulOp.of(part_name(name, "scaled"), [addend, factor.result])
            addend = new[-1].result
        shape = {"shape": integers(shape_of(op.result))}
        new.append(ExpandOp.of(name, [addend], shape, layers=op.layer_names))
        for each in new:
            each.location = op.location
        rewriter.replace(op, new)


class AbsorbTransposeOfResult(RewritePattern):
    """A product whose only use is a transposition has its result in that order."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, EinsumOp) or not op.result.has_one_use():
            return
        outer = op.result.get_user_of_unique_use()
        if isinstance(outer, TransposeOp):
            changed = op.with_result_transposed(outer.perm.get_values())
            name, layers = outer.result_name.data, (*op.all_names, *outer.layer_names)
            new = EinsumOp.of(name, op.operands, _plain(changed), layers=layers)
            new.location = outer.location
            rewriter.replace(outer, new)


class ProductsByOneMatrix(RewritePattern):
    """Products of a stack of matrices by one: of all their rows at once."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, EinsumOp) or DYNAMIC in shape_of(op.result):
            return
        a, b, out = op.terms
        if len(a) < 2 or len(b) != 2 or a[-1] not in b or out != a[:-1] + b.replace(a[-1], ""):
            return
        name, (*stack, taps) = op.result_name.data, shape_of(op.a)
        flat = {"shape": integers((prod(stack), taps))}
        rows = ReshapeOp.of(part_name(name, "rows"), [op.a], flat)
        properties: dict[str, Attribute] = {
            "trans_a": BoolAttr.from_bool(False),
            "trans_b": BoolAttr.from_bool(b[0] != a[-1]),
            "alpha": FloatAttr(1.0, f32),
            "beta": FloatAttr(1.0, f32),
        }
        operands = (rows.result, op.b, None)
        gemm = GemmOp.of(part_name(name, "products"), operands, properties, layers=op.layer_names)
        shape = {"shape": integers(shape_of(op.result))}
        stacked = ReshapeOp.of(name, [gemm.result], shape)
        for new in (rows, gemm, stacked):
            new.location = op.location
        rewriter.replace(op, [rows, gemm, stacked])
