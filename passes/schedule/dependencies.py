"""What each machine node has to wait for: RAW, WAR and WAW dependencies of buffers, in program order.

* A read waits for the buffer's writers, a write into a slot for its earlier readers and writers.
* The first write of a buffer waits for the last users of earlier buffers at its addresses.
* Engines keep their own order, so a token of an engine stands for all nodes before it; what one wait
  implies is not waited for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

Token = tuple[str, int]
"""An engine, and one of its nodes: by number, or by how many nodes back it is."""


@dataclass
class Users:
    """The last nodes that wrote and read a buffer, per engine, by their number on it.

    `earlier`: the users of earlier buffers at its addresses.
    """

    earlier: dict[str, int] = field(default_factory=dict)
    writers: dict[str, int] = field(default_factory=dict)
    readers: dict[str, int] = field(default_factory=dict)

    def last(self) -> Iterator[Token]:
        for users in (self.earlier, self.writers, self.readers):
            yield from users.items()


def _later(target: dict[str, int], tokens: Iterator[Token]) -> None:
    for engine, number in tokens:
        if number > target.get(engine, -1):
            target[engine] = number


class Dependencies:
    """Finds what each node has to wait for.

    `draining`: the engines whose results come after their next node has started.
    """

    def __init__(self, draining: Collection[str] = ()) -> None:
        self._draining = draining
        self.counts: dict[str, int] = {}
        self._known: dict[str, list[dict[str, int]]] = {}
        self._buffers: dict[object, Users] = {}
        self._local: list[tuple[int, int, Users]] = []
        """Ranges of local memory, disjoint, with the users of the last buffer there."""

    def users(self, key: object, start: int, size: int, local: bool) -> Users:
        """Users of a buffer, with those of earlier buffers at its addresses."""
        users = self._buffers.get(key)
        if users is None:
            users = self._buffers[key] = Users()
            if local:
                self._assign(start, start + size, users)
        return users

    def _assign(self, start: int, end: int, users: Users) -> None:
        """Assigns a range of local memory to a new buffer."""
        ranges = [(start, end, users)]
        for low, high, other in self._local:
            if low < end and start < high:
                _later(users.earlier, other.last())
                if low < start:
                    ranges.append((low, start, other))
                if end < high:
                    ranges.append((end, high, other))
            else:
                ranges.append((low, high, other))
        self._local = ranges

    def issue(
        self,
        engine: str,
        reads: Sequence[Users],
        slot: Users | None = None,
        part: Users | None = None,
        accumulates: bool = False,
    ) -> tuple[Token, ...]:
        """Tokens for the next node of an engine, which reads buffers and writes one.

        `slot`: it overwrites a slot; `part`: it writes a part of a feature map that no other node writes;
        `accumulates`: it adds to what it wrote before. WAR on a slot is always listed, implied or not,
        so that the iterations of a loop are all the same.
        """
        number = self.counts.get(engine, 0)
        waits: dict[str, int] = {}
        raw: dict[str, int] = {}
        war: dict[str, int] = {}
        for users in reads:
            _later(raw, iter(users.writers.items()))
        written = slot if slot is not None else part
        if written is not None:
            if accumulates:
                _later(raw, iter(written.writers.items()))
            elif slot is not None:
                _later(waits, written.last())
                war = {other: n for other, n in written.readers.items() if other != engine}
                written.writers.clear()
                written.readers.clear()
                written.earlier.clear()
            else:
                _later(waits, iter(written.earlier.items()))
            written.writers[engine] = number
        for users in reads:
            users.readers[engine] = number
        # The engine's own order is enough, except for reading what its pipeline has not written yet.
        waits.pop(engine, None)
        if engine not in self._draining:
            raw.pop(engine, None)
        _later(waits, iter(raw.items()))
        self.counts[engine] = number + 1
        return tuple(
            (other, self.counts[other] - before - (other == engine))
            for other, before in sorted({**war, **self._news(engine, waits)}.items())
        )

    def _news(self, engine: str, waits: dict[str, int]) -> dict[str, int]:
        """Those of the waits that neither the engine's node before nor another wait implies."""
        history = self._known.setdefault(engine, [])
        known = dict(history[-1]) if history else {}
        news = {other: number for other, number in waits.items() if number > known.get(other, -1)}
        for other, number in list(news.items()):
            for third, implied in self._known[other][number].items():
                if implied > known.get(third, -1):
                    known[third] = implied
        news = {other: number for other, number in news.items() if number > known.get(other, -1)}
        _later(known, iter(news.items()))
        history.append(known)
        return news
