"""The tokens of a program: the least that its dependencies need."""

from __future__ import annotations

from collections.abc import Mapping

from xnn.passes.schedule.dependencies import Nodes

Token = tuple[str, int]
"""An engine, and how many nodes back on it is the one that a node waits for: 1 is its last."""


class Tokens:
    """Gives nodes their tokens, in program order.

    What the engine's node before has waited for is not waited for again, nor what another wait implies.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[Nodes]] = {}
        """By engine, for each of its nodes, what has ended when it starts."""

    def of(self, engine: str, waits: Mapping[str, int]) -> tuple[Token, ...]:
        """Tokens of the next node of an engine, which waits for nodes of engines, by their numbers."""
        history = self._known.setdefault(engine, [])
        known = dict(history[-1]) if history else {}
        news = {other: number for other, number in waits.items() if number > known.get(other, -1)}
        for other, number in list(news.items()):
            for third, implied in self._known[other][number].items():
                if implied > known.get(third, -1):
                    known[third] = implied
        news = {other: number for other, number in news.items() if number > known.get(other, -1)}
        known.update(news)
        counts = {other: len(self._known[other]) for other in news}
        history.append(known)
        return tuple((other, counts[other] - number) for other, number in sorted(news.items()))
