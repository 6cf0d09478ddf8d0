"""The primitive level: each node is one use of a compute primitive, pre, compute, post.

* `pre` forms the primitive's input from what lies in memory. The `filter` attribute says how the
  right-hand matrix is read off the feature maps (kernel, strides, dilations, pads, groups); the
  `pre` region is a scalar function of each element of the maps, applied before the pads.
* `post` is a scalar function of each result element.
* Both regions may use further operands, each with an affine map from the indices of the element to
  the operand's indices, as in linalg. They hold what `xnn.dialects.scalar` lists.
* What maps to no primitive is `prim.general`, which still holds operators of the network.

One operation serves tensors and buffers: exactly one of a result or `outs`. The level knows no
target but for the `schedule` attribute, which holds every choice of the node for the target.

Iteration space of a primitive (`Domain`): batch, groups, rows and channels of a group, positions.
A matrix product has rows = output channels of a group; the sort primitive works on each channel by
itself, so its channels are the groups and rows = channels = 1.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    DenseArrayBase,
    IntAttr,
    IntegerAttr,
    MemRefType,
    ShapedType,
    StringAttr,
    TensorType,
    i64,
)
from xdsl.ir import Attribute, Block, Dialect, ParametrizedAttribute, Region, SSAValue
from xdsl.irdl import (
    AnyOf,
    AttrSizedOperandSegments,
    IRDLOperation,
    ParsePropInAttrDict,
    base,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    opt_result_def,
    param_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.scalar import verify_scalars

SHAPED = AnyOf((base(TensorType), base(MemRefType)))


def shape(value: SSAValue) -> tuple[int, ...]:
    """Shape of a tensor or buffer."""
    assert isinstance(value.type, ShapedType)
    return value.type.get_shape()


def element_type(value: SSAValue) -> Attribute:
    """Element type of a tensor or buffer."""
    assert isinstance(value.type, TensorType | MemRefType)
    return value.type.element_type


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
        return Domain(*sizes[:4], tuple(sizes[4:]))

    @property
    def columns(self) -> int:
        """Columns of the right-hand matrix of a group."""
        return self.batch * prod(self.positions)


def _print_integers(printer: Printer, values: Sequence[int]) -> None:
    with printer.in_square_brackets():
        printer.print_list(values, lambda value: printer.print_string(str(value)))


def _parse_integers(parser: AttrParser) -> tuple[int, ...]:
    return tuple(
        parser.parse_comma_separated_list(
            parser.Delimiter.SQUARE, lambda: parser.parse_integer(allow_boolean=False)
        )
    )


def _parse_fields(parser: AttrParser, known: Sequence[str]) -> dict[str, str | tuple[int, ...]]:
    """Fields `key = value` in angle brackets; a value is a list of integers, an integer or a word."""
    fields: dict[str, str | tuple[int, ...]] = {}

    def field() -> None:
        key = parser.parse_identifier()
        if key not in known or key in fields:
            parser.raise_error(f"expected one of {', '.join(known)}, each once, not '{key}'")
        parser.parse_punctuation("=")
        if (word := parser.parse_optional_identifier()) is not None:
            fields[key] = word
        elif (number := parser.parse_optional_integer(allow_boolean=False)) is not None:
            fields[key] = (number,)
        else:
            fields[key] = _parse_integers(parser)

    parser.parse_comma_separated_list(parser.Delimiter.ANGLE, field)
    return fields


def _integers(values: Sequence[int]) -> DenseArrayBase:
    return DenseArrayBase.from_list(i64, list(values))


@irdl_attr_definition
class FilterAttr(ParametrizedAttribute):
    """How the columns of the right-hand matrix are read off the feature maps.

    Pads are (before, after) of each spatial dimension, flat; each column holds the `kernel` taps of
    one output position. An empty kernel means that a column is the channels of one sample.

    `#prim.filter<kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 4>`
    """

    name = "prim.filter"

    kernel_array: DenseArrayBase = param_def()
    strides_array: DenseArrayBase = param_def()
    dilations_array: DenseArrayBase = param_def()
    pads_array: DenseArrayBase = param_def()
    groups_count: IntAttr = param_def()

    @staticmethod
    def of(
        kernel: Sequence[int] = (),
        strides: Sequence[int] | None = None,
        dilations: Sequence[int] | None = None,
        pads: Sequence[tuple[int, int]] | None = None,
        groups: int = 1,
    ) -> FilterAttr:
        rank = len(kernel)
        return FilterAttr(
            _integers(kernel),
            _integers(strides or (1,) * rank),
            _integers(dilations or (1,) * rank),
            _integers([edge for pair in pads or ((0, 0),) * rank for edge in pair]),
            IntAttr(groups),
        )

    @property
    def kernel(self) -> tuple[int, ...]:
        return tuple(self.kernel_array.get_values())  # pyright: ignore[reportReturnType]

    @property
    def strides(self) -> tuple[int, ...]:
        return tuple(self.strides_array.get_values())  # pyright: ignore[reportReturnType]

    @property
    def dilations(self) -> tuple[int, ...]:
        return tuple(self.dilations_array.get_values())  # pyright: ignore[reportReturnType]

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        flat: tuple[int, ...] = tuple(self.pads_array.get_values())  # pyright: ignore
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    @property
    def groups(self) -> int:
        return self.groups_count.data

    @property
    def extents(self) -> tuple[int, ...]:
        """Elements that a window spans in each spatial dimension."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilations, strict=True))

    def positions(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Windows in each spatial dimension of maps of these sizes; not positive if none fits."""
        return tuple(
            (size + low + high - extent) // stride + 1
            for size, (low, high), extent, stride in zip(
                sizes, self.pads, self.extents, self.strides, strict=True
            )
        )

    def verify(self) -> None:
        rank = len(self.kernel)
        if len(self.strides) != rank or len(self.dilations) != rank:
            raise VerifyException("prim.filter: kernel, strides and dilations differ in length")
        if len(self.pads_array) != 2 * rank:
            raise VerifyException("prim.filter: pads must be two per spatial dimension")
        if min((*self.kernel, *self.strides, *self.dilations, self.groups), default=1) < 1:
            raise VerifyException(
                "prim.filter: kernel, strides, dilations, groups must be positive"
            )
        if min((edge for pair in self.pads for edge in pair), default=0) < 0:
            raise VerifyException("prim.filter: pads must not be negative")

    def print_parameters(self, printer: Printer) -> None:
        rank = len(self.kernel)
        lists = [
            ("kernel", self.kernel, ()),
            ("strides", self.strides, (1,) * rank),
            ("dilations", self.dilations, (1,) * rank),
            ("pads", tuple(self.pads_array.get_values()), (0, 0) * rank),
        ]
        with printer.in_angle_brackets():
            shown = [(key, value) for key, value, default in lists if value != default]
            for index, (key, value) in enumerate(shown):
                printer.print_string(f"{', ' if index else ''}{key} = ")
                _print_integers(printer, value)  # pyright: ignore[reportArgumentType]
            if self.groups != 1:
                printer.print_string(f"{', ' if shown else ''}groups = {self.groups}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        fields = _parse_fields(parser, ("kernel", "strides", "dilations", "pads", "groups"))
        kernel, rank = fields.get("kernel", ()), len(fields.get("kernel", ()))
        groups = fields.get("groups", (1,))
        lists = (
            kernel,
            fields.get("strides", (1,) * rank),
            fields.get("dilations", (1,) * rank),
            fields.get("pads", (0, 0) * rank),
        )
        if any(isinstance(value, str) for value in (*lists, groups)):
            parser.raise_error("prim.filter: expected integers")
        return [*(_integers(value) for value in lists), IntAttr(groups[0])]  # pyright: ignore


@irdl_attr_definition
class ScheduleAttr(ParametrizedAttribute):
    """Every choice that a node makes for its target.

    * `block`: sizes of a block of the domain: batch, groups, rows, channels, positions.
    * `outermost`: `rows` (a block of coefficients stays while positions pass) or `positions`.
      Blocks of channels are always innermost: their partial sums stay in place.
    * `order`: of tiles in the primitive: `outer`, `inner_lhs` or `inner_rhs` (the side that stays).
    * `pack`: groups that share a tile block-diagonally; 0: columns of all groups side by side.
    * `slots`: ping-pong depth of windows that change from block to block.
    """

    name = "prim.schedule"

    block_array: DenseArrayBase = param_def()
    outermost_word: StringAttr = param_def()
    order_word: StringAttr = param_def()
    pack_count: IntAttr = param_def()
    slots_count: IntAttr = param_def()

    OUTERMOST: ClassVar = ("rows", "positions")
    ORDERS: ClassVar = ("outer", "inner_lhs", "inner_rhs")

    @staticmethod
    def of(
        block: Sequence[int],
        outermost: str = "rows",
        order: str = "outer",
        pack: int = 1,
        slots: int = 2,
    ) -> ScheduleAttr:
        return ScheduleAttr(
            _integers(block),
            StringAttr(outermost),
            StringAttr(order),
            IntAttr(pack),
            IntAttr(slots),
        )

    @property
    def block(self) -> Domain:
        return Domain.of_sizes(self.block_array.get_values())  # pyright: ignore

    @property
    def outermost(self) -> str:
        return self.outermost_word.data

    @property
    def order(self) -> str:
        return self.order_word.data

    @property
    def pack(self) -> int:
        return self.pack_count.data

    @property
    def slots(self) -> int:
        return self.slots_count.data

    def verify(self) -> None:
        if self.outermost not in self.OUTERMOST:
            raise VerifyException(f"prim.schedule: outermost must be one of {self.OUTERMOST}")
        if self.order not in self.ORDERS:
            raise VerifyException(f"prim.schedule: order must be one of {self.ORDERS}")
        if self.slots < 1 or self.pack < 0:
            raise VerifyException("prim.schedule: slots must be positive, pack not negative")
        if len(self.block_array) < 4 or min(self.block.sizes) < 1:
            raise VerifyException(
                "prim.schedule: block needs positive batch, groups, rows, channels, positions"
            )

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string("block = ")
            _print_integers(printer, self.block.sizes)
            printer.print_string(
                f", outermost = {self.outermost}, order = {self.order}, "
                f"pack = {self.pack}, slots = {self.slots}"
            )

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        fields = _parse_fields(parser, ("block", "outermost", "order", "pack", "slots"))
        block, pack, slots = (
            fields.get("block"),
            fields.get("pack", (1,)),
            fields.get("slots", (2,)),
        )
        outermost, order = fields.get("outermost", "rows"), fields.get("order", "outer")
        if (
            not isinstance(block, tuple)
            or not isinstance(pack, tuple)
            or not isinstance(slots, tuple)
            or not isinstance(outermost, str)
            or not isinstance(order, str)
        ):
            parser.raise_error("prim.schedule: expected block, outermost, order, pack, slots")
        return [
            _integers(block),
            StringAttr(outermost),
            StringAttr(order),
            IntAttr(pack[0]),
            IntAttr(slots[0]),
        ]


@irdl_op_definition
class YieldOp(IRDLOperation):
    """Ends a region: `prim.yield %v : f32`."""

    name = "prim.yield"
    values = var_operand_def()
    traits = traits_def(IsTerminator(), Pure())
    assembly_format = "attr-dict $values `:` type($values)"

    def __init__(self, *values: SSAValue):
        super().__init__(operands=[values])


class NamedOp(IRDLOperation, ABC):
    """A node with the name of the tensor it produces and of the layers that fusion took in."""

    result_name = prop_def(StringAttr, prop_name="name")
    layers = opt_prop_def(ArrayAttr[StringAttr])

    @property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(layer.data for layer in self.layers) if self.layers else ()

    def fault(self, message: str) -> VerifyException:
        return VerifyException(f'{self.name} "{self.result_name.data}": {message}')


def verify_region(
    region: Region,
    operands: Sequence[SSAValue],
    maps: ArrayAttr[AffineMapAttr] | None,
    streamed: SSAValue,
    where: str,
) -> None:
    """A `pre` or `post` region fits its operands, their index maps and what streams through it.

    Raises VerifyException otherwise; `where` is what it calls the region.
    """
    index_maps = tuple(maps) if maps is not None else ()
    if len(index_maps) != len(operands):
        raise VerifyException(f"{where} needs one index map per operand")
    for index_map, operand in zip(index_maps, operands, strict=True):
        if len(index_map.data.results) != len(shape(operand)):
            raise VerifyException(f"{where} index map {index_map} does not fit {operand.type}")
        if index_map.data.num_dims != len(shape(streamed)):
            raise VerifyException(f"{where} index map {index_map} does not fit {streamed.type}")
    if not region.blocks:
        if operands:
            raise VerifyException(f"{where} operands without a {where} region")
        return
    block = region.block
    types = (element_type(streamed), *(element_type(operand) for operand in operands))
    if (
        len(block.args) != len(types)
        or block.arg_types[where == "post" :] != types[where == "post" :]
    ):
        raise VerifyException(f"{where} region must take {', '.join(map(str, types))}")
    if not isinstance(block.last_op, YieldOp) or len(block.last_op.operands) != 1:
        raise VerifyException(f"{where} region must yield one value")
    verify_scalars(block, where)


class Primitive(NamedOp, ABC):
    """One use of a compute primitive, on tensors (one result) or on buffers (`outs`)."""

    operator = prop_def(StringAttr)
    filter = prop_def(FilterAttr)
    schedule = opt_prop_def(ScheduleAttr)
    maps = operand_def(SHAPED)
    pre_operands = var_operand_def(SHAPED)
    post_operands = var_operand_def(SHAPED)
    outs = opt_operand_def(MemRefType)
    pre_maps = opt_prop_def(ArrayAttr[AffineMapAttr])
    post_maps = opt_prop_def(ArrayAttr[AffineMapAttr])
    pre = region_def()
    post = region_def()
    result = opt_result_def(TensorType)

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """The whole iteration space."""

    @property
    def out(self) -> SSAValue:
        """The result, or the buffer in its place."""
        value = self.result if self.result is not None else self.outs
        assert value is not None
        return value

    @property
    def spatial_rank(self) -> int:
        return len(self.filter.kernel)

    def index_maps(self, maps: ArrayAttr[AffineMapAttr] | None) -> tuple[AffineMapAttr, ...]:
        return tuple(maps) if maps is not None else ()

    def verify_(self) -> None:
        if (self.result is None) == (self.outs is None):
            raise self.fault("needs exactly one of a result (on tensors) and outs (on buffers)")
        try:
            verify_region(self.pre, self.pre_operands, self.pre_maps, self.maps, "pre")
            verify_region(self.post, self.post_operands, self.post_maps, self.out, "post")
        except VerifyException as error:
            raise self.fault(str(error)) from None
        if self.result is not None:
            self._verify_shapes()
        if self.schedule is not None:
            block, domain = self.schedule.block.sizes, self.domain.sizes
            if len(block) != len(domain):
                raise self.fault(f"schedule block needs {len(domain)} sizes, one per dimension")
            if self.result is not None:
                self._verify_groups(self.schedule.block)

    def _verify_groups(self, block: Domain) -> None:
        """No block holds a part of one group and something of the next."""
        domain = self.domain
        pairs = (block.rows, domain.rows), (block.channels, domain.channels)
        if block.groups > 1 and any(part < whole for part, whole in pairs):
            raise self.fault("schedule block of several groups needs all of their rows and channels")
        if domain.groups > 1 and any(whole % min(part, whole) for part, whole in pairs):
            raise self.fault(
                f"schedule block must divide the {domain.rows} rows and {domain.channels} channels "
                f"of each of {domain.groups} groups"
            )

    @abstractmethod
    def _verify_shapes(self) -> None:
        """The result's shape follows from the operands'."""

    def _positions(self) -> tuple[int, ...]:
        """Positions that the filter finds in the maps."""
        return self.filter.positions(shape(self.maps)[2:])

    def _verify_positions(self) -> None:
        if len(shape(self.maps)) != 2 + self.spatial_rank or min(self._positions(), default=1) < 1:
            raise self.fault(f"filter {self.filter} does not fit maps {self.maps.type}")

    def _verify_result_shape(self, expected: tuple[int, ...]) -> None:
        if shape(self.out) != expected:
            raise self.fault(
                f"result has shape {list(shape(self.out))}, operands give {list(expected)}"
            )


_REGIONS_FORMAT = (
    "(`pre` $pre_maps^ `(` $pre_operands `:` type($pre_operands) `)` $pre)? "
    "(`post` $post_maps^ `(` $post_operands `:` type($post_operands) `)` $post)? "
    "(`schedule` $schedule^)? (`outs` `(` $outs^ `:` type($outs) `)`)? "
    "attr-dict (`->` type($result)^)?"
)


@irdl_op_definition
class MatmulOp(Primitive):
    """Matrix product of coefficients with the filtering matrix of feature maps.

    Coefficients [M, C / groups, *kernel] by maps [B, C, *spatial] give [B, M, *positions]. Shared
    coefficients [M / groups, ...] serve every group (average pooling). `operator` is the network's
    operator: products of conv and gemm count as its MACs, other uses of the primitive do not.

    ```mlir
    %z = prim.matmul "relu1" "conv" ins(%w, %x : tensor<64x3x7x7xf32>, tensor<1x3x224x224xf32>)
      filter<kernel = [7, 7], strides = [2, 2], pads = [3, 3, 3, 3]>
      post [affine_map<(d0, d1, d2, d3) -> (d1)>] (%b : tensor<64xf32>) {
      ^bb0(%acc: f32, %bias: f32):
        %s = arith.addf %acc, %bias : f32
        prim.yield %s : f32
      } -> tensor<1x64x112x112xf32>
    ```
    """

    name = "prim.matmul"
    coefficients = operand_def(SHAPED)
    traits = traits_def(IsolatedFromAbove())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = (
        "$name $operator `ins` `(` $coefficients `,` $maps `:` "
        "type($coefficients) `,` type($maps) `)` `filter` $filter " + _REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out, groups = shape(self.out), self.filter.groups
        return Domain(
            batch=out[0],
            groups=groups,
            rows=out[1] // groups,
            channels=shape(self.coefficients)[1],
            positions=out[2:],
        )

    @property
    def shared(self) -> bool:
        """Whether one set of coefficients serves every group."""
        return shape(self.coefficients)[0] < shape(self.out)[1]

    @property
    def is_network_product(self) -> bool:
        """Whether its products are MACs of the network."""
        return self.operator.data in ("conv", "gemm")

    def _verify_shapes(self) -> None:
        left, maps, groups = shape(self.coefficients), shape(self.maps), self.filter.groups
        if left[2:] != self.filter.kernel or maps[1] != left[1] * groups:
            raise self.fault(
                f"coefficients {self.coefficients.type} do not fit maps {self.maps.type} "
                f"with {self.filter}"
            )
        self._verify_positions()
        rows = shape(self.out)[1]
        if left[0] != rows and left[0] * groups != rows or rows % groups:
            raise self.fault(f"{left[0]} rows of coefficients cannot give {rows} channels")
        self._verify_result_shape((maps[0], rows, *self._positions()))


@irdl_op_definition
class SortOp(Primitive):
    """The first (largest) element of every window of each map: max pooling.

    ```mlir
    %z = prim.sort "pool1" "max_pool" ins(%x : tensor<1x64x112x112xf32>)
      filter<kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> -> tensor<1x64x56x56xf32>
    ```
    """

    name = "prim.sort"
    traits = traits_def(IsolatedFromAbove())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = "$name $operator `ins` `(` $maps `:` type($maps) `)` `filter` $filter " + (
        _REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out = shape(self.out)
        return Domain(batch=out[0], groups=out[1], rows=1, channels=1, positions=out[2:])

    def _verify_shapes(self) -> None:
        self._verify_positions()
        self._verify_result_shape((*shape(self.maps)[:2], *self._positions()))


@irdl_op_definition
class GeneralOp(NamedOp):
    """Operators of the network that map to no primitive, run on general compute.

    ```mlir
    %y = prim.general "softmax" ins(%x : tensor<1x1000xf32>) {
    ^bb0(%a: tensor<1x1000xf32>):
      %r = xnn.softmax "softmax" %a {axis = 1 : i64} : (tensor<1x1000xf32>) -> tensor<1x1000xf32>
      prim.yield %r : tensor<1x1000xf32>
    } -> tensor<1x1000xf32>
    ```
    """

    name = "prim.general"
    inputs = var_operand_def(SHAPED)
    outs = opt_operand_def(MemRefType)
    body = region_def("single_block")
    result = opt_result_def(TensorType)
    traits = traits_def(IsolatedFromAbove())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = (
        "$name `ins` `(` $inputs `:` type($inputs) `)` (`outs` `(` $outs^ `:` type($outs) `)`)? "
        "$body attr-dict (`->` type($result)^)?"
    )

    @property
    def out(self) -> SSAValue:
        value = self.result if self.result is not None else self.outs
        assert value is not None
        return value

    @property
    def block(self) -> Block:
        return self.body.block

    def verify_(self) -> None:
        if (self.result is None) == (self.outs is None):
            raise self.fault("needs exactly one of a result (on tensors) and outs (on buffers)")
        end = self.block.last_op
        if not isinstance(end, YieldOp) or len(end.operands) != 1:
            raise self.fault("its region must yield one value")
        pairs = [*zip(self.block.args, self.inputs, strict=False), (end.operands[0], self.out)]
        if len(self.block.args) != len(self.inputs) or any(
            shape(inner) != shape(outer) or element_type(inner) != element_type(outer)
            for inner, outer in pairs
        ):
            raise self.fault("its region must take its inputs and yield its result")


@irdl_op_definition
class ViewOp(NamedOp):
    """The same elements in the same order under another shape: no data moves.

    `%y = prim.view "flat" %x : tensor<1x2048x1x1xf32> to tensor<1x2048xf32>`
    """

    name = "prim.view"
    source = operand_def(TensorType)
    result = result_def(TensorType)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$name $source attr-dict `:` type($source) `to` type($result)"

    def verify_(self) -> None:
        if prod(shape(self.source)) != prod(shape(self.result)):
            raise self.fault(f"{self.source.type} and {self.result.type} differ in elements")


@irdl_op_definition
class ConcatOp(NamedOp):
    """Concatenation by placement: its inputs are produced where the result lies, no data moves.

    Nothing but ones may stand before `axis`, so that each input is one contiguous piece.

    `%y = prim.concat "mix" %a, %b axis 1 : (tensor<1x4x2xf32>, ...) -> tensor<1x8x2xf32>`
    """

    name = "prim.concat"
    inputs = var_operand_def(TensorType)
    axis = prop_def(IntegerAttr.constr(i64))
    result = result_def(TensorType)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$name $inputs attr-dict `:` functional-type($inputs, results)"

    def verify_(self) -> None:
        out, axis = shape(self.result), self.axis.value.data
        if not 0 <= axis < len(out) or prod(out[:axis]) != 1:
            raise self.fault(f"axis {axis} of {self.result.type} gives no contiguous pieces")
        shapes = [shape(value) for value in self.inputs]
        if any(s[:axis] + s[axis + 1 :] != out[:axis] + out[axis + 1 :] for s in shapes) or (
            sum(s[axis] for s in shapes) != out[axis]
        ):
            raise self.fault(f"inputs do not make up {self.result.type}")


def __getattr__(name: str) -> Dialect:
    """`PRIM`, made when it is asked for: the tile operations are made of those above."""
    if name != "PRIM":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xnn.dialects.prim_tiles import TILE_OPERATIONS

    return Dialect(
        "prim",
        [MatmulOp, SortOp, GeneralOp, ViewOp, ConcatOp, YieldOp, *TILE_OPERATIONS],
        [FilterAttr, ScheduleAttr],
    )
