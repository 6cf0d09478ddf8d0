"""What a use of a primitive is told: its iteration space, its filter, its packing, its schedule.

Iteration space of a primitive (`Domain`): batch, groups, rows and channels of a group, positions.
A matrix product has rows = output channels of a group; the sort primitive works on each channel by
itself, so its channels are the groups and rows = channels = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import auto
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import I64, DenseArrayBase, IntAttr, IntegerType, StringAttr, i64
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.packing import FORMATS, bits_of, expanded_type, packed_bytes, unpack
from xnn.dialects.windows import positions, span

BATCH, GROUPS, ROWS, CHANNELS, POSITIONS = range(5)
"""Dimensions of a domain; positions are POSITIONS, POSITIONS + 1, ..."""


class memoized(property):
    """A property that an immutable attribute computes once: xDSL admits no `cached_property` there."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None or self.fget is None:
            return self
        known, name = vars(instance), f"_{self.fget.__name__}"
        if name not in known:
            known[name] = self.fget(instance)
        return known[name]


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

    def counts(self, block: Domain) -> list[Any]:
        """How many blocks cover each dimension; sizes of the block may be arrays of candidates."""
        return [-(-size // part) for size, part in zip(self.sizes, block.sizes, strict=True)]

    @property
    def columns(self) -> int:
        """Columns of the right-hand matrix of a group."""
        return self.batch * prod(self.positions)


def _print_fields(printer: Printer, fields: Mapping[str, Any]) -> None:
    """Fields as `_parse_fields` reads them."""
    shown = (f"{key} = {list(v) if isinstance(v, tuple) else v}" for key, v in fields.items())
    with printer.in_angle_brackets():
        printer.print_string(", ".join(shown))


def _parse_integers(parser: AttrParser) -> tuple[int, ...]:
    return tuple(
        parser.parse_comma_separated_list(
            parser.Delimiter.SQUARE, lambda: parser.parse_integer(allow_boolean=False)
        )
    )


_PARSERS: dict[type, Callable[[AttrParser], Any]] = {
    tuple: _parse_integers,
    int: lambda parser: parser.parse_integer(allow_boolean=False),
    str: lambda parser: parser.parse_identifier(),
}


def _parse_fields(parser: AttrParser, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Fields `key = value` in angle brackets, in any order; some may be missing.

    `kinds`: per key a list of integers (tuple), an integer, any word (str) or one of an enumeration.
    """
    fields: dict[str, Any] = {}

    def field() -> None:
        key = parser.parse_identifier()
        if key not in kinds or key in fields:
            parser.raise_error(f"expected one of {', '.join(kinds)}, each once, not '{key}'")
        parser.parse_punctuation("=")
        kind = kinds[key]
        known = issubclass(kind, StrEnum)
        fields[key] = parser.parse_str_enum(kind) if known else _PARSERS[kind](parser)

    parser.parse_comma_separated_list(parser.Delimiter.ANGLE, field)
    return fields


def _integers(values: Sequence[int]) -> DenseArrayBase[I64]:
    return DenseArrayBase.from_list(i64, list(values))


@irdl_attr_definition
class WindowAttr(ParametrizedAttribute):
    """How the columns of the right-hand matrix are read off the feature maps.

    Pads are (before, after) of each spatial dimension, flat; each column holds the `kernel` taps of
    one output position. An empty kernel means that a column is the channels of one sample.

    `#prim.window<kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 4>`
    """

    name = "prim.window"

    kernel_array: DenseArrayBase[I64] = param_def()
    strides_array: DenseArrayBase[I64] = param_def()
    dilations_array: DenseArrayBase[I64] = param_def()
    pads_array: DenseArrayBase[I64] = param_def()
    groups_count: IntAttr = param_def()

    @staticmethod
    def of(
        kernel: Sequence[int] = (),
        strides: Sequence[int] | None = None,
        dilations: Sequence[int] | None = None,
        pads: Sequence[tuple[int, int]] | None = None,
        groups: int = 1,
    ) -> WindowAttr:
        rank = len(kernel)
        return WindowAttr(
            _integers(kernel),
            _integers(strides or (1,) * rank),
            _integers(dilations or (1,) * rank),
            _integers([edge for pair in pads or ((0, 0),) * rank for edge in pair]),
            IntAttr(groups),
        )

    @memoized
    def kernel(self) -> tuple[int, ...]:
        return self.kernel_array.get_values()

    @memoized
    def strides(self) -> tuple[int, ...]:
        return self.strides_array.get_values()

    @memoized
    def dilations(self) -> tuple[int, ...]:
        return self.dilations_array.get_values()

    @memoized
    def pads(self) -> tuple[tuple[int, int], ...]:
        flat = self.pads_array.get_values()
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    @property
    def groups(self) -> int:
        return self.groups_count.data

    @memoized
    def taps(self) -> int:
        """Elements of the kernel."""
        return prod(self.kernel)

    def spans(self, positions: Sequence[Any]) -> tuple[Any, ...]:
        """Elements of the maps that so many positions take in, in each spatial dimension."""
        each = zip(positions, self.kernel, self.strides, self.dilations, strict=True)
        return tuple(span(*one) for one in each)

    def positions(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Positions in each spatial dimension of maps of these sizes; not positive if there are none."""
        each = zip(sizes, self.kernel, self.strides, self.dilations, self.pads, strict=True)
        return tuple(positions(*one) for one in each)

    def verify(self) -> None:
        rank = len(self.kernel)
        if len(self.strides) != rank or len(self.dilations) != rank:
            raise VerifyException("prim.window: kernel, strides and dilations differ in length")
        if len(self.pads_array) != 2 * rank:
            raise VerifyException("prim.window: pads must be two per spatial dimension")
        if min((*self.kernel, *self.strides, *self.dilations, self.groups), default=1) < 1:
            raise VerifyException(
                "prim.window: kernel, strides, dilations, groups must be positive"
            )
        if min((edge for pair in self.pads for edge in pair), default=0) < 0:
            raise VerifyException("prim.window: pads must not be negative")

    def print_parameters(self, printer: Printer) -> None:
        rank = len(self.kernel)
        fields = (
            ("kernel", self.kernel, ()),
            ("strides", self.strides, (1,) * rank),
            ("dilations", self.dilations, (1,) * rank),
            ("pads", self.pads_array.get_values(), (0, 0) * rank),
            ("groups", self.groups, 1),
        )
        shown = {key: value for key, value, default in fields if value != default}
        _print_fields(printer, shown)

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        lists = dict.fromkeys(("kernel", "strides", "dilations", "pads"), tuple)
        fields = _parse_fields(parser, {**lists, "groups": int})
        rank = len(fields.get("kernel", ()))
        ones, zeros = (1,) * rank, (0, 0) * rank
        defaults = {"kernel": (), "strides": ones, "dilations": ones, "pads": zeros}
        values = [fields.get(key, default) for key, default in defaults.items()]
        return [*map(_integers, values), IntAttr(fields.get("groups", 1))]


@irdl_attr_definition
class PackedAttr(ParametrizedAttribute):
    """How coefficients of few bits lie in memory: as rows of bytes that the primitive expands.

    A row holds the `taps` of a row of the left matrix: the channels of a group, by the kernel. The
    formats are those of `xnn.dialects.packing`.

    `#prim.packed<format = i4, taps = 576>`
    """

    name = "prim.packed"

    format_word: StringAttr = param_def()
    taps_count: IntAttr = param_def()

    @staticmethod
    def of(format: str, taps: int) -> PackedAttr:
        return PackedAttr(StringAttr(format), IntAttr(taps))

    @property
    def format(self) -> str:
        return self.format_word.data

    @memoized
    def taps(self) -> int:
        return self.taps_count.data

    @property
    def bits(self) -> int:
        """Bits of a coefficient."""
        return bits_of(self.format)

    @property
    def element_type(self) -> IntegerType:
        """Type of the coefficients as the primitive multiplies with them."""
        return expanded_type(self.format)

    def bytes(self, count: Any) -> Any:
        """Bytes of a row of so many coefficients."""
        return packed_bytes(self.format, count)

    def expanded(self, rows: np.ndarray, count: int) -> np.ndarray:
        """The first `count` coefficients of every row."""
        return unpack(rows, self.format, count)

    def verify(self) -> None:
        if self.format not in FORMATS:
            raise VerifyException(f"prim.packed: format must be one of {', '.join(FORMATS)}")
        if self.taps < 1:
            raise VerifyException("prim.packed: taps must be positive")

    def print_parameters(self, printer: Printer) -> None:
        _print_fields(printer, {"format": self.format, "taps": self.taps})

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        fields = _parse_fields(parser, {"format": str, "taps": int})
        return [StringAttr(fields.get("format", "")), IntAttr(fields.get("taps", 0))]


class Outermost(StrEnum):
    """What the outermost loop over blocks of a node runs over."""

    ROWS = auto()
    POSITIONS = auto()

    def nest(self, rank: int) -> tuple[int, ...]:
        """Dimensions of a domain from the outermost loop to the innermost, which is channels."""
        positions = range(POSITIONS, POSITIONS + rank)
        if self == Outermost.ROWS:
            return (GROUPS, ROWS, BATCH, *positions, CHANNELS)
        return (BATCH, *positions, GROUPS, ROWS, CHANNELS)


class Order(StrEnum):
    """Which matrix of a product keeps a tile in the primitive while the others stream past it."""

    OUTPUT_STATIONARY = auto()
    LHS_STATIONARY = auto()
    RHS_STATIONARY = auto()


@irdl_attr_definition
class OutermostAttr(EnumAttribute[Outermost], SpacedOpaqueSyntaxAttribute):
    name = "prim.outermost"


@irdl_attr_definition
class OrderAttr(EnumAttribute[Order], SpacedOpaqueSyntaxAttribute):
    name = "prim.order"


@irdl_attr_definition
class ScheduleAttr(ParametrizedAttribute):
    """Every choice that a node makes for its target.

    * `block`: sizes of a block of the domain: batch, groups, rows, channels, positions.
    * `outermost`: `rows` (a block of coefficients stays while positions pass) or `positions`.
      Blocks of channels are always innermost: their partial sums stay in place.
    * `order`: of tiles in the primitive: `output_stationary`, `lhs_stationary` or `rhs_stationary`.
    * `groups_per_tile`: groups that share a tile block-diagonally; 0: columns of all groups side by side.
    * `slots`: ping-pong depth of windows that change from block to block.
    """

    name = "prim.schedule"

    block_array: DenseArrayBase[I64] = param_def()
    outermost_word: OutermostAttr = param_def()
    order_word: OrderAttr = param_def()
    groups_per_tile_count: IntAttr = param_def()
    slots_count: IntAttr = param_def()

    @staticmethod
    def of(
        block: Sequence[int],
        outermost: Outermost = Outermost.ROWS,
        order: Order = Order.OUTPUT_STATIONARY,
        groups_per_tile: int = 1,
        slots: int = 2,
    ) -> ScheduleAttr:
        return ScheduleAttr(
            _integers(block),
            OutermostAttr(outermost),
            OrderAttr(order),
            IntAttr(groups_per_tile),
            IntAttr(slots),
        )

    @memoized
    def block(self) -> Domain:
        return Domain.of_sizes(self.block_array.get_values())

    @property
    def outermost(self) -> Outermost:
        return self.outermost_word.data

    @property
    def order(self) -> Order:
        return self.order_word.data

    @property
    def groups_per_tile(self) -> int:
        return self.groups_per_tile_count.data

    @property
    def slots(self) -> int:
        return self.slots_count.data

    def verify(self) -> None:
        if self.slots < 1 or self.groups_per_tile < 0:
            raise VerifyException(
                "prim.schedule: slots must be positive, groups_per_tile not negative"
            )
        if len(self.block_array) < 4 or min(self.block.sizes) < 1:
            raise VerifyException(
                "prim.schedule: block needs positive batch, groups, rows, channels, positions"
            )

    def print_parameters(self, printer: Printer) -> None:
        keys = ("outermost", "order", "groups_per_tile", "slots")
        choices = {key: getattr(self, key) for key in keys}
        _print_fields(printer, {"block": self.block.sizes, **choices})

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        words = {"outermost": Outermost, "order": Order}
        kinds = {"block": tuple, **words, "groups_per_tile": int, "slots": int}
        return ScheduleAttr.of(**{"block": (), **_parse_fields(parser, kinds)}).parameters
