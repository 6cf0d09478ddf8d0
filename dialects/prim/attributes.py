"""Attributes of a use of a primitive: its iteration space, window, packing and schedule.

Iteration space of a primitive (`Domain`): batch, groups, rows and channels of a group, positions.
A matrix product has rows = output channels of a group; the sort primitive works on each channel by
itself, so its channels are the groups and rows = channels = 1.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from enum import auto
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Data
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.packing import FORMATS, bits_of, expanded_type, packed_bytes, unpack
from xnn.dialects.target import MAX_RESERVATION
from xnn.dialects.windows import Pads, positions, span

BATCH, GROUPS, ROWS, CHANNELS, POSITIONS = range(5)
"""Dimensions of a domain; positions are POSITIONS, POSITIONS + 1, ..."""


@dataclass(frozen=True)
class Domain:
    """Sizes of a primitive's iteration space, or of a block of it."""

    batch: int
    groups: int
    rows: int
    channels: int
    positions: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.batch, self.groups, self.rows, self.channels, *self.positions)

    @staticmethod
    def of_sizes(sizes: Sequence[int]) -> Domain:
        batch, groups, rows, channels, *positions = sizes
        return Domain(batch, groups, rows, channels, tuple(positions))

    def at(self, index: Any) -> Domain:
        """One of many candidates, or some of them, where sizes are arrays."""
        sizes: tuple[Any, ...] = self.sizes
        chosen: list[Any] = [np.asarray(size)[index] for size in sizes]
        return Domain.of_sizes([each if each.ndim else int(each) for each in chosen])

    def counts(self, block: Domain) -> list[Any]:
        """How many blocks cover each dimension; sizes of the block may be arrays of candidates."""
        return [-(-size // part) for size, part in zip(self.sizes, block.sizes, strict=True)]

    @property
    def columns(self) -> int:
        """Columns of the rhs of a group."""
        return self.batch * prod(self.positions)


def _parse_integers(parser: AttrParser) -> tuple[int, ...]:
    return tuple(
        parser.parse_comma_separated_list(
            parser.Delimiter.SQUARE, lambda: parser.parse_integer(allow_boolean=False)
        )
    )


def _parse_domain(parser: AttrParser) -> Domain:
    sizes = _parse_integers(parser)
    return Domain.of_sizes((*sizes, *(0,) * (4 - len(sizes))))


_PARSERS: dict[type, Callable[[AttrParser], Any]] = {
    tuple: _parse_integers,
    Domain: _parse_domain,
    int: lambda parser: parser.parse_integer(allow_boolean=False),
    str: lambda parser: parser.parse_identifier(),
}


@dataclass(frozen=True)
class FieldsAttr(Data[Any], ABC):
    """An attribute of fields `key = value` in angle brackets, in any order; each has a default.

    A field is a list of integers (tuple, Domain), an integer, any word (str) or one of an enumeration.
    """

    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """Values of fields as the parser hands them over."""
    _: KW_ONLY

    def __post_init__(self) -> None:
        for key, value in self.data.items():
            object.__setattr__(self, key, value)
        object.__setattr__(self, "data", {})  # else `replace` would bring back what was parsed
        super().__post_init__()

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> dict[str, Any]:
        kinds = {f.name: type(f.default) for f in fields(cls) if f.compare}
        values: dict[str, Any] = {}

        def parse_field() -> None:
            key = parser.parse_identifier()
            if key not in kinds or key in values:
                parser.raise_error(f"expected one of {', '.join(kinds)}, each once, not '{key}'")
            parser.parse_punctuation("=")
            kind = kinds[key]
            known = issubclass(kind, StrEnum)
            values[key] = parser.parse_str_enum(kind) if known else _PARSERS[kind](parser)

        parser.parse_comma_separated_list(parser.Delimiter.ANGLE, parse_field)
        return values

    @property
    def shown(self) -> dict[str, Any]:
        """The fields that the text shows."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.compare}

    def print_parameter(self, printer: Printer) -> None:
        values = {k: v.sizes if isinstance(v, Domain) else v for k, v in self.shown.items()}
        shown = (f"{k} = {list(v) if isinstance(v, tuple) else v}" for k, v in values.items())
        with printer.in_angle_brackets():
            printer.print_string(", ".join(shown))


@irdl_attr_definition
@dataclass(frozen=True)
class WindowAttr(FieldsAttr):
    """How the columns of rhs, the filtering matrix, are read off a feature map.

    Each column holds the `kernel` taps of one output position. Pads are (before, after) of each spatial
    dimension, flat. With an empty kernel, a column is the channels of one sample. Without `strides`,
    `dilations` or `pads` they are ones, ones and zeros.

    `#prim.window<kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 4>`
    """

    name = "prim.window"

    kernel: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    groups: int = 1

    def __post_init__(self) -> None:
        for key, default in self._defaults(self.data.get("kernel", self.kernel)).items():
            if getattr(self, key) == ():
                object.__setattr__(self, key, default)
        super().__post_init__()

    @cached_property
    def pad_pairs(self) -> Pads:
        return tuple(zip(self.pads[::2], self.pads[1::2], strict=True))

    @cached_property
    def taps(self) -> int:
        """Elements of the kernel."""
        return prod(self.kernel)

    def spans(self, positions: Sequence[Any]) -> tuple[Any, ...]:
        """Elements of the feature map that so many positions cover, in each spatial dimension."""
        each = zip(positions, self.kernel, self.strides, self.dilations, strict=True)
        return tuple(span(*one) for one in each)

    def positions(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Positions in each spatial dimension of a feature map of these sizes; below 1 if there are none."""
        each = zip(sizes, self.kernel, self.strides, self.dilations, self.pad_pairs, strict=True)
        return tuple(positions(*one) for one in each)

    def verify(self) -> None:
        rank = len(self.kernel)
        if len(self.strides) != rank or len(self.dilations) != rank:
            raise VerifyException("prim.window: kernel, strides and dilations differ in length")
        if len(self.pads) != 2 * rank:
            raise VerifyException("prim.window: pads must be two per spatial dimension")
        if min((*self.kernel, *self.strides, *self.dilations, self.groups), default=1) < 1:
            raise VerifyException(
                "prim.window: kernel, strides, dilations, groups must be positive"
            )
        if min(self.pads, default=0) < 0:
            raise VerifyException("prim.window: pads must not be negative")

    @staticmethod
    def _defaults(kernel: Sequence[int]) -> dict[str, Any]:
        rank = len(kernel)
        ones, zeros = (1,) * rank, (0, 0) * rank
        return {"kernel": (), "strides": ones, "dilations": ones, "pads": zeros, "groups": 1}

    @property
    def shown(self) -> dict[str, Any]:
        defaults = self._defaults(self.kernel)
        return {key: value for key, value in super().shown.items() if value != defaults[key]}


@irdl_attr_definition
@dataclass(frozen=True)
class PackedAttr(FieldsAttr):
    """How weights of few bits lie in memory: as rows of bytes that the primitive expands.

    A row holds the `taps` of a row of lhs: the channels of a group, by the kernel. The formats are those of
    `xnn.dialects.packing`.

    `#prim.packed<format = i4, taps = 576>`
    """

    name = "prim.packed"

    format: str = ""
    taps: int = 0

    @property
    def bits(self) -> int:
        """Bits of a weight."""
        return bits_of(self.format)

    @property
    def element_type(self) -> IntegerType:
        """Type of the weights as the primitive multiplies with them."""
        return expanded_type(self.format)

    def bytes(self, count: Any) -> Any:
        """Bytes of a row of so many weights."""
        return packed_bytes(self.format, count)

    def expanded(self, rows: np.ndarray, count: int) -> np.ndarray:
        """The first `count` weights of every row."""
        return unpack(rows, self.format, count)

    def verify(self) -> None:
        if self.format not in FORMATS:
            raise VerifyException(f"prim.packed: format must be one of {', '.join(FORMATS)}")
        if self.taps < 1:
            raise VerifyException("prim.packed: taps must be positive")


class Outermost(StrEnum):
    """Which dimensions the outermost loops over the blocks of a node have."""

    ROWS = auto()
    POSITIONS = auto()

    def nest(self, rank: int) -> tuple[int, ...]:
        """Dimensions of a domain from the outermost loop to the innermost, which is channels."""
        positions = range(POSITIONS, POSITIONS + rank)
        if self == Outermost.ROWS:
            return (GROUPS, ROWS, BATCH, *positions, CHANNELS)
        return (BATCH, *positions, GROUPS, ROWS, CHANNELS)


class SliceLayout(StrEnum):
    """How slices lie in local memory."""

    DENSE = auto()
    PITCHED = auto()


class Order(StrEnum):
    """Which matrix of a product keeps a tile in the primitive while the others stream by."""

    OUTPUT_STATIONARY = auto()
    LHS_STATIONARY = auto()
    RHS_STATIONARY = auto()


@irdl_attr_definition
@dataclass(frozen=True)
class ScheduleAttr(FieldsAttr):
    """Every choice that a node makes for its target.

    * `block`: sizes of a block of the domain: batch, groups, rows, channels, positions.
    * `outermost`: `rows` (a block of weights stays while positions stream by) or `positions`.
      Blocks of channels are always innermost: their partial sums stay in place.
    * `order`: of tiles in the primitive: `output_stationary`, `lhs_stationary` or `rhs_stationary`.
    * `groups_per_tile`: groups that share a tile block-diagonally; 0: columns of all groups side by side.
    * `output_phases`: neighbouring positions that are computed as rows of a larger kernel.
    * `slots`: ping-pong depth of slices that change from block to block.
    * `layout`: of slices: `dense`, or `pitched`, if what a product reads or writes as vectors, rows of lhs and planes
      of feature maps, begins in rows of local memory: it takes more room and fewer rows. Shown if it is not dense.
    * `eighths`: of each bank of local memory, the most that its blocks reserve, all operands together. With
      fewer than 8 they may take longer, and leave the rest to other nodes. Shown if it is not 8.
    """

    name = "prim.schedule"

    block: Domain = Domain(0, 0, 0, 0, ())
    outermost: Outermost = Outermost.ROWS
    order: Order = Order.OUTPUT_STATIONARY
    groups_per_tile: int = 1
    output_phases: int = 1
    slots: int = 2
    layout: SliceLayout = SliceLayout.DENSE
    eighths: int = MAX_RESERVATION

    @property
    def shown(self) -> dict[str, Any]:
        hidden = {"layout": SliceLayout.DENSE, "eighths": MAX_RESERVATION}
        return {k: v for k, v in super().shown.items() if hidden.get(k) != v}

    def clamped(self, domain: Domain) -> Domain:
        """Its block, no larger than the domain."""
        pairs = zip(self.block.sizes, domain.sizes, strict=True)
        return Domain.of_sizes([min(part, size) for part, size in pairs])

    def loops(self, domain: Domain) -> dict[int, int]:
        """The dimensions of a domain that have several blocks, outermost loop first, and how many they have."""
        counts = domain.counts(self.clamped(domain))
        order = self.outermost.nest(len(domain.positions))
        return {dim: counts[dim] for dim in order if counts[dim] > 1}

    def verify(self) -> None:
        if min(self.slots, self.output_phases) < 1 or self.groups_per_tile < 0:
            raise VerifyException(
                "prim.schedule: slots and output_phases must be positive, groups_per_tile not negative"
            )
        if not 1 <= self.eighths <= MAX_RESERVATION:
            raise VerifyException(f"prim.schedule: eighths must be 1 to {MAX_RESERVATION}")
        if min(self.block.sizes) < 1:
            raise VerifyException(
                "prim.schedule: block needs positive batch, groups, rows, channels, positions"
            )
