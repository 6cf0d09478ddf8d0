"""The timing contract: each rule by hand, and what must hold for any program.

Programs are small lists of nodes; `simulate` sees them as the machine does, `predict` as steps.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.machine.timed_programs import (
    ENGINES,
    Node,
    machine,
    machines,
    programs,
    simulated,
)
from tests.samples import examples
from xnn.dialects.target import Target
from xnn.passes.schedule import prediction
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.prediction import Timing, predict
from xnn.runtime.engines.reservations import duration


def predicted(program: list[Node], target: Target) -> int:
    counts: dict[str, int] = {}
    nodes: list[prediction.Node] = []
    for node in program:
        waits: dict[str, int] = {}
        for engine, back in node.after:
            waits[engine] = max(counts[engine] - back, waits.get(engine, 0))
        timing = Timing(node.cycles, node.drain, node.bus, node.demand)
        nodes.append((node.engine, waits, timing))
        counts[node.engine] = counts.get(node.engine, 0) + 1
    return predict(nodes, target)


def starts(program: list[Node], target: Target) -> list[int]:
    times = simulated(program, target)
    assert times.cycles == predicted(program, target)
    return times.start.tolist()


# each rule by hand


def test_nothing_takes_no_time():
    assert simulated([], machine()).cycles == predicted([], machine()) == 0


def test_rule_1_a_token_counts_back_on_the_engine_that_it_names():
    program = [
        Node("matmul", 10),
        Node("matmul", 100),
        Node("sort", 5, after=(("matmul", 2),)),
        Node("vector", 5, after=(("matmul", 1), ("sort", 1))),
    ]
    assert starts(program, machine()) == [0, 10, 10, 110]


def test_rule_2_control_issues_one_node_after_the_other():
    program = [Node("matmul", 1), Node("sort", 1), Node("vector", 1)]
    assert starts(program, machine(issue=4)) == [0, 4, 8]


def test_rule_2_control_waits_for_a_full_queue_and_with_it_all_engines():
    program = [*[Node("matmul", 100)] * 4, Node("sort", 1)]
    # the fourth product is issued when the second starts, the sort after it
    assert starts(program, machine(issue=4, depth=2)) == [0, 100, 200, 300, 104]
    assert starts(program, machine(issue=4, depth=8)) == [0, 100, 200, 300, 16]


def test_rule_3_an_engine_runs_its_nodes_in_order_but_not_their_drains():
    program = [Node("matmul", 10, drain=50), Node("matmul", 10), Node("sort", 1)]
    assert starts(program, machine()) == [0, 10, 0]


def test_rule_3_reading_a_product_waits_for_its_drain_on_its_own_engine_too():
    program = [Node("matmul", 10, drain=50), Node("matmul", 10, after=(("matmul", 1),))]
    assert starts(program, machine()) == [0, 60]


@pytest.mark.parametrize(
    ("cost", "rows", "reservations", "expected"),
    [
        (100, (50,), (4,), 100),  # 50 rows at half of a bank: just in time
        (100, (51,), (4,), 102),
        (100, (51,), (8,), 100),
        (10, (7, 80), (1, 8), 80),  # the slowest operand
        (10, (0,), (1,), 10),
        (10, (), (), 10),
    ],
)
def test_rule_4_a_node_takes_its_cost_or_what_its_reservations_allow(
    cost: int, rows: tuple, reservations: tuple, expected: int
):
    assert duration(cost, rows, reservations) == expected
    demand = Demand(cost, rows=rows, spans=((0, 0),) * len(rows))
    assert Timing.of(demand, reservations).cycles == expected


def test_rule_4_a_transfer_holds_the_bus_as_long_as_its_banks_hold_it_up():
    demand = Demand(10, bus=10, rows=(20,), spans=((0, 0),))
    timing = Timing.of(demand, (4,))
    assert (timing.cycles, timing.bus) == (40, 40)
    # general compute reserves no bank: it leaves the bus before it ends
    timing = Timing.of(Demand(30, bus=10), ())
    assert (timing.cycles, timing.bus) == (30, 10)


def test_rule_5_reservations_of_a_bank_add_up_to_eight():
    program = [
        Node("matmul", 100, demand=((0, 5),)),
        Node("sort", 20, demand=((0, 3),)),
        Node("dma0", 20, demand=((0, 2),)),
        Node("dma1", 20, demand=((1, 8),)),
    ]
    # the transfer waits for the sort to end its reservation; the last one, for the bus alone
    assert starts(program, machine()) == [0, 0, 20, 40]


def test_rule_5_it_starts_no_earlier_than_an_earlier_node_of_the_same_bank():
    program = [
        Node("matmul", 100),
        Node("matmul", 10, demand=((2, 1),)),
        Node("sort", 10, demand=((2, 1),)),
        Node("vector", 10, demand=((3, 1),)),
    ]
    assert starts(program, machine()) == [0, 100, 100, 0]


def test_rule_5_it_waits_until_all_of_its_banks_have_room():
    program = [
        Node("matmul", 30, demand=((0, 8),)),
        Node("sort", 50, demand=((1, 6),)),
        Node("vector", 10, demand=((0, 1), (1, 3))),
    ]
    assert starts(program, machine()) == [0, 0, 50]


def test_rule_6_external_memory_is_exclusive_and_in_program_order():
    program = [
        Node("matmul", 500),
        Node("dma0", 10, after=(("matmul", 1),)),
        Node("dma1", 10),
    ]
    assert starts(program, machine(latency=200)) == [0, 700, 710]


def test_rule_6_the_latency_of_one_channel_hides_behind_the_other():
    one, other = Node("dma0", 150), Node("dma1", 150)
    assert starts([one, other, one], machine(latency=200)) == [200, 350, 550]
    assert starts([one, one, one], machine(latency=200)) == [200, 550, 900]


def test_rule_6_the_bus_is_held_from_start_to_end_even_if_the_bank_came_late():
    program = [
        Node("matmul", 1000, demand=((0, 8),)),
        Node("dma0", 10, demand=((0, 1),)),
        Node("dma1", 10),
    ]
    assert starts(program, machine(latency=200)) == [0, 1000, 1010]


def test_rule_6_general_compute_starts_like_a_transfer():
    program = [Node("dma0", 100), Node("general", 30), Node("dma1", 10)]
    assert starts(program, machine(latency=200)) == [200, 300, 330]
    # its engine is free once it ends; the latency comes again
    assert starts([Node("general", 30)] * 2, machine(latency=200)) == [200, 430]


def test_rule_6_general_compute_leaves_the_bus_before_it_ends():
    program = [
        Node("general", 100, computes=70),
        Node("dma0", 10),
        Node("general", 5, computes=5),
        Node("sort", 1, after=(("general", 1),)),
    ]
    # 30 cycles on the bus; what needs no bus starts without latency, once the engine is free
    assert starts(program, machine(latency=200)) == [200, 230, 300, 305]


def test_rule_7_the_program_ends_with_the_last_token():
    program = [Node("matmul", 10, drain=64), Node("sort", 20)]
    assert simulated(program, machine()).cycles == predicted(program, machine()) == 74


# any program


@given(programs(), machines)
def test_prediction_equals_simulation(program: list[Node], target: Target):
    assert predicted(program, target) == simulated(program, target).cycles


@st.composite
def faster(draw: st.DrawFn, program: list[Node], target: Target) -> tuple[list[Node], Target]:
    """The same program with shorter durations, on a target that is no slower in anything."""
    control, external = target.control, target.external

    def quicker(node: Node) -> Node:
        bus, computes = node.cycles - node.computes, node.computes
        bus, computes = draw(st.integers(0, bus)), draw(st.integers(0, computes))
        drain = draw(st.integers(0, node.drain))
        return replace(node, cycles=bus + computes, computes=computes, drain=drain)

    quick = [quicker(node) if draw(st.booleans()) else node for node in program]
    return quick, machine(
        issue=draw(st.integers(0, control.issue_cycles)),
        depth=control.queue_depth + draw(st.integers(0, 4)),
        latency=draw(st.integers(0, external.latency_cycles)),
    )


@examples(300)
@given(st.data(), programs(), machines)
def test_no_faster_target_is_ever_slower(data: st.DataObject, program: list[Node], target: Target):
    quick, better = data.draw(faster(program, target))
    slow, fast = simulated(program, target), simulated(quick, better)
    assert fast.cycles <= slow.cycles
    assert (fast.start <= slow.start).all()  # not the program alone: each of its nodes
    assert (fast.token <= slow.token).all()


@given(programs(), machines)
def test_times_keep_the_contract(program: list[Node], target: Target):
    """The contract once more, read off the finished timeline instead of made step by step."""
    times = simulated(program, target)
    start, end, cycles = times.start, times.end, np.array([node.cycles for node in program])
    assert (end - start == cycles).all()
    assert (start >= times.ready).all() and (times.ready >= times.issue).all()
    assert (np.diff(times.issue) >= target.control.issue_cycles).all()
    lines = {engine: [i for i, n in enumerate(program) if n.engine == engine] for engine in ENGINES}
    for line in lines.values():
        for place, i in enumerate(line):
            if place:
                assert start[i] >= end[line[place - 1]]
            if place >= target.control.queue_depth:
                assert times.issue[i] >= start[line[place - target.control.queue_depth]]
            for other, back in program[i].after:
                named = [j for j in lines[other] if j < i][-back]
                assert start[i] >= times.token[named]
            if program[i].bus:
                assert start[i] >= times.ready[i] + target.external.latency_cycles
    users = [i for i, node in enumerate(program) if node.bus]
    assert all(start[j] >= start[i] + program[i].bus for i, j in zip(users, users[1:]))
    for bank in range(4):
        users = [(i, dict(n.demand)[bank]) for i, n in enumerate(program) if bank in dict(n.demand)]
        assert all(start[i] <= start[j] for (i, _), (j, _) in zip(users, users[1:]))
        for i, _ in users:
            if end[i] > start[i]:
                held = [reservation for j, reservation in users if start[j] <= start[i] < end[j]]
                assert sum(held) <= 8
