"""What each machine node has to wait for: RAW, WAR and WAW dependencies of buffers, in the order of nodes.

* A read of a slot waits for the slot's writers, a write into it for its earlier readers and writers.
* A line of the order waits, with its first node that reads a part of a feature map, for the last nodes
  of the lines that wrote it; with its first that writes one, for those that read or wrote it.
* The first write of bytes of local memory waits for the last users of earlier buffers there.
* Engines keep their own order, so a token of an engine stands for all nodes before it; what one wait
  implies is not waited for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from xnn.passes.schedule.regions import Region

Token = tuple[str, int]
"""An engine, and one of its nodes: by number, or by how many nodes back it is."""
Nodes = dict[str, int]
"""The last of some nodes on each engine, by their number on it."""


@dataclass
class Users:
    """The last nodes that wrote and read a slot, and those that used its bytes before."""

    earlier: Nodes = field(default_factory=dict)
    writers: Nodes = field(default_factory=dict)
    readers: Nodes = field(default_factory=dict)

    def last(self, start: int, end: int) -> Iterable[Nodes]:
        """All users: they use the whole slot."""
        return self.earlier, self.writers, self.readers


@dataclass
class _Use:
    """The nodes of a line that read, or write, a part of a feature map."""

    region: Region
    waits: Nodes
    """For what they have to wait."""
    nodes: Nodes = field(default_factory=dict)


@dataclass
class MapUsers:
    """The uses of the parts of a feature map; `start` is its address, if it is in local memory."""

    start: int | None
    uses: list[_Use] = field(default_factory=list[_Use])

    def last(self, start: int, end: int) -> Iterable[Nodes]:
        """The users of some bytes of local memory."""
        assert self.start is not None
        low, high = start - self.start, end - self.start
        return [u.nodes for u in self.uses if u.region.start < high and low < u.region.end]


def _later(target: Nodes, nodes: Nodes) -> None:
    for engine, number in nodes.items():
        if number > target.get(engine, -1):
            target[engine] = number


class Dependencies:
    """Finds what each node has to wait for.

    `draining`: the engines whose results come after their next node has started.
    """

    def __init__(self, draining: Collection[str] = ()) -> None:
        self._draining = draining
        self.counts: Nodes = {}
        self._known: dict[str, list[Nodes]] = {}
        self._slots: dict[object, Users] = {}
        self._maps: dict[SSAValue, MapUsers] = {}
        self._local: list[tuple[int, int, Users | MapUsers]] = []
        """Ranges of local memory, disjoint, with the last buffer there."""
        self._line: dict[tuple[SSAValue, bool], list[_Use]] = {}
        """The uses of the line that is being issued, by feature map, reads and writes."""

    def slot(self, key: object, start: int, size: int) -> Users:
        """Users of a slot, which lies in local memory."""
        if (users := self._slots.get(key)) is None:
            users = self._slots[key] = Users()
            for nodes in self._claim(start, start + size, users):
                _later(users.earlier, nodes)
        return users

    def begin(self, regions: Iterable[Region], addresses: dict[SSAValue, int]) -> None:
        """Begins a line that uses parts of feature maps; `addresses`: those in local memory."""
        self._line = {}
        new: list[tuple[MapUsers, _Use]] = []
        for region in regions:
            root = region.root
            if root not in self._maps:
                self._maps[root] = MapUsers(addresses.get(root))
            users, waits = self._maps[root], Nodes()
            for use in users.uses:
                if (region.writes or use.region.writes) and region.meets(use.region):
                    _later(waits, use.nodes)
            if region.writes and users.start is not None:
                start, end = users.start + region.start, users.start + region.end
                for nodes in self._claim(start, end, users):
                    _later(waits, nodes)
            use = _Use(region, waits)
            self._line.setdefault((root, region.writes), []).append(use)
            new.append((users, use))
        for users, use in new:
            users.uses.append(use)

    def _claim(self, start: int, end: int, owner: Users | MapUsers) -> list[Nodes]:
        """Gives a range of local memory to a buffer; the last users of others that had it."""
        found: list[Nodes] = []
        ranges: list[tuple[int, int, Users | MapUsers]] = [(start, end, owner)]
        for low, high, other in self._local:
            if low < end and start < high:
                if other is not owner:
                    found += other.last(max(low, start), min(high, end))
                if low < start:
                    ranges.append((low, start, other))
                if end < high:
                    ranges.append((end, high, other))
            else:
                ranges.append((low, high, other))
        self._local = ranges
        return found

    def issue(
        self,
        engine: str,
        reads: Sequence[Users | SSAValue],
        written: Users | SSAValue,
        sums: bool = False,
    ) -> tuple[Token, ...]:
        """Tokens for the next node of an engine: it reads slots and feature maps, and writes one.

        `sums`: it adds to what it wrote before.
        """
        number = self.counts.get(engine, 0)
        waits: Nodes = {}
        raw: Nodes = {}
        for each in reads:
            if isinstance(each, Users):
                _later(raw, each.writers)
                each.readers[engine] = number
            else:
                for use in self._line[each, False]:
                    _later(raw, use.waits)
                    use.nodes[engine] = number
        if isinstance(written, Users):
            if sums:
                _later(raw, written.writers)
            else:
                for nodes in (written.earlier, written.writers, written.readers):
                    _later(waits, nodes)
                    nodes.clear()
            written.writers[engine] = number
        else:
            for use in self._line[written, True]:
                _later(raw if sums else waits, use.waits)
                if sums:
                    _later(raw, use.nodes)
                use.nodes[engine] = number
        # The engine's own order is enough, except for reading what its pipeline has not written yet.
        waits.pop(engine, None)
        if engine not in self._draining:
            raw.pop(engine, None)
        _later(waits, raw)
        self.counts[engine] = number + 1
        return tuple(
            (other, self.counts[other] - before - (other == engine))
            for other, before in sorted(self._news(engine, waits).items())
        )

    def _news(self, engine: str, waits: Nodes) -> Nodes:
        """Those of the waits that neither the engine's node before nor another wait implies."""
        history = self._known.setdefault(engine, [])
        known = dict(history[-1]) if history else {}
        news = {other: number for other, number in waits.items() if number > known.get(other, -1)}
        for other, number in list(news.items()):
            for third, implied in self._known[other][number].items():
                if implied > known.get(third, -1):
                    known[third] = implied
        news = {other: number for other, number in news.items() if number > known.get(other, -1)}
        _later(known, news)
        history.append(known)
        return news
