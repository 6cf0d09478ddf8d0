"""The pass `propagate-transposes`."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.xnn import (
    EinsumOp,
    ElementwiseOperation,
    NetworkOperation,
    ReshapeOp,
    TransposeOp,
    integers,
    shape_of,
)
from xnn.dialects.xnn.normalization import SoftmaxOperation
from xnn.dialects.xnn.operation import integer
from xnn.passes.graph.building import Parts, Replacement, erase, network_operations
from xnn.passes.lowering.primitives.arrangements import order_for

Perm = tuple[int, ...]
"""Axis i of a value as the network has it is axis `perm[i]` of the value as it lies."""


def _follows(op: NetworkOperation, value: SSAValue) -> bool:
    """Whether an operator does the same to an operand whose axes are in another order."""
    if isinstance(op, ReshapeOp):
        before, after = ([n for n in shape_of(v) if n != 1] for v in (op.x, op.result))
        return before == after
    if isinstance(op, SoftmaxOperation):
        return op.to_end is None
    if not isinstance(op, ElementwiseOperation) or shape_of(value) != shape_of(op.result):
        return False
    return all(other is value or _is_along_one_axis(op, i) for i, other in enumerate(op.operands))


def _is_along_one_axis(op: ElementwiseOperation, index: int) -> bool:
    """Whether an operand is broadcast, along all axes but one at most: no order of axes changes its own."""
    sizes = shape_of(op.operands[index])
    broadcast = op.indexing_map(index) == broadcast_map(sizes, shape_of(op.result))
    return prod(sizes) == 1 or (broadcast and sum(size != 1 for size in sizes) == 1)


def _before(op: NetworkOperation) -> SSAValue | None:
    """The operand through which an operator follows an order of axes."""
    return next((value for value in op.operands if _follows(op, value)), None)


def _reordered(
    new: Parts, op: NetworkOperation, operand: SSAValue, perm: Perm
) -> tuple[SSAValue, Perm]:
    """What an operator makes of its operand with axes in another order, and the order of the result."""
    properties: dict[str, Attribute] = {
        key: value for key, value in op.properties.items() if key not in ("name", "layers")
    }
    part, operands = Parts(op.result_name.data, new.place), [operand]
    if isinstance(op, ReshapeOp):
        sizes, perm = _with_ones(shape_of(operand), perm, shape_of(op.x), shape_of(op.result))
        properties["shape"] = integers(sizes)
    elif isinstance(op, SoftmaxOperation):
        properties["axis"] = integer(perm[op.axis.value.data])
    else:
        operands = [
            operand if value is _before(op) else _in_order(part, value, perm, f"operand{i}")
            for i, value in enumerate(op.operands)
        ]
    result = part.build(type(op), operands, properties, part="turned", layers=op.all_names)
    result.owner.attributes.update(op.attributes)
    return result, perm


def _with_ones(
    lies: Sequence[int], perm: Perm, before: Sequence[int], after: Sequence[int]
) -> tuple[list[int], Perm]:
    """A shape with axes of one element as a reshape from `before` to `after` has them, and its order of axes.

    They come first.
    """
    kept = [axis for axis, size in enumerate(lies) if size != 1]
    ones = sum(size == 1 for size in after)
    several = iter(ones + kept.index(perm[i]) for i, size in enumerate(before) if size != 1)
    first = iter(range(ones))
    order = tuple(next(first) if size == 1 else next(several) for size in after)
    return [1] * ones + [lies[axis] for axis in kept], order


def _in_order(new: Parts, value: SSAValue, perm: Perm, part: str) -> SSAValue:
    """An operand that is broadcast along all axes but one, in another order of axes."""
    sizes = shape_of(value)
    if prod(sizes) == 1:
        return value
    padded = (1,) * (len(perm) - len(sizes)) + tuple(sizes)
    turned = [padded[perm.index(axis)] for axis in range(len(perm))]
    return new.reshaped(value, turned, part)


class _Propagation:
    """Moves transpositions along chains of operators, each of which only the next one uses."""

    def to_operand(self, op: EinsumOp, index: int) -> EinsumOp:
        """Lets a product read an operand as it lay before a transposition and operators after it."""
        chain: list[NetworkOperation] = []
        value = op.operands[index]
        while (
            value.has_one_use()
            and isinstance(node := value.owner, NetworkOperation)
            and (operand := _before(node)) is not None
        ):
            chain.append(node)
            value = operand
        if not chain or not isinstance(transpose := value.owner, TransposeOp):
            return op
        new = Replacement(op)
        value, perm = transpose.x, tuple(transpose.perm.get_values())
        for node in reversed(chain):
            value, perm = _reordered(new, node, value, perm)
        taken = transpose.all_names if transpose.result.has_one_use() else ()
        result = _reading(op, index, value, perm, taken)
        for node in (op, *chain, transpose):
            if not any(each.uses for each in node.results):
                erase(node)
        return result

    def from_result(self, op: EinsumOp) -> None:
        """Lets a product leave its result in the order with which it and another one, that reads it after operators
        that do not mind, move least."""
        chain: list[NetworkOperation] = []
        value, user = op.result, None
        while value.has_one_use():
            user = value.get_user_of_unique_use()
            if not isinstance(user, NetworkOperation) or isinstance(user, EinsumOp):
                break
            if _before(user) is not value:
                return
            chain.append(user)
            value = user.results[0]
        out = op.terms[2]
        if not isinstance(user, EinsumOp) or value not in user.operands[:2]:
            return
        labels = order_for(op, user, [*user.operands].index(value))
        if labels == "".join(label for label in out if label in labels):
            return
        lies = "".join(label for label in out if label not in labels) + labels
        new = Replacement(op)
        perm = tuple(lies.index(label) for label in out)
        inverse = [out.index(label) for label in lies]
        properties = {
            k: v
            for k, v in op.with_result_transposed(inverse).items()
            if k not in ("name", "layers")
        }
        result = new.build(EinsumOp, op.operands, properties, part="turned", layers=op.all_names)
        for node in chain:
            result, perm = _reordered(Replacement(node), node, result, perm)
        _reading(user, [*user.operands].index(value), result, perm)
        for node in (user, *reversed(chain), op):
            erase(node)


def _reading(
    op: EinsumOp, index: int, value: SSAValue, perm: Perm, taken: Sequence[str] = ()
) -> EinsumOp:
    """A product for the uses of another, one of whose operands it reads with axes in another order.

    `taken`: layers that it stands for as well.
    """
    operands = [*op.operands]
    operands[index] = value
    changed = op.with_operand_transposed(index, perm)
    properties = {k: v for k, v in changed.items() if k not in ("name", "layers")}
    new = Replacement(op)
    result = new.build(EinsumOp, operands, properties, layers=(*taken, *op.layer_names))
    op.result.replace_all_uses_with(result)
    assert isinstance(result.owner, EinsumOp)
    return result.owner


class PropagateTransposes(ModulePass):
    """Moves transpositions through operators that work on each element, or along one axis, into products.

    ```mlir
    %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<197x12x64xf32>) -> tensor<12x197x64xf32>
    %y = xnn.mul "y" %t, %c : ...
    %z = xnn.einsum "z" %y, %k {equation = "bmk,bnk->bmn"} : ...
    ```
    becomes
    ```mlir
    %y = xnn.mul "y#turned" %x, %c : ...
    %z = xnn.einsum "z" %y, %k {equation = "mbk,bnk->bmn"} : ...
    ```
    where the product may take its operand as it lies. And where one product reads what another one leaves, after
    a softmax for instance, the first leaves it in the order in which least is moved: what the second has to move then
    has fewer bytes, and what is between is fused into the first.
    """

    name = "propagate-transposes"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        propagation = _Propagation()
        products = [
            node
            for node in network_operations(op)
            if isinstance(node, EinsumOp) and DYNAMIC_INDEX not in node.label_sizes.values()
        ]
        for number, node in enumerate(products):
            for index in range(2):
                node = products[number] = propagation.to_operand(node, index)
        for node in reversed(products):
            propagation.from_result(node)
