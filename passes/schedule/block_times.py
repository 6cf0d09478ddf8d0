"""When blocks run, as far as their loads are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

import numpy as np
from xdsl.ir import SSAValue

from xnn.passes.schedule.block_work import OrderWork
from xnn.passes.schedule.ordered_blocks import Held


class BlockTimes:
    """The blocks of an order, one after the other, were there no banks, queues and issue.

    `held`: buffers that stay, at their addresses; `loaded`: those whose loads come when they want.
    """

    def __init__(self, work: OrderWork, held: Sequence[Held], loaded: Container[SSAValue]):
        self.latency = work.target.external.latency_cycles
        self.blocks = work.blocks
        self._cycles = [
            block.cycles + _waiting(block.loads, loaded) if block.loads else block.cycles
            for block in self.blocks
        ]
        self._waits = work.waits(held)
        count = len(self.blocks)
        self.over = np.zeros(count + 1, np.int64)
        """By position, when the tokens of all blocks before it are there, as far as that is known."""
        self.loads = [0] * count
        """By position, when what the block needs is loaded."""
        self.known = 0
        self.bus_free = 0
        self._free: defaultdict[str, int] = defaultdict(int)
        self._tokens = [0] * count

    def run(self, end: int, tentative: bool = False) -> None:
        """Up to a position; `tentative`: more of what the blocks need may still be loaded."""
        free = self._free.copy() if tentative else self._free
        for position in range(self.known, end):
            block = self.blocks[position]
            ready = max(free[block.engine], self.loads[position])
            for other in self._waits[position]:
                if (token := self._tokens[other]) > ready:
                    ready = token
            free[block.engine] = over = ready + self._cycles[position]
            self._tokens[position] = over = over + block.drain
            self.over[position + 1] = max(self.over[position], over)
            if not tentative:
                self.bus_free += block.stored
        if not tentative:
            self.known = max(self.known, end)


def _waiting(loads: Iterable[tuple[SSAValue, int]], loaded: Container[SSAValue]) -> int:
    """How long a block waits for what is loaded right before it."""
    return sum(cycles for buffer, cycles in loads if buffer not in loaded)
