"""Rules for operators of tensors whose size depends on data: what works on all elements, what must leave some out."""

from __future__ import annotations

from functools import partial
from math import inf, prod

import numpy as np
from onnx import helper

from xnn.dialects.xnn import ConstantOp, ElementwiseOperation, WeightOp
from xnn.tools.onnx.sizes.building import Plain, Rule, Rules, registers
from xnn.tools.onnx.sizes.numbers import Sized, Symbol, constant_of_numbers, derived, most
from xnn.tools.onnx.tensors import Unsupported

RULES: dict[str, Rule] = {}
"""By operator: what imports a node of which an input has a size, or has numbers, that depend on data."""
rule = partial(registers, RULES)


def derive(rules: Rules) -> bool:
    """Notes what is known of the numbers that a node makes; whether they are a constant."""
    (output, *_), sizes = rules.node.output, rules.sizes
    found = derived(rules.node, [rules.numbers(name) for name in rules.node.input])
    if found is None:
        return False
    rules.again(rules.node.input)
    shape = rules.importer.shape_of(output)
    if prod(shape) == found.size:
        if (constant := constant_of_numbers(found, shape)) is not None:
            rules.importer.constants[output] = constant
        else:
            sizes.numbers[output] = found.reshape(shape)
    return True


def _sized_input(rules: Rules, place: int = 0) -> Sized:
    """The size of an input that depends on data; raises Unsupported if another input has one."""
    for i, name in enumerate(rules.node.input):
        if i != place and name in rules.sizes.of:
            raise refusal(rules, name)
    sized = rules.sized(place)
    if sized is None:
        raise Plain
    return sized


def refusal(rules: Rules, name: str) -> Unsupported:
    """That an operator does not work on a tensor."""
    sized = rules.sizes.of[name]
    return Unsupported(
        f"the size of axis {sized.axis} of tensor {name} depends on data "
        f"(at most {sized.count.most}): {rules.node.op_type} does not work along it"
    )


def elementwise(rules: Rules) -> None:
    """Operators that are made up of elementwise ones have results of the same size."""
    importer, node = rules.importer, rules.node
    before = importer.block.last_op
    rules.again([rules.plain(name) for name in node.input])
    op = importer.block.first_op if before is None else before.next_op
    sized = next(name for name in node.input if name in rules.sizes.of)
    while op is not None:
        if not isinstance(op, ElementwiseOperation | ConstantOp | WeightOp):
            raise refusal(rules, sized)
        op = op.next_op
    rank = len(importer.shape_of(node.output[0]))
    found: dict[Sized, str] = {}
    for name in node.input:
        if (own := rules.sizes.of.get(name)) is not None:
            axis = own.axis + rank - len(importer.shape_of(name))
            found[Sized(axis, own.count)] = name
    if len(found) > 1:
        names = " and ".join(found.values())
        raise Unsupported(f"the sizes of tensors {names} depend on data, and may differ")
    (size,) = found
    for name in filter(None, node.input):
        place = size.axis - rank + len(shape := importer.shape_of(name))
        if name not in rules.sizes.of and place >= 0 and shape[place] != 1:
            raise Unsupported(
                f"{shape[place]} elements of {name} meet a number that depends on data"
            )
    rules.has_size(size)


@rule("Identity", "Dropout")
def _identity(rules: Rules) -> None:
    if rules.sized(0) is None:
        if not derive(rules):
            raise Plain
        return
    sized = _sized_input(rules)
    rules.again([rules.plain(rules.name(0)), *rules.node.input[1:]], sized)


@rule("Shape")
def _shape(rules: Rules) -> None:
    sized, (output, *_) = _sized_input(rules), rules.node.output
    whole = np.array(rules.shape(0), object)
    whole[sized.axis] = sized.count
    start, end = rules.attributes.get("start", 0), rules.attributes.get("end")
    _numbers(rules, whole[start:end], output)


@rule("Size")
def _size(rules: Rules) -> None:
    sized, (output, *_) = _sized_input(rules), rules.node.output
    shape = rules.shape(0)
    each = prod(shape) // shape[sized.axis]
    if each == 1:
        number = sized.count
    else:
        name = rules.add("Mul", rules.scalar(sized.count), rules.constant(each))
        number = Symbol(name, sized.count.most * each)
    _numbers(rules, np.array(number, object), output)


