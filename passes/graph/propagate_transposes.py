"""The pass `propagate-transposes`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf, prod

from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.strides import refined
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes
from xnn.dialects.xnn import (
    AddOp,
    EinsumOp,
    ElementwiseOperation,
    GemmOp,
    NetworkOperation,
    NormalizeOp,
    ReshapeOp,
    TransposeOp,
    integers,
    shape_of,
)
from xnn.dialects.xnn.normalization import SoftmaxOperation
from xnn.dialects.xnn.operation import integer
from xnn.dialects.xnn.quantization import QuantizationOperation
from xnn.passes.graph.building import Parts, Replacement, erase, network_operations
from xnn.passes.lowering.primitives.arrangements import (
    cost_of_moving,
    moves_of,
    order_for,
    terms_of,
)
from xnn.runtime.targets import target_of

_Reader = EinsumOp | GemmOp | TransposeOp
"""What may read an operand in another order of axes."""

Perm = tuple[int, ...]
"""Axis i of a value as the network has it is axis `perm[i]` of the value as it lies."""


def _before(op: NetworkOperation) -> SSAValue | None:
    """The operand through which an operator follows an order of axes: to it it does the same in any order."""
    if isinstance(op, ReshapeOp):
        return op.x
    if isinstance(op, SoftmaxOperation):
        return op.x if op.to_end is None else None
    if isinstance(op, NormalizeOp):
        factors = [value for value in (op.scale, op.bias) if value is not None]
        return op.x if all(_axes_of(value) <= 1 for value in factors) else None
    if isinstance(op, QuantizationOperation):
        return op.operands[0]
    if not isinstance(op, ElementwiseOperation):
        return None
    whole = [value for value in op.operands if shape_of(value) == shape_of(op.result)]
    for value in whole:
        if all(other is value or _is_along_one_axis(op, i) for i, other in enumerate(op.operands)):
            return value
    return None


def _is_along_one_axis(op: ElementwiseOperation, index: int) -> bool:
    """Whether an operand is broadcast, along all axes but one at most: no order of axes changes its own."""
    value = op.operands[index]
    broadcast = op.indexing_map(index) == broadcast_map(shape_of(value), shape_of(op.result))
    return prod(shape_of(value)) == 1 or (broadcast and _axes_of(value) == 1)


def _axes_of(value: SSAValue) -> int:
    """How many axes of more than one element it has: what has one is the same in any order."""
    return sum(size != 1 for size in shape_of(value))


def _order_after(op: NetworkOperation, perm: Perm) -> Perm | None:
    """The order of the result's axes if its operand has this one; None if the result would not be in order."""
    if not isinstance(op, ReshapeOp):
        return perm
    before, after = shape_of(op.x), shape_of(op.result)
    found = _joined(before, after)
    if found is None:
        return None
    lie = sorted(
        (axis for axis, size in enumerate(before) if size != 1), key=lambda axis: perm[axis]
    )
    atoms = [atom for axis in lie for atom in found[0][axis]]
    firsts: dict[int, int] = {}
    for axis, own in found[1].items():
        first = atoms.index(own[0])
        if atoms[first : first + len(own)] != [*own]:
            return None
        firsts[axis] = first
    ones = [axis for axis, size in enumerate(after) if size == 1]
    order = [*ones, *sorted(firsts, key=lambda axis: firsts[axis])]
    return tuple(order.index(axis) for axis in range(len(after)))


def _joined(
    before: Sequence[int], after: Sequence[int]
) -> tuple[dict[int, range], dict[int, range]] | None:
    """By axis of more than one element, before and after a reshape, which of the finest axes it joins; None if no axes
    are finer than both."""
    finest = refined(before, after)
    if finest is None:
        return None

    def atoms(sizes: Sequence[int]) -> dict[int, range]:
        result: dict[int, range] = {}
        start = 0
        for axis, size in enumerate(sizes):
            stop = start
            while prod(finest[start:stop]) < size:
                stop += 1
            if size != 1:
                result[axis] = range(start, stop)
            start = stop
        return result

    return atoms(before), atoms(after)


