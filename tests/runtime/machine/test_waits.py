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
from xnn.dialects.target import Target
from xnn.runtime.machine.waits import Wait, waits


def idle(program: list[Node], target: Target) -> list[dict[str, int]]:
    """For each node; every token is one of weights."""
    nodes, times = nodes_of(program, target), simulated(program, target)
    return [
        {str(wait): cycles for wait, cycles in each.items()}
        for each in waits(nodes, times, lambda *_: Wait.WEIGHTS, target)
    ]


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


@given(programs(), machines)
def test_busy_and_idle_cycles_of_any_program_add_up(program: list[Node], target: Target):
    ends = simulated(program, target).end.tolist()
    found = idle(program, target)
    for engine in ENGINES:
        line = [i for i, node in enumerate(program) if node.engine == engine]
        spent = sum(program[i].cycles + sum(found[i].values()) for i in line)
        assert spent == (ends[line[-1]] if line else 0)
    assert all(cycles > 0 for each in found for cycles in each.values())
