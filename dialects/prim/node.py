"""What the nodes of the primitive level have in common: their names, what they return, what they touch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar, Self

from xdsl.dialects import builtin
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    opt_operand_def,
    opt_prop_def,
    opt_result_def,
    traits_def,
)
from xdsl.traits import EffectInstance, IsolatedFromAbove, MemoryEffect

from xnn.dialects.diagnostics import fault
from xnn.dialects.names import LayerOperation
from xnn.dialects.target import Target
from xnn.dialects.values import INTEGER, dense_strides, shape
from xnn.dialects.verified_once import VerifiedOnce

RING_DIM = 2
"""The dimension of feature maps along which the rows of a ring lie."""
RING_RANKS = (3, 4)
"""Dimensions that they may have."""


class NodeEffects(MemoryEffect):
    """None on tensors; on buffers a node is opaque, like every operation that moves data."""

    @classmethod
    def get_effects(cls, op: Operation) -> frozenset[EffectInstance] | None:
        return frozenset() if op.results else None


class NamedOp(LayerOperation, ABC):
    """A node with a name."""

    @property
    def engine(self) -> str:
        """The kind of engine that runs it, named as the operation unless that says another; "view": none has to."""
        return self.name.removeprefix("prim.")

    @property
    def lies_in(self) -> tuple[SSAValue, ...]:
        """The operands whose bytes are the result's."""
        return ()

    def verify_sizes(self) -> None:
        """Below the graph level all sizes are known, and nothing computes with tensors without elements."""
        for value in (*self.operands, *self.results):
            sizes = value.type.get_shape() if isinstance(value.type, builtin.ShapedType) else ()
            if builtin.DYNAMIC_INDEX in sizes:
                raise fault(self, f"sizes of {value.type} must be known")
            if 0 in sizes:
                raise fault(
                    self, f"{value.type} has no elements; fold-zero-sized makes it a constant"
                )


class FeatureMapOp(NamedOp, ABC):
    """A node whose result is a feature map.

    `local`: its buffer, or the one it is part of, is in local memory; `external`: it stays in external
    memory, also where local memory would be faster. A local one has the plane of a channel, all dimensions
    after it, after the other; with `rows_first` a row of all channels, the dimensions after the first position,
    after the other. `pitch`: elements from a channel to the next there, if they do not stand side by side.
    """

    PLACEMENT: ClassVar = ("local", "external", "rows_first", "pitch", "rows", "in_place")
    """The properties that say where its result lies: none is on buffers, where the type of `outs` does."""

    local = opt_prop_def(builtin.UnitAttr)
    external = opt_prop_def(builtin.UnitAttr)
    rows_first = opt_prop_def(builtin.UnitAttr)
    pitch = opt_prop_def(INTEGER)

    @property
    def feature_map(self) -> SSAValue:
        """The result, as a tensor."""
        return self.results[0]

    @property
    def has_no_memory(self) -> bool:
        """Whether it is still open in which memory it is."""
        return self.local is None and self.external is None

    @property
    def ring_rows(self) -> int | None:
        """How many rows of the result, along `RING_DIM`, lie in its buffer at a time; None: all."""
        return None

    @property
    def buffer_sizes(self) -> tuple[int, ...]:
        """Sizes of a buffer of its own."""
        sizes = shape(self.feature_map)
        if self.ring_rows is None:
            return sizes
        return (*sizes[:RING_DIM], self.ring_rows, *sizes[RING_DIM + 1 :])

    @property
    def buffer_strides(self) -> tuple[int, ...]:
        """Strides of the result in a buffer of its own, in elements."""
        sizes, first = self.buffer_sizes, self._run_dim
        if len(sizes) < first:
            return dense_strides(sizes)
        pitch = prod(sizes[first:]) if self.pitch is None else self.pitch.value.data
        strides = rows_first_strides if self.rows_first is not None else padded_strides
        return strides(sizes, pitch)

    @property
    def _run_dim(self) -> int:
        """From this dimension on elements of a channel stand side by side."""
        return 2 if self.rows_first is None else 3

    def verify_layout(self) -> None:
        """It is in one memory; only what is local lies in a ring, has rows first, or a pitch that holds its runs."""
        if self.local is not None and self.external is not None:
            raise fault(self, "its result is local or external, not both")
        self._verify_ring()
        if self.rows_first is None and self.pitch is None:
            return
        what = "a pitch" if self.rows_first is None else "rows first"
        if self.local is None or len(sizes := shape(self.feature_map)) < 3:
            raise fault(self, f"only a local result with positions has {what}")
        if self.pitch is not None and self.pitch.value.data < prod(sizes[self._run_dim :]):
            run = "plane" if self.rows_first is None else "row"
            pitch = self.pitch.value.data
            raise fault(self, f"pitch {pitch} does not hold a {run} of {self.feature_map.type}")

    def _verify_ring(self) -> None:
        if (rows := self.ring_rows) is None:
            return
        if self.local is None or self.pitch is not None or self.rows_first is not None:
            raise fault(self, "only a local result in dense planes lies in a ring of rows")
        sizes = shape(self.feature_map)
        if len(sizes) not in RING_RANKS:
            type = self.feature_map.type
            raise fault(self, f"a ring of rows has 3 or 4 dimensions, not those of {type}")
        height = sizes[RING_DIM]
        if not 1 <= rows < height:
            raise fault(self, f"a ring has 1 to {height - 1} rows of {height}, not {rows}")


