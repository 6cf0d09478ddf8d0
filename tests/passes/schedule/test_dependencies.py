"""What nodes wait for, one rule after the other. Tokens count back on an engine: 1 is its last node."""

from collections.abc import Sequence

from xdsl.dialects.builtin import MemRefType, f32
from xdsl.ir import Block, SSAValue

from xnn.passes.schedule.dependencies import Dependencies, Uses
from xnn.passes.schedule.parts import Part
from xnn.passes.schedule.tokens import Token, Tokens

X, Y, Z = Block(arg_types=[MemRefType(f32, [4, 4])] * 3).args
"""Feature maps of four rows of 16 bytes."""


def rows(root: SSAValue, low: int, high: int, writes: bool = False) -> Part:
    """Some rows of a feature map."""
    return Part(root, 16 * low, 16 * high, ((low, high), (0, 4)), writes)


SLOTS = {
    "x": (0, 64),
    "y": (64, 64),
    "z": (128, 64),
    "before": (0, 128),
    "beside": (128, 64),
    "out": (256, 64),
}
"""Slots of 64 bytes or two times 64 in local memory, by name."""


class Table(Dependencies):
    """Nodes that get their tokens at once."""

    def __init__(self, draining: Sequence[str] = ()):
        super().__init__(draining, list(SLOTS.values()))
        self.tokens = Tokens()

    def node(
        self,
        engine: str,
        reads: Sequence[str | SSAValue],
        written: str | SSAValue,
        sums: bool = False,
    ) -> tuple[Token, ...]:
        """One that reads and writes slots, by name, and feature maps."""
        names = list(SLOTS)
        uses = Uses(
            tuple(names.index(each) for each in reads if isinstance(each, str)),
            tuple(each for each in reads if isinstance(each, SSAValue)),
            names.index(written) if isinstance(written, str) else None,
            written if isinstance(written, SSAValue) else None,
            sums,
        )
        return self.tokens.of(engine, self.issue(engine, uses))


class Lines(Table):
    """Lines of one node each, on feature maps at addresses."""

    def __init__(self, draining: Sequence[str] = (), **addresses: int):
        super().__init__(draining)
        self.addresses: dict[SSAValue, int] = {
            {"x": X, "y": Y, "z": Z}[name]: at for name, at in addresses.items()
        }

    def line(self, engine: str, reads: Sequence[Part], written: Part) -> tuple[Token, ...]:
        self.begin([*reads, written], self.addresses)
        return self.node(engine, [part.root for part in reads], written.root)


def test_a_read_of_a_slot_waits_for_the_writer():
    table = Table()
    table.node("dma0", [], "x")
    assert table.node("matmul", ["x"], "y") == (("dma0", 1),)


def test_a_write_into_a_slot_waits_for_its_reader_alone():
    table = Table()
    table.node("dma0", [], "x")
    table.node("matmul", ["x"], "y")
    table.node("dma0", [], "z")
    table.node("matmul", ["z"], "y")
    # the product before the last read the first slot: the load need not wait for the last one
    assert table.node("dma0", [], "x") == (("matmul", 2),)


def test_a_line_waits_for_the_lines_that_wrote_the_rows_that_it_reads():
    table = Lines()
    for row in range(4):
        table.line("matmul", [], rows(X, row, row + 1, True))
    assert table.line("sort", [rows(X, 0, 2)], rows(Y, 0, 1, True)) == (("matmul", 3),)
    assert table.line("vector", [rows(X, 1, 4)], rows(Z, 0, 4, True)) == (("matmul", 1),)


def test_a_part_that_is_no_range_of_rows_may_meet_any():
    table = Lines()
    table.line("matmul", [], rows(X, 0, 1, True))
    table.line("vector", [], rows(X, 3, 4, True))
    apart = Part(X, 0, 64, None, False)
    assert table.line("sort", [apart], rows(Y, 0, 1, True)) == (("matmul", 1), ("vector", 1))


def test_a_write_waits_for_the_readers_of_its_rows_and_no_others():
    table = Lines()
    table.line("matmul", [], rows(X, 0, 4, True))
    table.line("dma0", [rows(X, 0, 2)], rows(Y, 0, 2, True))
    table.line("sort", [rows(X, 2, 4)], rows(Z, 0, 1, True))
    assert table.line("vector", [], rows(X, 0, 1, True)) == (("dma0", 1),)


def test_a_line_is_not_in_its_own_way():
    table = Lines()
    table.begin([rows(X, 0, 4), rows(X, 0, 4, True)], {})
    assert table.node("sort", [X], X) == ()
    assert table.node("vector", [X], X) == ()


def test_a_slot_waits_for_the_users_of_the_buffer_that_had_its_place():
    table = Table()
    table.node("dma0", [], "before")
    table.node("sort", ["before"], "out")
    assert table.node("matmul", [], "beside") == ()
    assert table.node("vector", [], "y") == (("sort", 1),)  # which waited for the load


def test_rows_of_a_feature_map_wait_for_the_users_of_their_own_bytes():
    table = Lines(x=0, y=32)  # the first two rows of y lie where the last two of x do
    table.line("matmul", [], rows(X, 0, 4, True))
    table.line("dma0", [rows(X, 0, 2)], rows(Z, 0, 2, True))
    table.line("sort", [rows(X, 2, 4)], rows(Z, 2, 4, True))
    assert table.line("vector", [], rows(Y, 2, 4, True)) == ()
    assert table.line("dma1", [], rows(Y, 0, 2, True)) == (("sort", 1),)


def test_a_buffer_may_come_piece_by_piece_to_where_another_still_lives():
    table = Lines(x=0, y=32)
    table.line("matmul", [], rows(X, 0, 4, True))
    table.line("vector", [], rows(Y, 2, 4, True))
    table.line("sort", [rows(X, 2, 4)], rows(Z, 0, 1, True))
    # the rows of x that were read since y began are only now overwritten
    assert table.line("vector", [], rows(Y, 0, 1, True)) == (("sort", 1),)


def test_parts_with_others_between_their_rows_wait_for_the_same_users_of_bytes_before():
    def columns(low: int, high: int) -> Part:
        """Half of each of the four rows: from their first byte to their last."""
        return Part(X, 4 * low, 48 + 4 * high, ((0, 4), (low, high)), True)

    table = Lines(x=32)
    table.node("sort", ["x"], "z")
    assert table.line("vector", [], columns(0, 2)) == (("sort", 1),)
    assert table.line("dma0", [], columns(2, 4)) == (("sort", 1),)


def test_what_one_wait_implies_is_not_waited_for_again():
    table = Table()
    table.node("dma0", [], "x")
    table.node("matmul", ["x"], "y")
    # the sort reads both, but the product has waited for the load
    assert table.node("sort", ["x", "y"], "z") == (("matmul", 1),)


def test_an_engine_waits_for_itself_only_if_its_results_come_late():
    for draining, expected in ((("matmul",), (("matmul", 1),)), ((), ())):
        table = Table(draining)
        table.node("matmul", [], "y")
        assert table.node("matmul", ["y"], "z") == expected


def test_sums_wait_for_the_sums_before():
    table = Table(("matmul",))
    table.node("matmul", [], "y")
    assert table.node("matmul", [], "y", sums=True) == (("matmul", 1),)
    table.begin([rows(X, 0, 4, True)], {})
    table.node("matmul", [], X)
    assert table.node("matmul", [], X, sums=True) == (("matmul", 1),)
