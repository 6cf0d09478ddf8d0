"""Values known before the network runs: constants in the text, weights in files, parameters computed by `@weights`."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from math import prod
from zlib import crc32

import numpy as np
from xdsl.dialect_interfaces.constant_materialization import ConstantMaterializationInterface
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    FixedBitwidthType,
    StringAttr,
    TensorType,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import (
    AnyAttr,
    IRDLOperation,
    ParamAttrConstraint,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    traits_def,
)
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    ParsingState,
    PrintingState,
    irdl_custom_directive,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import ConstantLike, Pure

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import part_name
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.operation import NetworkOperation, integer


@irdl_custom_directive
class Exactly(CustomDirective):
    """Elements in a form that reads back bit for bit: hexadecimal bytes where numbers would lose some.

    xDSL reads infinities, not-a-numbers and large floats in brackets as integers; 0.0 and -0.0 print as a splat.
    """

    value: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> bool:
        self.value.parse(parser, state)
        return True

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        value = self.value.get(op)
        assert isinstance(value, DenseIntOrFPElementsAttr)
        stream = StringIO()
        value.print_without_type(Printer(stream))
        text = stream.getvalue()
        if "x" in text or (len(value) > 1 and value.is_splat()):
            text = f'dense<"0x{value.data.data.hex().upper()}">'
        state.print_whitespace(printer)
        printer.print_string(f"{text} : ")
        printer.print_attribute(value.type)


@irdl_op_definition
class ConstantOp(NetworkOperation):
    """A small constant or a splat, written out in the text; `value` holds one element of a splat.

    `%c = xnn.constant "eps" dense<1.0e-5> : tensor<64x1x1xf32>`
    """

    name = "xnn.constant"

    value = prop_def(ParamAttrConstraint(DenseIntOrFPElementsAttr, (NetworkOperation.T, AnyAttr())))

    traits = traits_def(Pure(), ConstantLike())
    custom_directives = (Exactly,)
    assembly_format = "$name custom<Exactly>($value) attr-dict"

    def __post_init__(self) -> None:
        super().__post_init__()
        # xDSL's parser writes splats out, hundreds of megabytes for one number: keep one element.
        value = self.properties.get("value")
        if not isinstance(value, DenseIntOrFPElementsAttr):
            return
        data = _one_element(value) or value.data.data
        if value.type.element_type == i1:  # xDSL reads `true` as a byte of ones
            data = data.replace(b"\xff", b"\x01")
        if data != value.data.data:
            self.properties["value"] = DenseIntOrFPElementsAttr(value.type, BytesAttr(data))

    def infer_types(self) -> Sequence[TensorType]:
        assert isinstance(self.value.type, TensorType)
        return [self.value.type]

    def verify_(self) -> None:
        super().verify_()
        count, elements = len(self.value), prod(self.value.get_shape())
        if count not in (1, elements):
            raise fault(self, f"has {count} values for {elements} elements: expected one or all")

    def fold(self) -> Sequence[Attribute]:
        return (self.value,)

    @property
    def elements(self) -> np.ndarray:
        """Its elements in order; one for a splat."""
        return np.frombuffer(self.value.data.data, dtype_of(self.value.get_element_type()))


class StoredOperation(NetworkOperation):
    """A value that lies in memory: static, of elements with a size."""

    def infer_types(self) -> Sequence[TensorType]:
        type = self.result.type
        assert isinstance(type, TensorType)
        if not type.has_static_shape():
            raise fault(self, f"must have a static shape, but has type {type}")
        if not isinstance(type.element_type, FixedBitwidthType):
            raise fault(self, f"elements of type {type.element_type} have no size in memory")
        return [type]


@irdl_op_definition
class WeightOp(StoredOperation):
    """Bytes of a file as a tensor: little endian, row major, from byte `offset` on.

    Integers of up to 4 bits are packed without gaps, as ONNX packs them, the first in the lowest bits.
    The file is opened when the network runs, never by parsing, verifying or printing; if its bytes then have another
    CRC-32 than `crc32`, it has changed. A file named `mem:...` is memory of this process (see xnn.runtime.io.weights).

    `%w = xnn.weight "conv1_w" "resnet50.onnx" at 1234 crc32 3735928559 : tensor<64x3x7x7xf32>`
    """

    name = "xnn.weight"

    file = prop_def(StringAttr)
    offset = prop_def(INTEGER)
    crc32 = opt_prop_def(INTEGER)

    assembly_format = "$name $file `at` $offset (`crc32` $crc32^)? attr-dict `:` type($result)"

    @classmethod
    def in_file(
        cls, name: str, file: str, offset: int, type: TensorType, crc32: int | None = None
    ) -> WeightOp:
        """The tensor of `type` at byte `offset` of `file`."""
        properties: dict[str, Attribute] = {"name": StringAttr(name), "file": StringAttr(file)}
        properties["offset"] = integer(offset)
        if crc32 is not None:
            properties["crc32"] = integer(crc32)
        return cls.create(result_types=[type], properties=properties)

    def verify_(self) -> None:
        super().verify_()
        if not self.file.data:
            raise fault(self, "names no file")
        if self.offset.value.data < 0:
            raise fault(self, f"offset {self.offset.value.data} is negative")
        if self.crc32 is not None and not 0 <= self.crc32.value.data < 2**32:
            raise fault(self, f"crc32 {self.crc32.value.data} is not in 0 to {2**32 - 1}")


@irdl_op_definition
class ParameterOp(StoredOperation):
    """The value of this name that the function `@weights` returns: computed once, before the network runs.

    ```mlir
    func.func @weights() -> (tensor<64xf32> {xnn.name = "conv1_b"}) { ... }
    func.func @main(...) ... { %b = xnn.parameter "conv1_b" : tensor<64xf32> ... }
    ```
    """

    name = "xnn.parameter"

    assembly_format = "$name attr-dict `:` type($result)"

    @classmethod
    def named(cls, name: str, type: TensorType) -> ParameterOp:
        """The parameter `name` of `type`."""
        return cls.create(result_types=[type], properties={"name": StringAttr(name)})


def is_splat(value: SSAValue, number: float | None) -> bool:
    """Whether all elements of `value` are known, in the text, to be `number`."""
    if not isinstance(value.owner, ConstantOp) or len(value.owner.value) != 1:
        return False
    return value.owner.elements[0] == number


class ConstantMaterialization(ConstantMaterializationInterface):
    """Makes constants of what folds to dense elements; equal names mean equal constants."""

    def materialize_constant(self, value: Attribute, type: Attribute) -> ConstantOp | None:
        if not isinstance(value, DenseIntOrFPElementsAttr) or value.type != type:
            return None
        content = crc32(str(type).encode(), crc32(value.data.data))
        return ConstantOp.of(part_name("", f"constant_{content}"), (), {"value": value})


def _one_element(value: DenseIntOrFPElementsAttr) -> bytes | None:
    """The bytes of one element of `value`, if it has several and all are the same."""
    data, count = value.data.data, len(value)
    one = data[: len(data) // count] if count > 1 else b""
    if not one or not data.startswith(one * min(count, 64)) or data != one * count:
        return None
    return one


class ConstantExpressions:
    """The set of values known before the network runs: computed by network operators from constants alone.

    Results are kept: asking for every value of a module visits each operation once.
    Operations may be added meanwhile, but not changed.
    """

    def __init__(self) -> None:
        self._known: dict[Operation | Block, bool] = {}

    def __contains__(self, value: SSAValue) -> bool:
        pending = [value.owner]
        while pending:
            owner = pending[-1]
            if owner in self._known:
                pending.pop()
            elif not isinstance(owner, NetworkOperation):
                self._known[owner] = False
            else:
                sources = [operand.owner for operand in owner.operands]
                found = [self._known.get(source) for source in sources]
                if None in found and False not in found:
                    pending += [s for s, known in zip(sources, found) if known is None]
                else:
                    self._known[owner] = False not in found
        return self._known[value.owner]
