"""Canonicalisation that the levels share: two operations in a row become one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Operation
from xdsl.irdl import IRDLOperation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern


class MergeChain(RewritePattern):
    """Two operations of one class in a row become one, on the operand of the first."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        inner = op.operands[0].owner
        if isinstance(op, ChainOperation) and isinstance(inner, type(op)):
            if (merged := op.merged(inner)) is not None:
                merged.location = op.location
                rewriter.replace(op, merged)


class ChainOperation(IRDLOperation, HasCanonicalizationPatternsInterface, ABC):
    """An operation that may merge with the producer of its first operand, if that is of its class."""

    @abstractmethod
    def merged(self, inner: Self) -> Self | None:
        """One operation for `inner` followed by this one; None if there is none."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (MergeChain(),)
