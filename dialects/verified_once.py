"""Verification that is not repeated for what has not changed: it takes a third of a compilation."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.ir import Operation
from xdsl.irdl import IRDLOperation


class VerifiedOnce(IRDLOperation):
    """An operation that is verified once for the same operands, types, properties, regions and place."""

    @property
    def verified_against(self) -> object:
        """What else its verification depends on."""
        return None

    def verify(self, verify_nested_ops: bool = True) -> None:
        state = [self._next_op is None, self.verified_against, *_state(self)]
        if verify_nested_ops:
            for region in self.regions:
                for inner in region.walk():
                    state += _state(inner)
        if state != getattr(self, "_verified", None):
            super().verify(verify_nested_ops)
            self._verified = state


def _state(op: Operation) -> Iterator[object]:
    """What the verification of an operation by itself depends on."""
    yield type(op)
    yield op.parent
    values = [*op._operands, *op.results]
    for region in op.regions:
        for block in region.blocks:
            values += block.args
    yield values
    yield [value.type for value in values]
    yield from op.properties.items()
    yield from op.attributes.items()
