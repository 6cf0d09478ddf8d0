"""What idle engines wait for: by hand, and that busy and idle cycles of any program add up."""

from hypothesis import given

from tests.runtime.machine.timed_programs import (
    ENGINES,
    Node,
    machine,
    machines,
    nodes_of,
    programs,
    simulated,
)
from tests.samples import examples
from xnn.dialects.target import Target
from xnn.runtime.machine.waits import Wait, waits


def idle(program: list[Node], target: Target) -> list[dict[str, int]]:
    """Of engines, for each node; every token is one of weights."""
    return _both(program, target)[0]


def idle_bus(program: list[Node], target: Target) -> list[dict[str, int]]:
    return _both(program, target)[1]


def _both(program: list[Node], target: Target) -> list[list[dict[str, int]]]:
    nodes, times = nodes_of(program, target), simulated(program, target)
    found = waits(nodes, times, lambda *_: Wait.WEIGHTS, target)
    return [[{str(w): n for w, n in each.items()} for each in line] for line in found]


def test_a_cause_counts_for_what_it_adds_to_those_before_it():
    program = [Node("dma0", 100), Node("matmul", 50, after=(("dma0", 1),))]
    assert idle(program, machine(latency=200, issue=10)) == [{"latency": 200}, {"weights": 300}]
    late = [*[Node("sort", 1)] * 40, program[1]]
    assert idle([program[0], *late], machine(latency=200, issue=10))[-1] == {
        "weights": 300,
        "control": 110,
    }


def test_a_token_that_came_while_the_engine_was_busy_is_not_waited_for():
    program = [Node("sort", 10), Node("matmul", 90), Node("matmul", 5, after=(("sort", 1),))]
    assert idle(program, machine()) == [{}, {}, {}]


def test_the_latency_counts_only_while_the_bus_is_free():
    program = [Node("dma0", 150), Node("dma1", 100), Node("dma0", 10)]
    # dma0 is ready again at 350, its data at 550; the bus is free at 450
    assert idle(program, machine(latency=200)) == [
        {"latency": 200},
        {"bus": 350},
        {"bus": 100, "latency": 100},
    ]


def test_a_bank_comes_last():
    program = [Node("sort", 300, demand=((0, 8),)), Node("dma0", 10, demand=((0, 1),))]
    assert idle(program, machine(latency=200)) == [{}, {"latency": 200, "bank": 100}]


def test_the_bus_waits_for_what_comes_next_on_it():
    program = [
        Node("dma0", 100),
        Node("dma1", 50),
        Node("matmul", 400, after=(("dma0", 1),)),
        Node("dma0", 10, after=(("matmul", 1),)),
        Node("dma1", 10, demand=((0, 1),)),
    ]
    # data of dma1 follow at once; those of the second transfer 200 cycles after the product
    found = idle_bus(program, machine(latency=200))
    assert found == [{"latency": 200}, {}, {}, {"weights": 350, "latency": 200}, {}]


def test_the_bus_waits_for_general_compute_that_has_left_it():
    program = [Node("general", 100, computes=70), Node("general", 10)]
    assert idle_bus(program, machine(latency=20)) == [
        {"latency": 20},
        {"engine": 70, "latency": 20},
    ]


@examples(60)
@given(programs(), machines)
def test_busy_and_idle_cycles_of_any_program_add_up(program: list[Node], target: Target):
    times = simulated(program, target)
    starts, ends = times.start.tolist(), times.end.tolist()
    found, bus = _both(program, target)
    for engine in ENGINES:
        line = [i for i, node in enumerate(program) if node.engine == engine]
        spent = sum(program[i].cycles + sum(found[i].values()) for i in line)
        assert spent == (ends[line[-1]] if line else 0)
    assert all(cycles > 0 for each in (*found, *bus) for cycles in each.values())
    users = [i for i, node in enumerate(program) if node.bus]
    spent = sum(program[i].bus + sum(bus[i].values()) for i in users)
    assert spent == (starts[users[-1]] + program[users[-1]].bus if users else 0)
    assert not any(bus[i] for i in range(len(program)) if i not in users)
