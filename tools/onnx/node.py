"""What the import of one operator sees: a node with its values, attributes, constants and a place for its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto, defs, helper
from xdsl.dialects.builtin import FloatAttr, IntegerAttr
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import OptOperandDef
from xdsl.rewriter import InsertPoint

from xnn.dialects.names import name_in_ir
from xnn.dialects.xnn import NetworkOperation, integer, shape_of
from xnn.dialects.xnn.operation import size_fault
from xnn.passes.graph.building import Parts
from xnn.runtime.extensions import load_extension
from xnn.tools.onnx.tensors import Constant, ModelFile, Unsupported

KINDS: dict[type, tuple[AttributeProto.AttributeType, Callable[[Any], Any]]] = {
    int: (AttributeProto.INT, int),
    float: (AttributeProto.FLOAT, float),
    str: (AttributeProto.STRING, lambda value: value.decode(errors="replace")),
    tuple: (AttributeProto.INTS, tuple),
    list: (AttributeProto.FLOATS, list),
    TensorProto: (AttributeProto.TENSOR, lambda value: value),
}
"""The kind of an attribute, and how its value is read, by the Python type of its default."""
_kind_name = AttributeProto.AttributeType.Name
Default = TypeVar("Default", int, float, str, tuple[int, ...], list[float], TensorProto)


@dataclass
class Node(Parts):
    """One node of an ONNX graph in operator set `opset`.

    `used` says which of its outputs the network uses; `value_of` returns the value of a tensor; `constants` holds
    those that are constants of the model; operators are built at `place`, under the name of its first result.
    """

    proto: NodeProto
    opset: int
    file: ModelFile
    used: Sequence[bool]
    constants: Mapping[str, Constant]
    value_of: Callable[[str], SSAValue]
    place: InsertPoint

    def __post_init__(self) -> None:
        super().__init__(name_in_ir(self.proto.output[0]), self.place)

    @property
    def input_count(self) -> int:
        return len(self.proto.input)

    def value(self, index: int) -> SSAValue:
        """Input `index`, which must be given."""
        if (value := self.optional_value(index)) is None:
            raise Unsupported(f"input {index} is missing")
        return value

    def optional_value(self, index: int) -> SSAValue | None:
        """Input `index`, None if it is left out."""
        if not (name := self.input_name(index)):
            return None
        value = self.value_of(name)
        if fault := size_fault(shape_of(value)):
            raise Unsupported(f"tensor {name} {fault}")
        return value

    def elements(self, index: int, what: str) -> np.ndarray | None:
        """The elements of input `index`, None if it is left out; they must be a constant of the model."""
        if not (name := self.input_name(index)):
            return None
        if name not in self.constants:
            raise Unsupported(f"{what} is not a constant")
        return self.constants[name].elements()

    def input_name(self, index: int) -> str:
        """The tensor that is input `index`, "" if it is left out."""
        return self.proto.input[index] if index < len(self.proto.input) else ""

    def has(self, index: int) -> bool:
        """Whether input `index` is given."""
        return bool(self.input_name(index))

    def shape(self, index: int = 0) -> tuple[int, ...]:
        """The shape of input `index`."""
        return shape_of(self.value(index))

    def integers(self, index: int, what: str) -> list[int] | None:
        """The integers that input `index` lists, None if it is left out; they must be a constant of the model."""
        array = self.elements(index, what)
        if array is not None and (array.dtype.kind != "i" or array.ndim > 1):
            raise Unsupported(f"{what} is no list of integers")
        return None if array is None else array.reshape(-1).tolist()

    def attribute(self, name: str, default: Default) -> Default:
        """The value of attribute `name`, which must be of the kind of its default."""
        kind, read = KINDS[type(default)]
        for attribute in self.proto.attribute:
            if attribute.name != name:
                continue
            if attribute.ref_attr_name or attribute.type != kind:
                raise Unsupported(f"attribute {name} is no {_kind_name(kind)}")
            return read(helper.get_attribute_value(attribute))
        return default

    def check(self) -> None:
        """Raises Unsupported unless inputs, outputs and attributes are those that the operator set defines."""
        given = [attribute.name for attribute in self.proto.attribute]
        if repeated := [name for name, count in Counter(given).items() if count > 1]:
            raise Unsupported(f"attribute {', '.join(repeated)} stands there more than once")
        try:
            schema = defs.get_schema(self.proto.op_type, self.opset, self.proto.domain)
        except defs.SchemaError:
            return  # of a domain that the onnx package does not know
        for what, count, least, most in (
            ("inputs", len(self.proto.input), schema.min_input, schema.max_input),
            ("outputs", len(self.proto.output), schema.min_output, schema.max_output),
        ):
            if not least <= count <= most:
                bound = f"least {least}" if count < least else f"most {most}"
                raise Unsupported(f"{count} {what}, expected at {bound}")
        if unknown := [name for name in given if name not in schema.attributes]:
            raise Unsupported(f"operator set {self.opset} has no attribute {', '.join(unknown)}")
        needed = [name for name, attribute in schema.attributes.items() if attribute.required]
        if missing := [name for name in needed if name not in given]:
            raise Unsupported(f"attribute {', '.join(missing)} is missing")

    def axis(self, value: int, rank: int) -> int:
        """The axis `value`, which may count from the end, of a tensor of `rank`."""
        if not -rank <= value < rank:
            raise Unsupported(f"axis {value} is not one of {rank} axes")
        return value % rank


Import = Callable[[Node], SSAValue | Constant | tuple[SSAValue | None, ...]]
"""Returns the first result of a node, or all of several, None for one that is not used."""

MICROSOFT = "com.microsoft"
"""The domain of the operators that onnxruntime adds."""
DEFAULT_DOMAINS = ("", "ai.onnx")

IMPORTS: dict[str, Import] = {}
"""ONNX operator -> what imports it; one that is not of the default domain is called "domain.Operator"."""


def import_of(proto: NodeProto) -> Import | None:
    """What imports a node, or None; packages outside are asked by domain (`xnn.imports`)."""
    import_module("xnn.tools.onnx.operators")
    if proto.domain in DEFAULT_DOMAINS:
        return IMPORTS.get(proto.op_type)
    name = f"{proto.domain}.{proto.op_type}"
    if name not in IMPORTS:
        load_extension("xnn.imports", proto.domain)
    return IMPORTS.get(name)


def import_as(*operators: type[NetworkOperation]) -> None:
    """Registers the import of operators by the names that their classes say (`ONNX`)."""
    for operator in operators:
        assert operator.ONNX is not None
        imports(operator.ONNX)(partial(_import_plain, operator))


def _import_plain(operator: type[NetworkOperation], node: Node) -> tuple[SSAValue, ...]:
    """The operator whose operands are the node's inputs, and whose properties its attributes."""
    definition = operator.get_irdl_definition()
    operands = [
        node.optional_value(i) if isinstance(operand, OptOperandDef) else node.value(i)
        for i, (_, operand) in enumerate(definition.operands)
    ]
    properties: dict[str, Attribute] = {}
    for name, each in definition.properties.items():
        if isinstance(default := each.default_value, FloatAttr):
            properties[name] = FloatAttr(node.attribute(name, default.value.data), default.type)
        elif isinstance(default, IntegerAttr):
            properties[name] = integer(node.attribute(name, default.value.data))
    return tuple(node.build(operator, operands, properties).op.results)


def imports(*operators: str) -> Callable[[Import], Import]:
    """Registers the import of ONNX `operators`."""

    def register(function: Import) -> Import:
        IMPORTS.update(dict.fromkeys(operators, function))
        return function

    return register