def _numbers(rules: Rules, numbers: np.ndarray, output: str) -> None:
    """The tensor of i64 that numbers are."""
    shape = rules.constant(np.array(numbers.shape, np.int64))
    parts = [rules.scalar(each, (1,)) for each in numbers.reshape(-1)]
    if (constant := constant_of_numbers(numbers, numbers.shape)) is not None:
        rules.importer.constants[output] = constant
        return
    whole = rules.add("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]
    rules.add("Reshape", whole, shape, output=output)
    rules.sizes.numbers[output] = numbers


@rule("Transpose")
def _transpose(rules: Rules) -> None:
    sized, rank = _sized_input(rules), len(rules.shape(0))
    perm = [*rules.attributes.get("perm", range(rank)[::-1])]
    rules.again([rules.plain(rules.name(0))], Sized(perm.index(sized.axis), sized.count))


@rule("Unsqueeze", "Squeeze", "Reshape", "Flatten")
def _reshape(rules: Rules) -> None:
    """What stays in order along the axis: as many elements before and after it."""
    kind, node = rules.node.op_type, rules.node
    if rules.sized(0) is None:
        target = rules.numbers(rules.name(1)) if kind == "Reshape" else None
        if target is None or rules.name(1) not in rules.sizes.numbers:
            if not derive(rules):
                raise Plain
            return
    sized, shape = _sized_input(rules), rules.shape(0)
    plain = rules.plain(rules.name(0))
    if kind != "Reshape":
        rules.again([plain, *node.input[1:]])
        new = rules.importer.shape_of(node.output[0])
    else:
        target = rules.numbers(rules.name(1))
        if target is None:
            raise Unsupported("shape depends on data")
        new = [most(each) for each in target]
        rules.add("Reshape", plain, rules.constant(new), output=node.output[0])
        new = rules.importer.shape_of(node.output[0])
    before, after = prod(shape[: sized.axis]), prod(shape[sized.axis + 1 :])
    for axis in range(len(new)):
        if new[axis] == shape[sized.axis] and prod(new[:axis]) == before:
            if prod(new[axis + 1 :]) == after:
                rules.has_size(Sized(axis, sized.count), node.output[:1])
                return
    raise refusal(rules, rules.name(0))


@rule("Gather")
def _gather(rules: Rules) -> None:
    """Indices are never of what does not exist: that is a fault of the network."""
    if rules.sized(0) is None and rules.sized(1) is None:
        if not derive(rules):
            raise Plain
        return
    rank, indices = len(rules.shape(0)), len(rules.shape(1))
    axis, found = rules.axis(rank), list[Sized]()
    if (own := rules.sized(1)) is not None:
        found.append(Sized(axis + own.axis, own.count))
    if (own := rules.sized(0)) is not None and own.axis != axis:
        place = own.axis if own.axis < axis else own.axis + indices - 1
        found.append(Sized(place, own.count))
    if len(found) > 1:
        raise refusal(rules, rules.name(0))
    rules.again([rules.plain(name) for name in rules.node.input], *found)


@rule("GatherND")
def _gather_nd(rules: Rules) -> None:
    index, data = rules.sized(1), rules.sized(0)
    count, rank = rules.shape(1)[-1], len(rules.shape(1))
    batch = rules.attributes.get("batch_dims", 0)
    if batch or data is not None and data.axis >= count:
        raise refusal(rules, next(n for n in rules.node.input if n in rules.sizes.of))
    if index is not None and index.axis == rank - 1:
        raise refusal(rules, rules.name(1))
    rules.again([rules.plain(name) for name in rules.node.input], index)


@rule("Slice")
def _slice(rules: Rules) -> None:
    """Along the axis from a place that is counted from its beginning to another."""
    if rules.sized(0) is None:
        if not derive(rules):
            raise Plain
        return
    sized, shape = _sized_input(rules), rules.shape(0)
    given = [rules.numbers(rules.name(place)) for place in range(1, 5)]
    if given[0] is None or given[1] is None:
        raise Unsupported("starts and ends depend on data")
    count = given[0].size
    axes = range(count) if given[2] is None else given[2].tolist()
    steps = [1] * count if given[3] is None else given[3].tolist()
    found: int | Symbol = sized.count
    for start, end, axis, step in zip(given[0], given[1], axes, steps, strict=True):
        if axis % len(shape) != sized.axis:
            continue
        if step != 1 or start != 0 or most(end) < 0:
            raise refusal(rules, rules.name(0))
        found = rules.least_of(found, end if isinstance(end, Symbol) else int(end))
    plain = rules.plain(rules.name(0))
    ends = rules.constant([min(most(end), 2**62) for end in given[1]])
    inputs = [plain, rules.name(1), ends, *rules.node.input[3:]]
    rules.again(inputs, Sized(sized.axis, found) if isinstance(found, Symbol) else None)


@rule("Concat")
def _concat(rules: Rules) -> None:
    """Along another axis side by side; along the axis, what exists of all parts is moved to the front."""
    importer, (output, *_) = rules.importer, rules.node.output
    if not any(name in rules.sizes.of for name in rules.node.input):
        if not derive(rules):
            raise Plain
        return
    names = [name for name in rules.node.input if 0 not in importer.shape_of(name)]
    axis = rules.axis(len(importer.shape_of(names[0])))
    sized = [rules.sizes.of.get(name) for name in names]
    if all(each is None or each.axis != axis for each in sized):
        if len({*sized}) > 1 or sized[0] is None:
            raise Unsupported("the sizes of its inputs depend on data, and may differ")
        rules.again([rules.plain(name) for name in names], sized[0])
        return
    if any(each is not None and each.axis != axis for each in sized):
        raise Unsupported("the sizes of its inputs depend on data, along different axes")
    bounds = [importer.shape_of(name)[axis] for name in names]
    counts = [bound if each is None else each.count for bound, each in zip(bounds, sized)]
    plain = [rules.plain(name) for name in names]
    whole = rules.add("Concat", *plain, axis=axis) if len(names) > 1 else plain[0]

    def make() -> tuple[str, Symbol]:
        masks = [rules.exists(*each) for each in zip(bounds, counts)]
        mask = rules.add("Concat", *masks, axis=0) if len(masks) > 1 else masks[0]
        return rules.positions(mask, sum(bounds))

    order, count = rules.once(("concat", *bounds, *counts), make)
    rules.add("Gather", whole, order, output=output, axis=axis)
    rules.has_size(Sized(axis, count))


@rule("Split")
def _split(rules: Rules) -> None:
    sized, rank = _sized_input(rules), len(rules.shape(0))
    if rules.axis(rank) == sized.axis:
        raise refusal(rules, rules.name(0))
    rules.again([rules.plain(rules.name(0)), *rules.node.input[1:]], sized)


NEUTRAL: dict[str, float] = {
    **dict.fromkeys(("ReduceMax", "ReduceLogSumExp", "ArgMax", "Softmax", "LogSoftmax"), -inf),
    **dict.fromkeys(("ReduceMin", "ArgMin"), inf),
    **dict.fromkeys(("ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare", "CumSum"), 0),
    **dict.fromkeys(("ReduceLogSum",), 0),
    "ReduceProd": 1,
}
"""What an element that does not exist is made, so that a reduction does not see it."""


def fill_of(number: float, dtype: np.dtype) -> float:
    """A number in a type; infinities are its bounds."""
    if dtype.kind not in "iub" or number not in (inf, -inf):
        return number
    if dtype.kind == "b":
        return number > 0
    return int(np.iinfo(dtype).max if number > 0 else np.iinfo(dtype).min)


@rule(*NEUTRAL)
def _reduce(rules: Rules) -> None:
    if rules.sized(0) is None:
        if not derive(rules):
            raise Plain
        return
    sized, shape, kind = _sized_input(rules), rules.shape(0), rules.node.op_type
    fill = fill_of(NEUTRAL[kind], rules.importer.dtype_of(rules.name(0)))
    rules.again([rules.filled(rules.name(0), fill), *rules.node.input[1:]])
    new = rules.importer.shape_of(rules.node.output[0])
    if kind in ("Softmax", "LogSoftmax", "CumSum"):
        rules.has_size(sized)
        return
    if sized.axis in (axes := _reduced(rules, len(shape))):
        return
    before = sum(axis < sized.axis for axis in axes) if len(new) < len(shape) else 0
    rules.has_size(Sized(sized.axis - before, sized.count))


def _reduced(rules: Rules, rank: int) -> list[int]:
    """The axes along which a reduction works."""
    stated = rules.attributes.get("axes", rules.attributes.get("axis"))
    if rules.name(1):
        given = rules.numbers(rules.name(1))
        stated = None if given is None else given.tolist()
    if stated is None:
        stated = 0 if rules.node.op_type.startswith("Arg") else range(rank)
    return sorted({axis % rank for axis in np.atleast_1d(np.array(stated, int)).tolist()})


@rule("ReduceMean")
def _reduce_mean(rules: Rules) -> None:
    """The sum of the elements that exist, over their number."""
    sized, shape, add = _sized_input(rules), rules.shape(0), rules.add
    axes, keepdims = _reduced(rules, len(shape)), rules.attributes.get("keepdims", 1)
    (output,) = rules.node.output
    total = add(
        "ReduceSum", rules.filled(rules.name(0), 0), rules.constant(axes), keepdims=keepdims
    )
    dtype = rules.importer.dtype_of(total)
    others = rules.constant(prod(shape[axis] for axis in axes if axis != sized.axis), dtype)
    if sized.axis in axes:
        exist = add("Cast", rules.scalar(sized.count), to=helper.np_dtype_to_tensor_dtype(dtype))
        add("Div", total, add("Mul", exist, others), output=output)
        return
    add("Div", total, others, output=output)
    before = 0 if keepdims else sum(axis < sized.axis for axis in axes)
    rules.has_size(Sized(sized.axis - before, sized.count))


@rule("MatMul", "Gemm")
def _product(rules: Rules) -> None:
    """Rows of the first factor."""
    sized, rank = _sized_input(rules), len(rules.shape(0))
    if rank < 2 or sized.axis == rank - 1 or rules.attributes.get("transA", 0):
        raise refusal(rules, rules.name(0))
    others = rank - len(rules.shape(1))
    if others < 0:
        raise refusal(rules, rules.name(0))
    rules.again([rules.plain(rules.name(0)), *rules.node.input[1:]], sized)


def numbers_with_symbol(rules: Rules, place: int) -> np.ndarray:
    """The numbers of an input that one symbol is among; raises Plain if none is, Unsupported for several."""
    numbers = rules.sizes.numbers.get(rules.name(place))
    if numbers is None:
        raise Plain
    if sum(isinstance(each, Symbol) for each in numbers.reshape(-1)) > 1:
        raise Unsupported("two sizes depend on data")
    return numbers.reshape(-1)


def bound_of(numbers: np.ndarray) -> tuple[list[int], Sized]:
    """Sizes that the symbol among numbers is at most one of."""
    (axis,) = (i for i, each in enumerate(numbers) if isinstance(each, Symbol))
    return [most(each) for each in numbers], Sized(axis, numbers[axis])


@rule("ConstantOfShape")
def _constant_of_shape(rules: Rules) -> None:
    sizes, sized = bound_of(numbers_with_symbol(rules, 0))
    rules.again([rules.constant(sizes)])
    rules.has_size(sized)


@rule("Expand")
def _expand(rules: Rules) -> None:
    if rules.sized(0) is not None and rules.name(1) not in rules.sizes.numbers:
        raise refusal(rules, rules.name(0))
    sizes, sized = bound_of(numbers_with_symbol(rules, 1))
    if (own := rules.sized(0)) is not None:
        place = own.axis + len(sizes) - len(rules.shape(0))
        if Sized(place, own.count) != sized:
            raise refusal(rules, rules.name(0))
    rules.again([rules.plain(rules.name(0)), rules.constant(sizes)], sized)


@rule("Range")
def _range(rules: Rules) -> None:
    start, limit, step = (rules.numbers(rules.name(place)) for place in range(3))
    if start is None or limit is None or step is None or (start.item(), step.item()) != (0, 1):
        raise Unsupported("its start or step is not 0 and 1, and its limit depends on data")
    number = limit.item()
    if not isinstance(number, Symbol):
        raise Plain
    dtype = rules.importer.dtype_of(rules.name(1))
    rules.add(
        "Identity", rules.constant(np.arange(number.most), dtype), output=rules.node.output[0]
    )
    rules.has_size(Sized(0, number))
