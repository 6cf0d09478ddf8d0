"""The walk back from the last token: by hand, and that the parts of any program add up."""

from collections import Counter

from hypothesis import given

from tests.runtime.machine.timed_programs import (
    Node,
    machine,
    machines,
    nodes_of,
    programs,
    simulated,
)
from tests.samples import examples
from xnn.dialects.target import Target
from xnn.runtime.machine.critical_path import critical_path


def walk(program: list[Node], target: Target, rows: int = 0) -> dict[tuple[int, str], int]:
    """Cycles by node and cause, where the last of a node's cycles are for its rows."""

    def price(node: int) -> dict[str, int]:
        name = "bus" if program[node].bus == program[node].cycles else "tiles"
        return {name: program[node].cycles - rows}

    found = Counter[tuple[int, str]]()
    for node, cause, cycles in critical_path(
        nodes_of(program, target), simulated(program, target), price, target
    ):
        found[node, cause] += cycles
    return found


LOAD = Node("dma0", 100)


def test_nothing_has_no_parts():
    assert walk([], machine()) == {}


def test_a_product_after_its_load():
    program = [LOAD, Node("matmul", 50, after=(("dma0", 1),), drain=16)]
    assert walk(program, machine(latency=200)) == {
        (1, "drain"): 16,
        (1, "tiles"): 50,
        (0, "bus"): 100,
        (0, "latency"): 200,
    }


def test_what_reads_a_product_waits_for_its_drain():
    program = [Node("matmul", 50, drain=16), Node("sort", 5, after=(("matmul", 1),))]
    assert walk(program, machine()) == {(1, "tiles"): 5, (0, "drain"): 16, (0, "tiles"): 50}


def test_rows_beyond_the_cost_are_apart():
    assert walk([Node("matmul", 50)], machine(), rows=20) == {(0, "rows"): 20, (0, "tiles"): 30}


def test_the_latency_of_a_channel_that_waits_for_the_bus_is_hidden():
    program = [Node("dma0", 500), Node("dma1", 100)]
    assert walk(program, machine(latency=200)) == {
        (1, "bus"): 100,
        (0, "bus"): 500,
        (0, "latency"): 200,
    }


def test_general_compute_holds_others_up_only_while_it_is_on_the_bus():
    program = [Node("general", 100, computes=70), Node("dma0", 90)]
    assert walk(program, machine()) == {(1, "bus"): 90, (0, "bus"): 30}


def test_a_wait_for_a_bank_belongs_to_the_node_that_waits():
    """The load could start at 0; its product needs no more than that."""
    program = [
        Node("sort", 40, demand=((3, 8),)),
        Node("dma0", 100, demand=((3, 1),)),
        Node("matmul", 50, after=(("dma0", 1),)),
    ]
    assert walk(program, machine()) == {(2, "tiles"): 50, (1, "bus"): 100, (1, "bank"): 40}


def test_control_and_a_full_queue():
    assert walk([Node("matmul", 1), Node("sort", 9)], machine(issue=4)) == {
        (1, "tiles"): 9,
        (1, "issue"): 4,
    }
    program = [*[Node("matmul", 100)] * 3, Node("sort", 250)]
    # the sort is issued once the third product is: when the second starts
    assert walk(program, machine(issue=4, depth=1)) == {
        (3, "tiles"): 250,
        (3, "issue"): 4,
        (0, "tiles"): 100,
    }


@examples(60)
@given(programs(), machines)
def test_the_parts_of_any_program_add_up_to_its_cycles(program: list[Node], target: Target):
    parts = walk(program, target)
    assert sum(parts.values()) == simulated(program, target).cycles
    assert all(cycles > 0 for cycles in parts.values())
    by_node = Counter[int]()
    for (node, cause), cycles in parts.items():
        by_node[node] += cycles if cause in ("tiles", "bus") else 0
    assert all(cycles <= program[node].cycles for node, cycles in by_node.items())
