"""What the import of one operator sees: a node with its values, attributes, constants and a place for its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.xnn import NetworkOperation, shape_of
from xnn.tools.onnx.tensors import Constant, ModelFile


class Unsupported(Exception):
    """A form of an operator that we do not import; the message says which."""


@dataclass
class Node:
    """One node of an ONNX graph in operator set `opset`.

    `used` says which of its outputs the network uses; `value_of` gives the value of a tensor; `constants` holds
    those that are constants of the model; `insert` puts an operation into the network.
    """

    proto: NodeProto
    opset: int
    file: ModelFile
    used: Sequence[bool]
    constants: Mapping[str, Constant]
    value_of: Callable[[str], SSAValue]
    insert: Callable[[NetworkOperation], NetworkOperation]

    @property
    def name(self) -> str:
        """The name of its first result."""
        return self.proto.output[0]

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
        name = self._input(index)
        return self.value_of(name) if name else None

    def constant(self, index: int, what: str) -> np.ndarray | None:
        """The elements of input `index`, None if it is left out; they must be a constant of the model."""
        if not (name := self._input(index)):
            return None
        if name not in self.constants:
            raise Unsupported(f"{what} is not a constant")
        return self.constants[name].elements()

    def _input(self, index: int) -> str:
        return self.proto.input[index] if index < len(self.proto.input) else ""

    def has(self, index: int) -> bool:
        """Whether input `index` is given."""
        return bool(self._input(index))

    def shape(self, index: int = 0) -> tuple[int, ...]:
        """The shape of input `index`."""
        return shape_of(self.value(index))

    def attribute(self, name: str, default: Any = None) -> Any:
        """The value of attribute `name`: int, float, bytes, or a list of them."""
        for attribute in self.proto.attribute:
            if attribute.name == name:
                return helper.get_attribute_value(attribute)
        return default

    def text(self, name: str, default: str) -> str:
        """The value of the string attribute `name`."""
        value = self.attribute(name)
        return default if value is None else value.decode(errors="replace")

    def axis(self, value: int, rank: int) -> int:
        """The axis `value`, which may count from the end, of a tensor of `rank`."""
        if not -rank <= value < rank:
            raise Unsupported(f"axis {value} is not one of {rank} axes")
        return value % rank

    def emit(
        self,
        operator: type[NetworkOperation],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        name: str | None = None,
    ) -> SSAValue:
        """The result of a new `operator`; it bears the name of this node's result unless `name` is given."""
        given = [operand for operand in operands if operand is not None]
        return self.insert(operator.of(name or self.name, given, properties)).results[0]


Import = Callable[[Node], SSAValue | Constant | tuple[SSAValue, ...]]
"""Gives the first result of a node, or all of several."""

MICROSOFT = "com.microsoft"
"""The domain of the operators that onnxruntime adds."""
DEFAULT_DOMAINS = ("", "ai.onnx")

IMPORTS: dict[str, Import] = {}
"""ONNX operator -> what imports it; one that is not of the default domain is called "domain.Operator"."""


def import_of(proto: NodeProto) -> Import | None:
    """What imports a node, or None."""
    in_default = proto.domain in DEFAULT_DOMAINS
    return IMPORTS.get(proto.op_type if in_default else f"{proto.domain}.{proto.op_type}")


def imports(*operators: str) -> Callable[[Import], Import]:
    """Registers the import of ONNX `operators`."""

    def register(function: Import) -> Import:
        IMPORTS.update(dict.fromkeys(operators, function))
        return function

    return register
