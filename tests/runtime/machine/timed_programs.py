"""Programs of nodes as the machine sees them: made by hand, and any legal one."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from xnn.dialects.target import Target
from xnn.runtime.machine.timeline import Nodes, Timeline, simulate
from xnn.runtime.targets import load_target

EDGE = load_target("edge")


@dataclass(frozen=True)
class Node:
    """One node: `after` as pairs of an engine and how many nodes back, `demand` as bank -> reservation."""

    engine: str
    cycles: int = 10
    after: tuple[tuple[str, int], ...] = ()
    demand: tuple[tuple[int, int], ...] = ()
    drain: int = 0
    computes: int = 0
    """Cycles that general compute takes beyond those on the bus."""

    @property
    def bus(self) -> int:
        """Cycles on the bus: all of a transfer; general compute may take longer."""
        if self.engine == "general":
            return self.cycles - self.computes
        return self.cycles if self.engine.startswith("dma") else 0


def machine(issue: int = 0, depth: int = 8, latency: int = 0) -> Target:
    """A target whose control and external memory are as given."""
    return replace(
        EDGE,
        control=replace(EDGE.control, issue_cycles=issue, queue_depth=depth),
        external=replace(EDGE.external, latency_cycles=latency),
    )


def nodes_of(program: list[Node], target: Target) -> Nodes:
    number = {engine: i for i, engine in enumerate(target.engines)}
    return Nodes(
        np.array([number[node.engine] for node in program], np.int64),
        np.array([node.cycles for node in program], np.int64),
        np.array([node.drain for node in program], np.int64),
        np.array([node.bus for node in program], np.int64),
        [tuple((number[engine], back) for engine, back in node.after) for node in program],
        [node.demand for node in program],
    )


def simulated(program: list[Node], target: Target) -> Timeline:
    return simulate(nodes_of(program, target), target)


ENGINES = ("dma0", "dma1", "matmul", "sort", "vector", "general")


@st.composite
def programs(draw: st.DrawFn) -> list[Node]:
    """Any legal program: tokens name earlier nodes, a node's reservations of a bank are at most eight."""
    counts: dict[str, int] = dict.fromkeys(ENGINES, 0)
    program: list[Node] = []
    for _ in range(draw(st.integers(1, 40))):
        engine = draw(st.sampled_from(ENGINES))
        earlier = [name for name in ENGINES if counts[name]]
        waits = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []
        is_general = engine == "general"  # it touches no bank
        banks = draw(st.lists(st.integers(0, 3), unique=True, max_size=0 if is_general else 3))
        cycles = draw(st.integers(0, 60))
        program.append(
            Node(
                engine,
                cycles=cycles,
                computes=draw(st.integers(0, cycles)) if is_general else 0,
                after=tuple((name, draw(st.integers(1, counts[name]))) for name in waits),
                demand=tuple((bank, draw(st.integers(1, 8))) for bank in sorted(banks)),
                drain=draw(st.integers(0, 30)) if engine == "matmul" else 0,
            )
        )
        counts[engine] += 1
    return program


machines = st.builds(
    machine, issue=st.integers(0, 8), depth=st.integers(1, 9), latency=st.integers(0, 50)
)
