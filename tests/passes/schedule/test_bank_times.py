"""When nodes that are placed in time one after the other find room in the banks."""

from xnn.passes.schedule.bank_times import BankTimes
from xnn.passes.schedule.prediction import Timing
from xnn.runtime.targets import load_target


def test_nodes_share_a_bank_up_to_eight_eighths():
    banks = BankTimes(load_target("edge"))
    half, whole = (Timing(10, 0, 0, ((0, eighths),)) for eighths in (4, 8))
    assert [banks.hold(0, half), banks.hold(0, half), banks.hold(0, half)] == [0, 0, 10]
    assert banks.hold(5, whole) == 20
    assert banks.hold(5, Timing(10, 0, 0, ((1, 8),))) == 5


def test_an_early_node_goes_before_those_that_are_there():
    banks, whole = BankTimes(load_target("edge")), Timing(10, 0, 0, ((0, 8), (1, 1)))
    assert [banks.hold(at, whole) for at in (100, 0, 95)] == [100, 0, 110]
