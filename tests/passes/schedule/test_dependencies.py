"""What nodes wait for, one rule after the other. Tokens count back on an engine: 1 is its last node."""

from collections.abc import Sequence

from xdsl.dialects.builtin import MemRefType, f32
from xdsl.ir import Block, SSAValue

from xnn.passes.schedule.dependencies import Dependencies
from xnn.passes.schedule.regions import Region

X, Y, Z = Block(arg_types=[MemRefType(f32, [4, 4])] * 3).args
"""Feature maps of four rows of 16 bytes."""


def rows(root: SSAValue, low: int, high: int, writes: bool = False) -> Region:
    """Some rows of a feature map."""
    return Region(root, 16 * low, 16 * high, ((low, high), (0, 4)), writes)


class Lines(Dependencies):
    """Lines of one node each, on feature maps at addresses."""

    def __init__(self, draining: Sequence[str] = (), **addresses: int):
        super().__init__(draining)
        self.addresses: dict[SSAValue, int] = {
            {"x": X, "y": Y, "z": Z}[name]: at for name, at in addresses.items()
        }

    def line(self, engine: str, reads: Sequence[Region], written: Region):
        self.begin([*reads, written], self.addresses)
        return self.issue(engine, [region.root for region in reads], written.root)


def test_a_read_of_a_slot_waits_for_the_writer():
    table = Dependencies()
    x, y = table.slot("x", 0, 64), table.slot("y", 64, 64)
    table.issue("dma0", [], x)
    assert table.issue("matmul", [x], y) == (("dma0", 1),)


def test_a_write_into_a_slot_waits_for_its_reader_alone():
    table = Dependencies()
    first, second, y = (table.slot(("x", slot), 64 * slot, 64) for slot in range(3))
    table.issue("dma0", [], first)
    table.issue("matmul", [first], y)
    table.issue("dma0", [], second)
    table.issue("matmul", [second], y)
    # the product before the last read the first slot: the load need not wait for the last one
    assert table.issue("dma0", [], first) == (("matmul", 2),)


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
    apart = Region(X, 0, 64, None, False)
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
    assert table.issue("sort", [X], X) == ()
    assert table.issue("vector", [X], X) == ()


def test_a_slot_waits_for_the_users_of_the_buffer_that_had_its_place():
    table = Dependencies()
    before = table.slot("before", 0, 128)
    table.issue("dma0", [], before)
    table.issue("sort", [before], table.slot("out", 256, 64))
    after, beside = table.slot("after", 64, 64), table.slot("beside", 128, 64)
    assert table.issue("matmul", [], beside) == ()
    assert table.issue("vector", [], after) == (("sort", 1),)  # which waited for the load


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


def test_what_one_wait_implies_is_not_waited_for_again():
    table = Dependencies()
    x, y, z = (table.slot(name, 64 * i, 64) for i, name in enumerate("xyz"))
    table.issue("dma0", [], x)
    table.issue("matmul", [x], y)
    # the sort reads both, but the product has waited for the load
    assert table.issue("sort", [x, y], z) == (("matmul", 1),)


def test_an_engine_waits_for_itself_only_if_its_results_come_late():
    for draining, expected in ((("matmul",), (("matmul", 1),)), ((), ())):
        table = Dependencies(draining)
        y, z = table.slot("y", 0, 64), table.slot("z", 64, 64)
        table.issue("matmul", [], y)
        assert table.issue("matmul", [y], z) == expected


def test_sums_wait_for_the_sums_before():
    table = Dependencies(("matmul",))
    y = table.slot("y", 0, 64)
    table.issue("matmul", [], y)
    assert table.issue("matmul", [], y, sums=True) == (("matmul", 1),)
    table.begin([rows(X, 0, 4, True)], {})
    table.issue("matmul", [], X)
    assert table.issue("matmul", [], X, sums=True) == (("matmul", 1),)