def padded_strides(sizes: Sequence[int], pitch: int) -> tuple[int, ...]:
    """Strides of a feature map, in elements, whose planes are `pitch` elements apart."""
    return (sizes[1] * pitch, pitch, *dense_strides(sizes[2:]))


def rows_first_strides(sizes: Sequence[int], pitch: int) -> tuple[int, ...]:
    """The same, in elements, with a row of all channels after the other; channels are `pitch` elements apart."""
    row = sizes[1] * pitch
    return (sizes[2] * row, pitch, row, *dense_strides(sizes[3:]))


def has_rows_first(strides: Sequence[int]) -> bool:
    """Whether the rows of a feature map lie further apart than its channels."""
    return len(strides) > 3 and strides[2] > strides[1]


PLACEMENT_FORMAT = (
    "(`local` $local^)? (`external` $external^)? (`rows_first` $rows_first^)? (`pitch` $pitch^)? "
)
"""How `local`, `external`, `rows_first` and `pitch` are written."""


class NodeOp(NamedOp, VerifiedOnce, ABC):
    """A node on tensors (one result) or on buffers (`outs`)."""

    outs = opt_operand_def(builtin.MemRefType)
    result = opt_result_def(builtin.TensorType)
    traits = traits_def(IsolatedFromAbove(), NodeEffects())
    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    @property
    def verified_against(self) -> Target | None:
        return Target.above(self)

    @property
    def mac_format(self) -> str | None:
        """The format of its multiply-accumulates: i8, f32, ...; None if it has none."""
        return None

    @property
    def out(self) -> SSAValue:
        """The result, or the buffer in its place."""
        value = self.result if self.result is not None else self.outs
        assert value is not None
        return value

    @property
    @abstractmethod
    def reads(self) -> tuple[SSAValue, ...]:
        """Operands that it reads, in the order of an instruction's addresses."""

    @classmethod
    def of_operands(
        cls,
        operands: Mapping[str, SSAValue | Sequence[SSAValue]],
        properties: Mapping[str, Attribute],
        regions: Sequence[Region],
        result: Attribute | None = None,
    ) -> Self:
        """The operation of operands by their names in its definition; those that are not given are absent."""
        names = (name for name, _ in cls.get_irdl_definition().operands)
        return cls.build(
            operands=[operands.get(name, ()) for name in names],
            properties=properties,
            regions=regions,
            result_types=[() if result is None else (result,)],
        )

    @property
    def touched(self) -> tuple[SSAValue, ...]:
        """All operands and the result, in the order of an instruction's addresses."""
        return (*self.reads, self.out)

    def verify_node(self) -> None:
        """It has exactly one of both, and all sizes are known."""
        if (self.result is None) == (self.outs is None):
            raise fault(self, "needs exactly one of a result (on tensors) and outs (on buffers)")
        self.verify_sizes()
