"""Slices of random primitives against a walk over all elements: what each block touches, and its pads."""

from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.parser import Parser

from tests.samples import examples
from xnn.dialects.dma import BlocksOp, SliceOp
from xnn.dialects.dma.slices import GridSlices
from xnn.dialects.prim import Domain, Outermost, Primitive
from xnn.dialects.slices import clip
from xnn.dialects.values import shape
from xnn.dialects.windows import positions, span
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.convert_to_blocks import ConvertToBlocks
from xnn.runtime.targets import DEFAULT_TARGET, load_target
from xnn.tools.parsing import make_context

BATCH, GROUPS, ROWS, CHANNELS = range(4)
FORMATS = {"f32": ("f32", "f32"), "i8": ("i8", "i32"), "i4": ("i8", "i32"), "sort": ("f32", "f32")}
"""Per kind of primitive, the elements of maps and result, and of sums."""


@dataclass
class Case:
    """A primitive: sizes of its domain and of a block, and per spatial dimension its window."""

    kind: str
    domain: tuple[int, ...]
    block: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    sizes: tuple[int, ...]
    """Of the maps, spatial."""
    outermost: str
    shared: bool

    @property
    def counts(self) -> list[int]:
        return [-(-size // part) for size, part in zip(self.domain, self.block, strict=True)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rank, kind = draw(st.integers(0, 2)), draw(st.sampled_from(sorted(FORMATS)))
    axes = [
        (
            draw(st.integers(1, 3)),
            draw(st.integers(1, 3)),
            draw(st.integers(1, 2)),
            draw(st.tuples(st.integers(0, 3), st.integers(0, 3))),
        )
        for _ in range(rank)
    ]
    if kind == "sort":
        axes = axes or [(2, 1, 1, (0, 0))]
    kernel, strides, dilations, pads = zip(*axes, strict=True) if axes else ((), (), (), ())
    sizes = tuple(
        draw(st.integers(max(1, span(1, k, s, d) - sum(p)), 6))
        for k, s, d, p in zip(kernel, strides, dilations, pads, strict=True)
    )
    out = map(positions, sizes, kernel, strides, dilations, pads)
    groups = draw(st.integers(1, 2))
    rows, channels = (
        (1, 1) if kind == "sort" else (draw(st.integers(1, 3)), draw(st.integers(1, 4)))
    )
    domain = (draw(st.integers(1, 2)), groups, rows, channels, *out)
    block = [draw(st.integers(1, size)) for size in domain]
    if kind == "i4":
        block[CHANNELS] = channels if prod(kernel) % 2 else block[CHANNELS]
    for dim in (ROWS, CHANNELS) if groups > 1 else ():
        if block[GROUPS] > 1 or domain[dim] % block[dim]:
            block[dim] = domain[dim]
    if kind == "i4" and block[CHANNELS] < channels and block[CHANNELS] * prod(kernel) % 2:
        block[CHANNELS] = channels
    outermost = draw(st.sampled_from(sorted(Outermost)))
    shared = kind in ("f32", "i8") and draw(st.booleans())
    return Case(
        kind, domain, tuple(block), kernel, strides, dilations, pads, sizes, outermost, shared
    )


def tensor(sizes, element) -> str:
    return f"tensor<{'x'.join(map(str, [*sizes, element]))}>"


def blocks_of(case: Case) -> tuple[Primitive, BlocksOp]:
    """The primitive on tensors and its blocks, whose operands are lhs, rhs, two of pre, two of post."""
    batch, groups, rows, channels, *out = case.domain
    element, sums = FORMATS[case.kind]
    x, y = (batch, groups * channels, *case.sizes), (batch, groups * rows, *out)
    w, taps = (rows if case.shared else groups * rows, channels, *case.kernel), prod(case.kernel)
    types = {"w": tensor(w, element), "x": tensor(x, element), "y": tensor(y, element)}
    packed = ""
    if case.kind == "i4":
        types["w"] = tensor((w[0], -(-channels * taps // 2)), "ui8")
        packed = f"packed <format = i4, taps = {channels * taps}>"
    types |= {"p": tensor(x[1:2], element), "q": types["x"], "u": tensor(y[1:2], sums)}
    types["v"] = tensor(y[::-1], sums)
    dims = [f"d{i}" for i in range(len(x))]
    index, turned = ", ".join(dims), ", ".join(dims[::-1])
    first = f"affine_map<({index}) -> (d1)>"
    name, operands = ("sort", ["x"]) if case.kind == "sort" else ("matmul", ["w", "x"])
    of_float = sums == "f32"
    narrow = "" if of_float else f"%n = prim.convert %a : {sums} to {element}"
    arguments = ", ".join(f"%{key} : {types[key]}" for key in "wxpquv")
    pads = [edge for pair in case.pads for edge in pair]
    window = f"kernel = {list(case.kernel)}, strides = {list(case.strides)}"
    if case.kernel:
        window += f", dilations = {list(case.dilations)}, pads = {pads}"
    text = f"""
      func.func @main({arguments}) -> {types["y"]} {{
        %y = prim.{name} "y" "conv" ins({", ".join("%" + o for o in operands)} :
            {", ".join(types[o] for o in operands)}) {packed}
          window <{window}, groups = {1 if case.kind == "sort" else groups}>
          pre [{first}, affine_map<({index}) -> ({index})>]
            (%p, %q : {types["p"]}, {types["q"]}) {{
          ^bb0(%e : {element}, %f : {element}, %g : {element}):
            prim.yield %e : {element}
          }}
          post [{first}, affine_map<({index}) -> ({turned})>]
            (%u, %v : {types["u"]}, {types["v"]}) {{
          ^bb0(%a : {sums}, %b : {sums}, %c : {sums}):
            {narrow}
            prim.yield {"%a" if of_float else "%n"} : {element}
          }}
          schedule <block = {list(case.block)}, outermost = {case.outermost},
            order = output_stationary, groups_per_tile = 1, slots = 2> -> {types["y"]}
        func.return %y : {types["y"]}
      }}"""
    module = Parser(make_context(), text).parse_module()
    module.verify()
    node = next(op for op in main_function(module).body.block.ops if isinstance(op, Primitive))
    copy = module.clone()
    load_target(DEFAULT_TARGET).attach(copy)
    ConvertToBlocks().apply(Context(), copy)
    copy.verify()
    return node, next(op for op in copy.walk() if isinstance(op, BlocksOp))


Hull = list[tuple[int, int]]
"""Per dimension the first index and the one after the last."""


def hulls(case: Case, block: tuple[int, ...]) -> dict[str, list[Hull]]:
    """What a block reaches, by role: from a walk over its elements and taps."""
    ranges = [
        range(i * part, min((i + 1) * part, size))
        for i, part, size in zip(block, case.block, case.domain, strict=True)
    ]
    _, _, rows, channels, *_ = case.domain
    w, x, y = set(), set(), set()
    for b, g, r, c, *at in product(*ranges):
        y.add((b, g * rows + r, *at))
        for tap in product(*map(range, case.kernel)):
            moved = zip(at, tap, case.strides, case.dilations, case.pads, strict=True)
            x.add((b, g * channels + c, *(p * s + t * d - low for p, t, s, d, (low, _) in moved)))
            row = r if case.shared else g * rows + r
            number = c * prod(case.kernel) + int(
                np.ravel_multi_index(tap, case.kernel or (1,)) if tap else 0
            )
            w.add((row, number // 2) if case.kind == "i4" else (row, c, *tap))
    w, x, y = (
        [(min(axis), max(axis) + 1) for axis in zip(*each, strict=True)] for each in (w, x, y)
    )
    found = {"rhs": [x], "pre": [x[1:2], x], "post": [y[1:2], y[::-1]], "out": [y]}
    return found if case.kind == "sort" else {"lhs": [w], **found}


@examples(60)
@given(cases())
def test_every_block_has_the_slices_and_pads_that_its_elements_need(case: Case):
    node, op = blocks_of(case)
    grid, inner = GridSlices(op), op.primitive
    assert inner is not None
    rank = len(case.kernel)
    nest = Outermost(case.outermost).nest(rank)
    assert sorted(nest) == list(range(4 + rank)) and nest[-1] == CHANNELS
    blocks = list(product(*(range(case.counts[dim]) for dim in nest)))
    assert grid.count == len(blocks) == prod(case.counts)
    for number, index in enumerate(blocks):
        block = tuple(dict(zip(nest, index, strict=True))[dim] for dim in range(4 + rank))
        expected = hulls(case, block)
        extents = [(0, size) for size in case.sizes]
        reached = expected["rhs"][0][2:]
        domain, pads = grid.sizes[number]
        parts = zip(block, case.block, case.domain, strict=True)
        assert domain.sizes == tuple(min(part, size - i * part) for i, part, size in parts)
        assert pads == tuple(
            (sum(at < 0 for at in range(*near)), sum(at >= end for at in range(*near)))
            for near, (_, end) in zip(reached, extents, strict=True)
        )
        assert grid.ends(number) == (
            block[CHANNELS] == 0, block[CHANNELS] == case.counts[CHANNELS] - 1,
        )  # fmt: skip
        for each in inner.slices(domain, pads):
            if each.role == "sums":
                assert list(each.sizes) == grid.slices[inner.out].sizes[number].tolist()
                continue
            (whole,) = [
                [
                    (max(0, low), min(high, size))
                    for (low, high), size in zip(hull, buffer, strict=True)
                ]
                for hull, buffer in [(expected[each.role].pop(0), sizes_of(op, each.value))]
            ]
            sizes = [max(0, high - low) for low, high in whole]
            found = grid.slices[each.value]
            assert list(each.sizes) == sizes
            assert (found.sizes[number] >= sizes).all() and found.empty[number] >= (0 in sizes)
            if 0 not in sizes:
                assert found.starts[number].tolist() == [low for low, _ in whole]


def sizes_of(op: BlocksOp, part) -> tuple[int, ...]:
    """Sizes of the buffer that a slice of the body is of."""
    windows = (each for each in op.body.block.ops if isinstance(each, SliceOp))
    return shape(next(each.whole for each in windows if each.local is part))


@examples(20)
@given(cases())
def test_slices_of_many_candidates_are_those_of_each(case: Case):
    node, _ = blocks_of(case)
    candidates = [case.block, tuple(1 for _ in case.block), case.domain]
    together = node.slices(Domain.of_sizes(list(np.array(candidates).T)))
    for number, sizes in enumerate(candidates):
        for many, one in zip(together, node.slices(Domain.of_sizes(sizes)), strict=True):
            assert [np.broadcast_to(size, 3)[number] for size in many.sizes] == list(one.sizes)
            assert np.broadcast_to(many.elements, 3)[number] == prod(one.sizes)
            assert (many.role, many.value, many.moving) == (one.role, one.value, one.moving)


@pytest.mark.parametrize("offset", range(-5, 8))
def test_clip(offset: int):
    found = clip(np.array([[offset]]), [3], [4])
    there = [at for at in range(offset, offset + 3) if 0 <= at < 4]
    before = sum(at < 0 for at in range(offset, offset + 3))
    assert (found.sizes.item(), found.before.item()) == (len(there), before)
    if there:
        assert found.starts.item() == there[0]


def test_positions_and_spans():
    assert positions(7, kernel=3, stride=2, pads=(0, 1)) == 3
    assert positions(7, kernel=3, dilation=3) == 1
    assert positions(2, kernel=3) == 0
    assert span(3, kernel=3, stride=2, dilation=2) == 9
