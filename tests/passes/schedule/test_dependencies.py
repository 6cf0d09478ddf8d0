"""What nodes wait for, one rule after the other. Tokens count back on an engine: 1 is its last node."""

from xnn.passes.schedule.dependencies import Dependencies


def test_a_read_waits_for_the_writer():
    table = Dependencies()
    x = table.users("x", 0, 64, True)
    table.issue("dma0", [], slot=x)
    assert table.issue("matmul", [x]) == (("dma0", 1),)


def test_a_write_into_a_slot_waits_for_its_reader_alone():
    table = Dependencies()
    first, second = (table.users(("x", slot), 64 * slot, 64, True) for slot in range(2))
    table.issue("dma0", [], slot=first)
    table.issue("matmul", [first])
    table.issue("dma0", [], slot=second)
    table.issue("matmul", [second])
    # the product before the last read the first slot: the load need not wait for the last one
    assert table.issue("dma0", [], slot=first) == (("matmul", 2),)


def test_a_write_of_a_part_waits_for_no_reader_of_another_part():
    table = Dependencies()
    y = table.users("y", 0, 64, True)
    table.issue("matmul", [], part=y)
    table.issue("dma0", [y])
    table.issue("sort", [y])
    assert table.issue("matmul", [], part=y) == ()


def test_a_write_waits_for_the_users_of_the_buffer_that_had_its_place():
    table = Dependencies()
    before = table.users("before", 0, 128, True)
    table.issue("dma0", [], slot=before)
    table.issue("sort", [before])
    after, beside = table.users("after", 64, 64, True), table.users("beside", 128, 64, True)
    assert table.issue("matmul", [], part=beside) == ()
    assert table.issue("vector", [], part=after) == (("sort", 1),)  # which waited for the load


def test_what_one_wait_implies_is_not_waited_for_again():
    table = Dependencies()
    x, y = table.users("x", 0, 64, True), table.users("y", 64, 64, True)
    table.issue("dma0", [], slot=x)
    table.issue("matmul", [x], part=y)
    # the sort reads both, but the product has waited for the load
    assert table.issue("sort", [x, y]) == (("matmul", 1),)


def test_an_engine_waits_for_itself_only_if_its_results_come_late():
    for draining, expected in ((("matmul",), (("matmul", 1),)), ((), ())):
        table = Dependencies(draining)
        y = table.users("y", 0, 64, True)
        table.issue("matmul", [], part=y)
        assert table.issue("matmul", [y]) == expected


def test_sums_wait_for_the_sums_before():
    table = Dependencies(("matmul",))
    y = table.users("y", 0, 64, True)
    table.issue("matmul", [], slot=y)
    assert table.issue("matmul", [], slot=y, accumulates=True) == (("matmul", 1),)
