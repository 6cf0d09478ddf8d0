"""Canonicalisation that the levels share: two operations in a row that are one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Operation
from xdsl.irdl import IRDLOperation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern


class MergeChain(RewritePattern):
    """An operation of the result of another of its class becomes one operation of the first's operand."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        inner = op.operands[0].owner
        if isinstance(op, ChainOperation) and isinstance(inner, type(op)):
            if (merged := op.merged(inner)) is not None:
                merged.location = op.location
                rewriter.replace(op, merged)


class ChainOperation(IRDLOperation, HasCanonicalizationPatternsInterface, ABC):
    """An operation of which two in a row, each the first operand of the next, may be one."""

    @abstractmethod
    def merged(self, inner: Self) -> Self | None:
        """The operation that does what `inner` and then this one do; None if there is none."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (MergeChain(),)