def _reordered(
    new: Parts, op: NetworkOperation, operand: SSAValue, perm: Perm
) -> tuple[SSAValue, Perm]:
    """What an operator makes of its operand with axes in another order, and the order of the result, which there is."""
    properties: dict[str, Attribute] = {
        key: value for key, value in op.properties.items() if key not in ("name", "layers")
    }
    part, operands = Parts(op.result_name.data, new.place), [operand]
    if isinstance(op, ReshapeOp):
        perm = _order_after(op, perm) or perm
        sizes = shape_of(op.result)
        properties["shape"] = integers(sizes[perm.index(axis)] for axis in range(len(perm)))
    elif isinstance(op, SoftmaxOperation):
        properties["axis"] = integer(perm[op.axis.value.data])
    elif isinstance(op, NormalizeOp):
        properties["axes"] = integers(sorted(perm[axis] for axis in op.axes.get_values()))
        operands += [
            None if value is None else _in_order(part, value, perm, name)
            for name, value in (("scale", op.scale), ("bias", op.bias))
        ]
    elif isinstance(op, QuantizationOperation):
        axis = op.axis.value.data
        properties["axis"] = integer(perm[axis] if axis < len(perm) else axis)
        operands += op.operands[1:]
    else:
        operands = [
            operand if value is _before(op) else _in_order(part, value, perm, f"operand{i}")
            for i, value in enumerate(op.operands)
        ]
    result = part.build(type(op), operands, properties, part="turned", layers=op.all_names)
    result.owner.attributes.update(op.attributes)
    return result, perm


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

    def __init__(self, target: Target):
        self._target = target

    def to_operand(self, op: _Reader, index: int) -> NetworkOperation:
        """Lets an operator read an operand as it lay before a transposition and operators after it."""
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
        if not isinstance(op, EinsumOp) and not self._has_room(op, (*chain, transpose)):
            return op
        value, order = transpose.x, tuple(transpose.perm.get_values())
        for node in reversed(chain):
            if (order := _order_after(node, order)) is None:
                return op
        if isinstance(op, TransposeOp) and _moved(op, 0, order) > _moved_by_both(transpose, op):
            return op
        new, perm = Replacement(op), tuple(transpose.perm.get_values())
        for node in reversed(chain):
            value, perm = _reordered(new, node, value, perm)
        taken = transpose.all_names if transpose.result.has_one_use() else ()
        result = _reading(op, index, value, perm, taken)
        for node in (op, *chain, transpose):
            if not any(each.uses for each in node.results):
                erase(node)
        return result

    def _has_room(self, op: GemmOp | TransposeOp, chain: Sequence[NetworkOperation]) -> bool:
        """Whether what an operator reads, stored where it is shortest, and its result fit local memory.

        Where slices come from external memory, rows of a matrix are longer runs than columns of positions.
        """
        item = min(item_bytes(node.results[0]) for node in chain)
        elements = prod(shape_of(op.operands[0])) + prod(shape_of(op.result))
        return elements * item <= self._target.local.capacity_bytes

    def from_result(self, op: EinsumOp) -> NetworkOperation | None:
        """Lets a product leave its result in the order with which it and another one, that reads it after operators
        that do not mind, move least; what takes the other one's place, if any does."""
        chain: list[NetworkOperation] = []
        value, user = op.result, None
        while value.has_one_use():
            user = value.get_user_of_unique_use()
            if not isinstance(user, NetworkOperation) or isinstance(user, _Reader):
                break
            if _before(user) is not value:
                return None
            chain.append(user)
            value = user.results[0]
        if not isinstance(user, _Reader) or value not in user.operands[:2]:
            return None
        if not isinstance(user, TransposeOp) and not _is_plain(user):
            return None
        index, out = [*user.operands].index(value), op.terms[2]

        def lies(labels: str) -> str:
            return "".join(label for label in out if label not in labels) + labels

        def read(labels: str) -> float:
            """What the other one moves, if the result lies so."""
            order: Perm | None = tuple(lies(labels).index(label) for label in out)
            for node in chain:
                order = order and _order_after(node, order)
            return inf if order is None else _moved(user, index, order)

        own = "".join(label for label in out if op.label_sizes[label] > 1)
        if (labels := order_for(op, read)) == own:
            return None
        inverse = [out.index(label) for label in lies(labels)]
        perm = tuple(lies(labels).index(label) for label in out)
        properties = {
            k: v
            for k, v in op.with_result_transposed(inverse).items()
            if k not in ("name", "layers")
        }
        new = Replacement(op)
        result = new.build(EinsumOp, op.operands, properties, part="turned", layers=op.all_names)
        for node in chain:
            result, perm = _reordered(Replacement(node), node, result, perm)
        taken = _reading(user, index, result, perm)
        for node in (user, *reversed(chain), op):
            erase(node)
        return taken


def _is_known(op: NetworkOperation) -> bool:
    return all(DYNAMIC_INDEX not in shape_of(value) for value in op.operands)


