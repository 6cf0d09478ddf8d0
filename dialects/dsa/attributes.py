"""Keywords of instructions and buffers, and the tokens that instructions wait for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import auto

from xdsl.dialects.builtin import DictionaryAttr, IntegerAttr, i64
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.str_enum import StrEnum


class Space(StrEnum):
    """The memory that a buffer lies in."""

    EXTERNAL = auto()
    LOCAL = auto()


class Role(StrEnum):
    """What a buffer is for.

    `input`: the network's input of this name; `state`: one that keeps its bytes from run to run, unless it is
    set; `parameter`: what `@weights` returns under it; `feature_map`: a feature map; `slice`: a slice of one.
    """

    INPUT = auto()
    STATE = auto()
    PARAMETER = auto()
    FEATURE_MAP = auto()
    SLICE = auto()


class Direction(StrEnum):
    """Of a transfer: `load` (external to local), `store` (local to external) or `copy` (local)."""

    LOAD = auto()
    STORE = auto()
    COPY = auto()


@irdl_attr_definition
class SpaceAttr(EnumAttribute[Space], SpacedOpaqueSyntaxAttribute):
    name = "dsa.space"


@irdl_attr_definition
class RoleAttr(EnumAttribute[Role], SpacedOpaqueSyntaxAttribute):
    name = "dsa.role"


@irdl_attr_definition
class DirectionAttr(EnumAttribute[Direction], SpacedOpaqueSyntaxAttribute):
    name = "dsa.direction"


@irdl_attr_definition
class AfterAttr(ParametrizedAttribute):
    """Tokens that an instruction waits for: per engine, how many nodes back in program order.

    `<dma0 1, matmul 2>`: the last node issued to `dma0` and the last but one issued to `matmul`
    before this one. Engines finish their nodes in order, so one token per engine is enough, and a
    distance stays the same in every iteration of a repeat.
    """

    name = "dsa.after"
    tokens_dict: DictionaryAttr = param_def()

    @staticmethod
    def of(tokens: Iterable[tuple[str, int]]) -> AfterAttr:
        return AfterAttr(DictionaryAttr({e: IntegerAttr(d, i64) for e, d in tokens}))

    @property
    def tokens(self) -> tuple[tuple[str, int], ...]:
        return tuple(
            (engine, distance.value.data)
            for engine, distance in self.tokens_dict.data.items()
            if isinstance(distance, IntegerAttr)
        )

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(", ".join(f"{engine} {back}" for engine, back in self.tokens))

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        def token() -> tuple[str, int]:
            return parser.parse_identifier(), parser.parse_integer(allow_boolean=False)

        tokens = parser.parse_comma_separated_list(parser.Delimiter.ANGLE, token)
        if len(dict(tokens)) != len(tokens):
            parser.raise_error("dsa.after: one token per engine")
        return AfterAttr.of(tokens).parameters
