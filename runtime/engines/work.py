"""A layer's compulsory work, whatever its schedule: the basis of the lower bounds.

It is found while the layer is one node on whole tensors, and carried down as the attribute
`xnn.work`, so that the text of the lower levels is complete in itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from math import ceil, prod

from xdsl.dialects.builtin import DictionaryAttr
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import precision_bits
from xnn.dialects.plain_values import attribute_of, value_of
from xnn.dialects.prim import DataMovement, GeneralOp, Primitive, element_type, shape
from xnn.dialects.prim.transfers import COPY
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes, value_bytes
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.runtime.engines.engine import engine_named
from xnn.runtime.engines.formats import Formats, formats_of

ATTRIBUTE = "xnn.work"


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a layer has to do at least. Cycles of communication follow from the bytes."""

    engine: str
    operator: str
    window: tuple[int, ...] = ()
    """Kernel, then strides, if it has a kernel."""
    layers: tuple[str, ...]
    shape: tuple[int, ...]
    macs: int = 0
    """Multiply-accumulates of convolutions and matrix products of the network."""
    auxiliary_macs: int = 0
    """Products that compute something else (means)."""
    operations: int
    """Elementary operations: MACs, comparisons, operations of general compute."""
    constant_bytes: int = 0
    """Weights, biases and other constants, once."""
    feature_map_bytes: int
    """Inputs and outputs, once each."""
    precision: int
    """Bits that its engine works at."""
    formats: Formats
    computation_cycles: int
    """Least cycles of its engine, whatever the schedule."""

    def attribute(self) -> Attribute:
        """The work as an attribute of an operation."""
        return attribute_of(asdict(self))

    @staticmethod
    def of(op: Operation) -> Work:
        """The work that an operation carries; raises UserError if it carries none."""
        attribute = op.attributes.get(ATTRIBUTE)
        if not isinstance(attribute, DictionaryAttr):
            raise UserError(f"{op.name} carries no {ATTRIBUTE}")
        values = value_of(attribute, ATTRIBUTE)
        try:
            given = {field.name: values[field.name] for field in fields(Work)}
            formats = {field.name: given["formats"][field.name] for field in fields(Formats)}
            return Work(**{**given, "formats": Formats(**formats)})
        except KeyError as error:
            raise UserError(f"{op.name}: {ATTRIBUTE} lacks {error}") from None
        except TypeError:
            shown = given["formats"]
            raise UserError(f"{op.name}: formats of {ATTRIBUTE} are {shown}") from None

    def peak_cycles(self, target: Target) -> float:
        """Cycles that its MACs take at the peak rate for its precision."""
        return self.macs / target.matmul_n(self.precision) ** 2

    def communication_cycles(self, target: Target) -> int:
        """Cycles that its bytes take, each once, if all feature maps were external."""
        total = self.constant_bytes + self.feature_map_bytes
        return ceil(total * target.external.cycles_per_byte)


def primitive_work(op: Primitive, constants: ConstantExpressions, target: Target) -> Work:
    """The work of a primitive on whole tensors."""
    window, macs, engine = op.window, op.macs(op.domain), engine_named(op.engine)
    return Work(
        engine=op.engine,
        operator=op.operator.data,
        window=(*window.kernel, *window.strides) if op.shows_window else (),
        layers=op.layer_names,
        shape=shape(op.out),
        macs=macs if op.is_network_product else 0,
        auxiliary_macs=0 if op.is_network_product else macs,
        operations=engine.operations(op),
        constant_bytes=sum(value_bytes(v) for v in op.operands if v in constants),
        feature_map_bytes=value_bytes(op.out)
        + sum(_bytes_read(op, v) for v in set(op.operands) if v not in constants),
        precision=op.precision,
        formats=formats_of(op, constants),
        computation_cycles=engine.least_cycles(op, target),
    )


def _bytes_read(op: Primitive, value: SSAValue) -> int:
    """Bytes of an operand that a primitive needs: of a map read without a kernel, those at its strides."""
    sizes = shape(value)
    if value is not op.rhs or not op.window.kernel or op.window.taps > 1:
        return value_bytes(value)
    positions = map(min, sizes[2:], op.window.positions(sizes[2:]))
    return prod((*sizes[:2], *positions)) * item_bytes(value)


def general_work(op: GeneralOp, constants: ConstantExpressions, target: Target) -> Work:
    """The work of a node of general compute."""
    end = op.block.last_op
    inner = end.operands[0].owner if end is not None else None
    assert isinstance(inner, Operation)
    engine = engine_named(op.engine)
    return Work(
        engine=op.engine,
        operator=inner.name.removeprefix("xnn."),
        layers=op.layer_names,
        shape=shape(op.out),
        operations=engine.operations(op),
        feature_map_bytes=sum(value_bytes(value) for value in (*op.inputs, op.out)),
        precision=precision_bits(element_type(op.out)),
        formats=formats_of(op, constants),
        computation_cycles=engine.least_cycles(op, target),
    )


def transfer_work(op: DataMovement, constants: ConstantExpressions) -> Work:
    """The work of a node that moves data: what it reads and writes, and no computation.

    Of a copy only what it reads of constants, for users count those no more: where copies are is the compiler's choice.
    """
    moved = value_bytes(op.result)
    read = {value: min(value_bytes(value), moved) for value in op.operands[:1]}
    read |= {value: value_bytes(value) for value in op.operands[1:]}
    constant_bytes = sum(size for value, size in read.items() if value in constants)
    return Work(
        engine="dma",
        operator=op.operator.data,
        layers=op.layer_names,
        shape=shape(op.result),
        operations=0,
        constant_bytes=constant_bytes,
        feature_map_bytes=0
        if op.operator.data == COPY
        else moved + sum(read.values()) - constant_bytes,
        precision=precision_bits(element_type(op.result)),
        formats=formats_of(op, constants),
        computation_cycles=0,
    )