def _is_plain(op: EinsumOp | GemmOp) -> bool:
    """Whether sums of products are all that it computes, but for an addend."""
    if isinstance(op, EinsumOp):
        return True
    return op.alpha.value.data == 1 and (op.c is None or op.beta.value.data == 1)


def _moved(op: _Reader, index: int, perm: Perm) -> float:
    """What an operator moves if the axes of an operand have another order, in elements."""
    if isinstance(op, TransposeOp):
        sizes = dict(zip(map(_label, perm), shape_of(op.x), strict=True))
        lies = "".join(_label(axis) for axis in range(len(perm)) if sizes[_label(axis)] > 1)
        order = map(_label, _composed(op, perm))
        return cost_of_moving(lies, "".join(each for each in order if each in lies), sizes)
    term = _term(terms_of(op)[index], perm)
    return moves_of(op).with_operand(index, term).least


def _moved_by_both(one: TransposeOp, other: TransposeOp) -> float:
    """What two transpositions move, of which the first goes if only the other one reads its result."""
    goes = [one, other] if one.result.has_one_use() else [other]
    return sum(_moved(op, 0, tuple(range(len(shape_of(op.x))))) for op in goes)


def _label(axis: int) -> str:
    return chr(ord("a") + axis)


def _composed(op: TransposeOp, perm: Perm) -> Perm:
    """The order of axes that a transposition and that of its operand make together."""
    return tuple(perm[axis] for axis in op.perm.get_values())


def _term(labels: str, perm: Perm) -> str:
    """The labels of an operand whose axes lie in another order."""
    return "".join(labels[perm.index(axis)] for axis in range(len(perm)))


def _reading(
    op: _Reader, index: int, value: SSAValue, perm: Perm, taken: Sequence[str] = ()
) -> NetworkOperation:
    """An operator for the uses of another, one of whose operands it reads with axes in another order.

    `taken`: layers that it stands for as well.
    """
    if isinstance(op, TransposeOp):
        return _transposed(op, value, perm, taken)
    terms, operands = list(terms_of(op)), [*op.operands[:2]]
    operands[index], terms[index] = value, _term(terms[index], perm)
    new, addend = Replacement(op), op.c if isinstance(op, GemmOp) else None
    a, b, out = terms
    equation = {"equation": StringAttr(f"{a},{b}->{out}")}
    layers = (*taken, *op.layer_names)
    if addend is None:
        result = product = new.build(EinsumOp, operands, equation, layers=layers)
    else:
        product = new.build(EinsumOp, operands, equation, part="products")
        result = new.build(AddOp, [product, addend], layers=layers)
    op.result.replace_all_uses_with(result)
    assert isinstance(product.owner, EinsumOp)
    return product.owner


def _transposed(
    op: TransposeOp, value: SSAValue, perm: Perm, taken: Sequence[str]
) -> NetworkOperation:
    """A transposition of a value whose axes lie in another order; what makes it, if they lie as they should."""
    order, made = _composed(op, perm), value.owner
    assert isinstance(made, NetworkOperation)
    if order == tuple(range(len(order))):
        op.result.replace_all_uses_with(value)
        made.properties["name"] = op.result_name
        made.properties["layers"] = ArrayAttr(map(StringAttr, (*taken, *made.layer_names)))
        return made
    new = Replacement(op)
    names = {"perm": integers(order)}
    result = new.build(TransposeOp, [value], names, layers=(*taken, *op.layer_names))
    op.result.replace_all_uses_with(result)
    assert isinstance(result.owner, TransposeOp)
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
    where the product may take its operand as it lies. Where another transposition follows, both become one, or none
    if they cancel: a normalisation along the channels of a convolution works on them as they lie. And where one
    product reads what another one leaves, after a softmax for instance, the first leaves it in the order in which
    least is moved: what the second has to move then has fewer bytes, and what is between is fused into the first.
    """

    name = "propagate-transposes"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        propagation, products = _Propagation(target_of(op)), list[NetworkOperation]()
        for node in network_operations(op):
            if isinstance(node, EinsumOp | GemmOp) and _is_plain(node) and _is_known(node):
                for index in range(2):
                    assert isinstance(node, EinsumOp | GemmOp)
                    node = propagation.to_operand(node, index)
                products.append(node)
            elif isinstance(node, TransposeOp) and _is_known(node):
                propagation.to_operand(node, 0)
        left = deque(products)
        while left:
            node = left.popleft()
            if isinstance(node, EinsumOp) and (new := propagation.from_result(node)) is not None:
                left = deque(each for each in left if each.parent is not None)
                if isinstance(new, EinsumOp):
                    left.appendleft(new)
