"""The closed form: cycles that a node by itself never exceeds, for a price that does not grow with its blocks.

It is the recurrence of the seven rules (docs/machine.md) over the steps of a layer, but for three things:

* A step costs no less than it does: the most over all blocks that it stands for. It reserves no less,
  and each bank that its buffer covers.
* A loop's steady iterations are run twice for as long as it takes until slots and channels are those
  from before (a *period*); the rest is extrapolated.

Why the result is no less than the exact time: let x be all times on which later steps depend (when
engines, the bus, slots and banks get free, the last starts on each engine). What a period makes of them,
F(x), is made of maxima, minima and sums with costs. So F is monotone: where x <= y, F(x) <= F(y); and
F(x + c) = F(x) + c for a number c. It also grows with costs and reservations, so it bounds the exact
times where it stands for other blocks. Let y <= x + c after the first of two periods, where y = F(x) and
c is the largest difference of any time: F(y) <= F(x + c) = y + c, and so on: after n more periods no time
is more than y + n * c. If all times grow alike, as they do once the pipeline is full, that is exact.
Loops in a loop are bounded one in the other: F may itself be a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.passes.schedule.scheduled_blocks import Cost, ScheduledBlocks
from xnn.passes.schedule.slice_buffers import SliceBuffer


def cycles_at_most(node: Primitive, schedule: ScheduleAttr, target: Target) -> int | None:
    """No less than the time of the node alone, and nearly that; None if its buffers do not fit local memory."""
    draft = node.clone()
    draft.properties["schedule"] = schedule
    try:
        return _Pipeline(ScheduledBlocks(draft, schedule, target), target).cycles()
    except UserError:
        return None
    finally:
        draft.drop_all_references()  # else the operands' uses, which passes ask, have it for good


ISSUE, BUS, END, FREE = range(4)
"""Places of times: of the last issue, when the bus is free, of the last token, when the first engine is free."""
BANK = 1 + MAX_RESERVATION
"""Times of a bank: its last start, then until when at least 1, 2, ... 8 eighths are taken."""


PERIODS = 8
"""Of a loop, after which the rest is extrapolated even if times do not grow alike."""


class _Pipeline:
    """A layer in blocks: loads for blocks to come, computation, store."""

    def __init__(self, blocks: ScheduledBlocks, target: Target):
        self.blocks, self.target = blocks, target
        self.drain = blocks.engine.drain(blocks.node, target)
        self.channels = target.dma.channels
        self.engine = FREE + self.channels
        place = self.engine + 1
        self.slots: dict[SliceBuffer, int] = {}
        """Place of the first of two times for each slot: when it is written, and read."""
        for buffer in blocks.buffers:
            self.slots[buffer] = place
            place += 2 * buffer.slots
        self.banks: dict[tuple[SliceBuffer, int], list[int]] = {}
        """Places of the banks that slots share with others; there is nothing to wait for in others."""
        place = self._share_banks(place)
        self.times = [0] * place
        self.times[ISSUE] = -target.control.issue_cycles
        self.starts = [[0] * target.control.queue_depth for _ in range(self.channels + 1)]
        """The last starts of each engine, the oldest first."""
        self.channel = 0
        slots = [each.slots for each in blocks.inputs if each.changes >= 0]
        self.lead = min(slots, default=1) - 1

    def _share_banks(self, place: int) -> int:
        users: dict[int, list[tuple[SliceBuffer, int]]] = {}
        for buffer in self.blocks.buffers:
            for slot in range(buffer.slots):
                first, last = buffer.span(slot, self.target)
                for bank in self.blocks.shared.intersection(range(first, last + 1)):
                    users.setdefault(bank, []).append((buffer, slot))
        for each in users.values():
            for user in each:
                self.banks.setdefault(user, []).append(place)
            place += BANK
        return place

    def cycles(self) -> int:
        """The bound."""
        for level in range(len(self.blocks.counts)):
            self.blocks.folded[level] = len(self._regular(level)) > 2 * self.blocks.periods[level]
        for block in range(self.lead):
            self._loads(block)
        self._loop(0, 0)
        return self.times[END]

    def _regular(self, level: int) -> range:
        """Iterations of a loop that are alike: not the first, none that loads for blocks that are not steady."""
        steady = self.blocks.steady[level]
        last = min(steady.stop - self.lead, self.blocks.counts[level] - 1)
        return range(max(1, steady.start), max(1, last))

    def _loop(self, level: int, block: int) -> None:
        """The iterations of a loop, from a block on."""
        if level == len(self.blocks.counts):
            self._block(block)
            return
        regular, folded = self._regular(level), self.blocks.folded[level]
        stride, period = self.blocks.strides[level + 1], self.blocks.periods[level]
        index = periods = 0
        before: list[int] = []
        while index < self.blocks.counts[level]:
            if folded and index in regular and (index - regular.start) % period == 0:
                now = self._state()
                if before:
                    growth = max(b - a for a, b in zip(before, now, strict=True))
                    left = (regular.stop - index) // period
                    periods += 1
                    if growth == now[END] - before[END] or periods == PERIODS:
                        self._shift(growth * left)
                        index += left * period
                        folded = False
                before = now
            self._loop(level + 1, block + index * stride)
            index += 1

    def _state(self) -> list[int]:
        return [*self.times, *(start for each in self.starts for start in each)]

    def _shift(self, cycles: int) -> None:
        """Makes all times later."""
        self.times = [time + cycles for time in self.times]
        self.starts = [[time + cycles for time in each] for each in self.starts]

    def _block(self, block: int) -> None:
        if block % (self.blocks.counts or [1])[-1] == 0:
            self.channel = 0
        self._loads(block + self.lead)
        self._compute(block)
        result = self.blocks.result
        if (block + 1) % self.blocks.strides[result.changes + 1] == 0:
            place = self._place(result, block)
            for cost in self.blocks.transfers(result, block):
                self.times[place + 1] = self._transfer(cost, block, [place])

    def _place(self, buffer: SliceBuffer, block: int) -> int:
        return self.slots[buffer] + 2 * self.blocks.slot(buffer, block)

    def _loads(self, block: int) -> None:
        if block >= self.blocks.strides[0]:
            return
        for buffer in self.blocks.inputs:
            if block % self.blocks.strides[buffer.changes + 1] == 0:
                place = self._place(buffer, block)
                for cost in self.blocks.transfers(buffer, block):
                    self.times[place] = self._transfer(cost, block, [place, place + 1])

    def _transfer(self, cost: Cost, block: int, waits: Sequence[int]) -> int:
        channel, self.channel = self.channel, (self.channel + 1) % self.channels
        return self._step(channel, cost, block, waits, True)

    def _compute(self, block: int) -> None:
        first, last = self.blocks.ends(block)
        *read, written = (self._place(each, block) for each in self.blocks.touched(last))
        waits = list(read)
        own_sums = self.blocks.sums is not None
        if not first and not (last and own_sums):
            waits.append(written)
        elif written == self._place(self.blocks.result, block):
            waits.append(written + 1)
        cost = self.blocks.computation(block)
        token = self._step(self.channels, cost, block, waits, False) + self.drain
        self.times[END] = max(self.times[END], token)
        for place in read:
            self.times[place + 1] = token
        self.times[written] = token

    def _step(self, engine: int, cost: Cost, block: int, waits: Iterable[int], on_bus: bool) -> int:
        """Issues a step of an engine; returns its end."""
        times, starts = self.times, self.starts[engine]
        times[ISSUE] = max(times[ISSUE] + self.target.control.issue_cycles, starts[0])
        begin = max(times[ISSUE], times[FREE + engine], *(times[place] for place in waits))
        if on_bus:
            begin = max(begin + self.target.external.latency_cycles, times[BUS])
        taken: dict[int, int] = {}
        if self.banks:
            for buffer, eighths in cost.buffers:
                for bank in self.banks.get((buffer, self.blocks.slot(buffer, block)), ()):
                    taken[bank] = min(MAX_RESERVATION, taken.get(bank, 0) + eighths)
        for bank, eighths in taken.items():
            begin = max(begin, times[bank], times[bank + BANK - eighths])
        end = begin + cost.cycles
        for bank, eighths in taken.items():
            times[bank] = begin
            for place in range(MAX_RESERVATION, 0, -1):
                until = times[bank + place - eighths] if place > eighths else end
                times[bank + place] = max(times[bank + place], min(end, until))
        del starts[0]
        starts.append(begin)
        times[FREE + engine] = end
        if on_bus:
            times[BUS] = end
            times[END] = max(times[END], end)
        return end
