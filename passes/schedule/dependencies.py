"""What each machine node has to wait for: RAW, WAR and WAW dependencies of buffers, in the order of nodes.

* A read of a slot waits for the slot's writers, a write into it for its earlier readers and writers.
* A line of the order waits, with its first node that reads a part of a feature map, for the last nodes
  of the lines that wrote it; with its first that writes one, for those that read or wrote it.
* The first write of bytes of local memory waits for the last users of earlier buffers there.
* Engines keep their own order, so a wait for a node stands for all nodes before it on its engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from xnn.passes.schedule.local_ranges import LocalRanges
from xnn.passes.schedule.parts import Part

Nodes = dict[str, int]
"""The last of some nodes on each engine, by their number on it."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a node reads and writes: slots of the buffers of its layer, by number, and feature maps."""

    read_slots: tuple[int, ...] = ()
    read_maps: tuple[SSAValue, ...] = ()
    written_slot: int | None = None
    written_map: SSAValue | None = None
    sums: bool = False
    """Whether it adds to what it wrote before."""


@dataclass
class Users:
    """The last nodes that wrote and read a slot, and those that used its bytes before."""

    earlier: Nodes = field(default_factory=dict)
    writers: Nodes = field(default_factory=dict)
    readers: Nodes = field(default_factory=dict)

    def last(self, start: int, end: int) -> Iterable[Nodes]:
        """All users: they use the whole slot."""
        return self.earlier, self.writers, self.readers


@dataclass(eq=False)
class _Use:
    """The nodes of a line that read, or write, a part of a feature map."""

    part: Part
    waits: Nodes
    """For what they have to wait."""
    earlier: Nodes = field(default_factory=dict)
    """The last users of other buffers that had its bytes, or bytes between its own."""
    nodes: Nodes = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start, self.end = self.part.start, self.part.end


@dataclass(eq=False)
class MapUsers:
    """The uses of the parts of a feature map; `start` is its address, if it is in local memory."""

    start: int | None
    uses: list[_Use] = field(default_factory=list[_Use])
    writes: list[_Use] = field(default_factory=list[_Use])
    """Those that write it."""

    def add(self, use: _Use) -> None:
        self.uses.append(use)
        if use.part.writes:
            self.writes.append(use)

    def wait(self, waits: Nodes, part: Part) -> None:
        """Adds to `waits` the nodes for which one that uses a part has to wait: reads do not wait for each other.

        The last uses come first: for what they wait, earlier ones need not be looked at.
        """
        start, end, writes = part.start, part.end, part.writes
        for use in reversed(self.uses if writes else self.writes):
            if use.start >= end or start >= use.end:
                continue
            if _is_later(use.nodes, waits) or writes and _is_later(use.earlier, waits):
                if part.meets(use.part):
                    _later(waits, use.nodes)
                elif writes:
                    _later(waits, use.earlier)  # it has taken the bytes between its own, too

    def last(self, start: int, end: int) -> Iterable[Nodes]:
        """The users of some bytes of local memory."""
        assert self.start is not None
        low, high = start - self.start, end - self.start
        return [u.nodes for u in self.uses if u.start < high and low < u.end]


def _later(target: Nodes, nodes: Nodes) -> None:
    for engine, number in nodes.items():
        if number > target.get(engine, -1):
            target[engine] = number


def _is_later(nodes: Nodes, than: Nodes) -> bool:
    """Whether any of some nodes comes after the last of others on its engine."""
    for engine, number in nodes.items():
        if number > than.get(engine, -1):
            return True
    return False


class Dependencies:
    """Finds what each node has to wait for.

    `draining`: the engines whose results come after their next node has started; `slots`: for each
    slot its first byte in local memory and how many it has.
    """

    def __init__(self, draining: Collection[str], slots: Sequence[tuple[int, int]]) -> None:
        self._draining = draining
        self._ranges_of = slots
        self.counts: Nodes = {}
        self._slots: dict[int, Users] = {}
        self._maps: dict[SSAValue, MapUsers] = {}
        self._ranges = LocalRanges[Users | MapUsers]()
        self._line: dict[tuple[SSAValue, bool], list[_Use]] = {}
        """The uses of the line that is being issued, by feature map, reads and writes."""

    def _slot(self, slot: int) -> Users:
        """Users of a slot, which takes its bytes from others when it is used first."""
        users = self._slots[slot] = Users()
        start, size = self._ranges_of[slot]
        for nodes in self._claim(start, start + size, users):
            _later(users.earlier, nodes)
        return users

    def begin(self, parts: Iterable[Part], addresses: dict[SSAValue, int]) -> None:
        """Begins a line that uses parts of feature maps; `addresses`: those in local memory."""
        self._line = {}
        new: list[tuple[MapUsers, _Use]] = []
        for part in parts:
            root = part.root
            if root not in self._maps:
                self._maps[root] = MapUsers(addresses.get(root))
            users, waits = self._maps[root], Nodes()
            users.wait(waits, part)
            earlier = Nodes()
            if part.writes and users.start is not None:
                start, end = users.start + part.start, users.start + part.end
                for nodes in self._claim(start, end, users):
                    _later(earlier, nodes)
                _later(waits, earlier)
            use = _Use(part, waits, earlier)
            self._line.setdefault((root, part.writes), []).append(use)
            new.append((users, use))
        for users, use in new:
            users.add(use)

    def line_waits(self) -> Nodes:
        """For what the line that has begun has to wait, all its nodes together, because of feature maps."""
        waits: Nodes = {}
        for uses in self._line.values():
            for use in uses:
                _later(waits, use.waits)
        return waits

    def _claim(self, start: int, end: int, owner: Users | MapUsers) -> list[Nodes]:
        """Gives a range of local memory to a buffer; the last users of others that had it."""
        before = self._ranges.claim(start, end, owner)
        return [nodes for low, high, other in before for nodes in other.last(low, high)]

    def issue(self, engine: str, uses: Uses) -> Nodes:
        """What the next node of an engine waits for."""
        number = self.counts.get(engine, 0)
        raw: Nodes = {}
        waits: Nodes = {}
        for slot in uses.read_slots:
            users = self._slots.get(slot) or self._slot(slot)
            for other, before in users.writers.items():
                if before > raw.get(other, -1):
                    raw[other] = before
            users.readers[engine] = number
        for buffer in uses.read_maps:
            for use in self._line[buffer, False]:
                _later(raw, use.waits)
                use.nodes[engine] = number
        if uses.written_slot is not None:
            users = self._slots.get(uses.written_slot) or self._slot(uses.written_slot)
            if uses.sums:
                _later(raw, users.writers)
            else:
                for nodes in (users.earlier, users.writers, users.readers):
                    if nodes:
                        _later(waits, nodes)
                        nodes.clear()
            users.writers[engine] = number
        if uses.written_map is not None:
            for use in self._line[uses.written_map, True]:
                _later(raw if uses.sums else waits, use.waits)
                if uses.sums:
                    _later(raw, use.nodes)
                use.nodes[engine] = number
        # The engine's own order is enough, except for reading what its pipeline has not written yet.
        waits.pop(engine, None)
        if engine not in self._draining:
            raw.pop(engine, None)
        self.counts[engine] = number + 1
        if not waits:
            return raw
        _later(waits, raw)
        return waits
