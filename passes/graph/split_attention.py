"""The pass `split-attention`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, prod

from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.ir import Attribute, OpResult, SSAValue
from xdsl.ir.affine import AffineDimExpr
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects.names import group_name, part_name
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn import (
    ConcatOp,
    ConstantExpressions,
    EinsumOp,
    ElementwiseOperation,
    GemmOp,
    NetworkOperation,
    ReshapeOp,
    SliceOp,
    integer,
    integers,
    shape_of,
)
from xnn.dialects.xnn.normalization import SoftmaxOperation
from xnn.passes.graph.building import Parts, Replacement, erase, network_operations
from xnn.runtime.targets import target_of

SHARE = 0.125
"""Of local memory: more than that scores should not take."""


def _before(op: NetworkOperation, axis: int) -> dict[int, int] | None:
    """By operand that has the axis of the result, which one of its own it is; None if parts of the operands do not
    make a part of the result."""
    if isinstance(op, ElementwiseOperation):
        found: dict[int, int] = {}
        for index, value in enumerate(op.operands):
            for own, result in enumerate(op.indexing_map(index).data.results):
                if (
                    isinstance(result, AffineDimExpr)
                    and result.position == axis
                    and shape_of(value)[own] > 1
                ):
                    found[index] = own
        return found
    if isinstance(op, SoftmaxOperation):
        return None if axis in op.axes else {0: axis}
    if isinstance(op, EinsumOp):
        *operands, out = op.terms
        label = out[axis]
        return {index: term.index(label) for index, term in enumerate(operands) if label in term}
    if isinstance(op, GemmOp) and axis == 1:
        columns = {1: 0 if op.trans_b.value.data else 1}
        if op.c is not None and shape_of(op.c)[-1] > 1:
            columns[2] = len(shape_of(op.c)) - 1
        return columns
    if isinstance(op, ReshapeOp):
        own = _axis_before(shape_of(op.x), shape_of(op.result), axis)
        return None if own is None else {0: own}
    return None


def _axis_before(before: tuple[int, ...], after: tuple[int, ...], axis: int) -> int | None:
    """The axis of a reshaped tensor that has all of an axis of the result, and is divided there, if at all."""
    inner = prod(after[axis + 1 :])
    for own, size in enumerate(before):
        step = prod(before[own + 1 :])
        if size > 1 and step * size == inner * after[axis] and inner % step == 0:
            return own
    return None


@dataclass(frozen=True)
class _Group:
    """Builds the parts of values that a group of heads has, one of `count` of the same size."""

    number: int
    count: int
    constants: ConstantExpressions
    place: InsertPoint

    def part(self, value: SSAValue, axis: int, name: str) -> SSAValue:
        """That of a value along an axis, which has one or several elements for each head.

        `name`: for a slice of what cannot be made in parts.
        """
        op = value.owner
        if isinstance(op, NetworkOperation) and value not in self.constants and value.has_one_use():
            if _before(op, axis) is not None:
                return self.made(op, axis)
        each = shape_of(value)[axis] // self.count
        properties = {
            "axes": integers((axis,)),
            "starts": integers((each * self.number,)),
            "ends": integers((each * (self.number + 1),)),
            "steps": integers((1,)),
        }
        return self._build(name, SliceOp, [value], properties)

    def made(self, op: NetworkOperation, axis: int) -> SSAValue:
        """That of the result of an operator of which parts make parts."""
        name, axes = op.result_name.data, _before(op, axis) or {}
        operands = [
            self.part(value, axes[i], part_name(name, f"operand{i}")) if i in axes else value
            for i, value in enumerate(op.operands)
        ]
        properties: dict[str, Attribute] = {
            key: value for key, value in op.properties.items() if key not in ("name", "layers")
        }
        if isinstance(op, ReshapeOp):
            sizes = list(shape_of(op.result))
            sizes[axis] //= self.count
            properties["shape"] = integers(sizes)
        result = self._build(name, type(op), operands, properties, layers=op.all_names)
        result.owner.attributes.update(op.attributes)
        return result

    def _build(
        self,
        name: str,
        operator: type[NetworkOperation],
        operands: Sequence[SSAValue],
        properties: Mapping[str, Attribute],
        layers: Sequence[str] = (),
    ) -> OpResult:
        new = Parts(group_name(name, self.number), self.place)
        return new.build(operator, operands, properties, layers=layers)


def _scores(op: NetworkOperation, axis: int) -> Iterator[SSAValue]:
    """What softmaxes read of products by group of an axis of the result, through which it is made."""
    for index, own in (_before(op, axis) or {}).items():
        value = op.operands[index]
        before = value.owner
        if not isinstance(before, NetworkOperation) or not value.has_one_use():
            continue
        if isinstance(op, SoftmaxOperation) and _is_made_by_groups(before, own):
            yield value
        elif isinstance(before, ElementwiseOperation | ReshapeOp | SoftmaxOperation):
            yield from _scores(before, own)


def _is_made_by_groups(op: NetworkOperation, axis: int) -> bool:
    """Whether a product makes a value, and both of its operands have the axis."""
    axes = _before(op, axis) or {}
    if isinstance(op, EinsumOp):
        return len(axes) == 2
    if not isinstance(op, ElementwiseOperation | ReshapeOp):
        return False
    makers = ((op.operands[index].owner, own) for index, own in axes.items())
    return any(
        isinstance(before, NetworkOperation) and _is_made_by_groups(before, own)
        for before, own in makers
    )


def _count(heads: int, rows: int, bytes: int, target: Target) -> int:
    """The fewest groups of as many heads of which the scores have room, or the most whose products fill tiles.

    `rows`: that a head has in the result.
    """
    wanted = ceil(bytes / (SHARE * target.local.capacity_bytes))
    full = [
        n for n in range(1, heads + 1) if heads % n == 0 and heads // n * rows >= target.matmul_n(8)
    ]
    return next((n for n in full if n >= wanted), max(full, default=1))


def _split(op: EinsumOp, constants: ConstantExpressions, target: Target) -> None:
    """Splits the heads of attention, if an einsum is its second product and scores are large."""
    terms, sizes = op.terms, op.label_sizes
    heads = [label for label in terms[2] if all(label in term for term in terms)]
    for label in sorted(heads, key=lambda label: -sizes[label]):
        axis = terms[2].index(label)
        bytes = max((value_bytes(value) for value in _scores(op, axis)), default=0)
        alone = [
            prod(sizes[other] for other in term if other in terms[2] and other not in heads)
            for term in terms[:2]
        ]
        if bytes and (count := _count(sizes[label], min(alone), bytes, target)) > 1:
            _concatenate(op, axis, count, constants)
            return


def _concatenate(op: EinsumOp, axis: int, count: int, constants: ConstantExpressions) -> None:
    """Makes a product, and what elementwise operators make of it, in parts."""
    last: NetworkOperation = op
    while last.results[0].has_one_use():
        user = last.results[0].get_user_of_unique_use()
        if not isinstance(user, ElementwiseOperation) or user.operands[0] is not last.results[0]:
            break
        if not all(value in constants for value in user.operands[1:]):
            break
        last = user
    new = Replacement(last)
    groups = [_Group(number, count, constants, new.place) for number in range(count)]
    parts = [each.made(last, axis) for each in groups]
    whole = new.build(ConcatOp, parts, {"axis": integer(axis)})
    last.results[0].replace_all_uses_with(whole)
    _erase_unused(last)


def _erase_unused(op: NetworkOperation) -> None:
    if any(result.first_use is not None for result in op.results):
        return
    operands = [value.owner for value in op.operands]
    erase(op)
    for each in dict.fromkeys(operands):
        if isinstance(each, NetworkOperation):
            _erase_unused(each)


@dataclass(frozen=True)
class SplitAttention(ModulePass):
    """Computes attention in groups of heads, where the scores of all of them would take much of local memory.

    ```mlir
    %s = xnn.einsum "s" %q, %k {equation = "qhd,khd->qhk"} : ...
    %p = xnn.softmax "p" %s {axis = 2 : i64} : (tensor<128x12x128xf32>) -> tensor<128x12x128xf32>
    %y = xnn.einsum "y" %p, %v {equation = "qhk,khd->qhd"} : ...
    ```
    becomes, in two groups,
    ```mlir
    %q0 = xnn.slice "q#heads0" %q {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 6>, ...} : ...
    %s0 = xnn.einsum "s#heads0" %q0, %k0 {equation = "qhd,khd->qhk"} : ...
    %p0 = xnn.softmax "p#heads0" %s0 {axis = 2 : i64} : (tensor<128x6x128xf32>) -> tensor<128x6x128xf32>
    ...
    %y = xnn.concat "y" %y0, %y1 {axis = 1 : i64} : ...
    ```
    Products that make queries, keys and values are split themselves, by slices of their weights. The groups have
    their places in local memory one after the other, and one's softmax runs beside products of the next.
    """

    name = "split-attention"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target, constants = target_of(op), ConstantExpressions()
        for node in network_operations(op):
            if isinstance(node, EinsumOp) and DYNAMIC_INDEX not in node.label_sizes.values():
                _split(node, constants, target)
