"""Rolling: what is rolled expands to what it was rolled from, and what is regular gets short."""

from collections.abc import Sequence
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from xnn.passes.lowering.rolling import Leaf, Node, Repeat, Slots, Variable, roll

Flat = tuple[object, tuple[int, ...]]
"""A node's key and its addresses."""


def place(variable: Variable, ring: Slots | None) -> int:
    """The address that a variable stands for."""
    base, turn = variable
    return base if ring is None else base + turn % ring.size * ring.pitch


def flat(leaf: Leaf) -> Flat:
    return leaf.key, tuple(place(v, r) for v, r in zip(leaf.variables, leaf.slots, strict=True))


def expanded(nodes: Sequence[Node]) -> list[Flat]:
    """All nodes again, as the definition of a repeat has it."""

    def visit(nodes: tuple[Node, ...], variables: list[Variable]) -> None:
        start = 0
        for node in nodes:
            own = variables[start : start + len(node.variables)]
            start += len(node.variables)
            if isinstance(node, Leaf):
                result.append(
                    (node.key, tuple(place(v, r) for v, r in zip(own, node.slots, strict=True)))
                )
                continue
            for number in range(node.count):
                grown = [
                    (base + number * grow, turn + number * advance)
                    for (base, turn), (grow, advance) in zip(own, node.steps, strict=True)
                ]
                visit(node.body, grown)

    result: list[Flat] = []
    visit(tuple(nodes), [variable for node in nodes for variable in node.variables])
    return result


def leaves(nodes: Sequence[Node]) -> int:
    """Instructions that the rolled nodes are written in."""
    return sum(leaves(node.body) if isinstance(node, Repeat) else 1 for node in nodes)


def flattened(blocks: list[list[Leaf]]) -> list[Flat]:
    return [flat(leaf) for block in blocks for leaf in block]


# any sequence


@st.composite
def irregular(draw: st.DrawFn) -> tuple[list[list[Leaf]], tuple[int, ...]]:
    """Blocks of a grid with nodes at random: few keys and few addresses, so that runs come about."""
    grid = tuple(draw(st.lists(st.integers(1, 5), max_size=3)))
    ring = Slots(100, draw(st.integers(2, 3)))

    def leaf(_: int) -> Leaf:
        key = draw(st.sampled_from("ab"))
        variables = (draw(st.integers(0, 2)) * 8, 0), (1000, draw(st.integers(0, ring.size - 1)))
        return Leaf(key, variables, (None, ring), None)

    blocks = [[leaf(i) for i in range(draw(st.integers(0, 3)))] for _ in range(prod(grid))]
    return blocks, grid


@given(irregular())
def test_rolling_any_sequence_and_expanding_it_is_the_identity(
    sequence: tuple[list[list[Leaf]], tuple[int, ...]],
):
    blocks, grid = sequence
    rolled = roll(blocks, grid)
    assert expanded(rolled) == flattened(blocks)
    assert leaves(rolled) <= sum(map(len, blocks))


# a layer's blocks, as the step table makes them


def layer(
    grid: tuple[int, ...], strides: tuple[int, ...], *, slots: int, channels: int, edges: bool
) -> list[list[Leaf]]:
    """Per block a load into the next slot, a computation, and at each row's end a store.

    `channels` of transfers take turns. With `edges` the first and the last column differ.
    """
    ring = Slots(4096, slots)
    blocks: list[list[Leaf]] = []
    turn = 0
    for number in range(prod(grid)):
        index, rest = [], number
        for extent in reversed(grid):
            rest, at = divmod(rest, extent)
            index.insert(0, at)
        address = sum(i * stride for i, stride in zip(index, strides, strict=True))
        column, last = (index[-1], grid[-1] - 1) if grid else (0, 0)
        kind = "edge" if edges and column in (0, last) else "inner"
        block = [
            Leaf(
                ("load", turn % channels, kind),
                ((address, 0), (0, turn % slots)),
                (None, ring),
                None,
            ),
            Leaf(("compute", kind), ((0, turn % slots), (address, 0)), (ring, None), None),
        ]
        turn += 1
        if column == last:
            block.append(Leaf("store", ((address * 2 + 7, 0),), (None,), None))
        blocks.append(block)
    return blocks


@examples(60)
@given(
    st.lists(st.integers(1, 9), max_size=3).map(tuple),
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.data(),
)
def test_rolling_a_layer_and_expanding_it_is_the_identity(
    grid: tuple[int, ...], slots: int, channels: int, edges: bool, data: st.DataObject
):
    strides = tuple(data.draw(st.integers(0, 999)) for _ in grid)
    blocks = layer(grid, strides, slots=slots, channels=channels, edges=edges)
    assert expanded(roll(blocks, grid)) == flattened(blocks)


def test_a_regular_layer_is_as_short_for_a_thousand_blocks_as_for_a_hundred():
    options = {"slots": 2, "channels": 2, "edges": True}
    short, long = (roll(layer(grid, (5000, 64), **options), grid) for grid in ((10, 10), (32, 32)))
    assert leaves(short) == leaves(long) < 30


def test_slots_turn_in_their_ring_and_addresses_grow():
    blocks = layer((12,), (256,), slots=3, channels=1, edges=False)
    first = roll(blocks[:-1], (11,))[0]
    assert isinstance(first, Repeat)
    assert first.count >= 10
    assert first.steps == ((256, 0), (0, 1), (0, 1), (256, 0))


def test_what_grows_unsteadily_is_not_rolled():
    addresses = [0, 1, 3, 7, 15, 31]
    blocks = [[Leaf("load", ((address, 0),), (None,), None)] for address in addresses]
    rolled = roll(blocks, (6,))
    assert expanded(rolled) == flattened(blocks)
    assert leaves(rolled) >= 3  # any two rounds grow steadily
