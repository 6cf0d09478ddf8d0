"""Evaluation that is not repeated for what has not changed: one pass after the other asks the same of an operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from xdsl.irdl import IRDLOperation

T = TypeVar("T")


class EvaluatedOnce(IRDLOperation):
    """An operation that keeps what was worked out about it."""

    def once(self, evaluate: Callable[[Any], T], basis: object) -> T:
        """What `evaluate` returns for the operation; called again where `basis`, what that depends on, changed."""
        known: dict[object, tuple[object, Any]] | None = getattr(self, "_known", None)
        if known is None:
            known = self._known = {}
        if evaluate not in known or known[evaluate][0] != basis:
            known[evaluate] = basis, evaluate(self)
        return known[evaluate][1]
