"""What all operators of a network have in common: a name, fused layers, types that follow from the operands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from types import ModuleType
from typing import ClassVar, Self

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    I64,
    ArrayAttr,
    DenseArrayBase,
    IntegerAttr,
    StringAttr,
    TensorType,
    i32,
    i64,
)
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    VarConstraint,
    base,
    operand_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from xnn.dialects.diagnostics import UnknownElements, fault
from xnn.dialects.element_types import ANY, Elements
from xnn.dialects.names import LayerOperation, split_name
from xnn.dialects.verified_once import VerifiedOnce

DYNAMIC = DYNAMIC_INDEX
"""A dimension whose size is not known yet, `?` in the text; `xnn-bind` gives it one."""

Price = Mapping[str, int]
"""Elementary operations by class of the target's price list."""

SEGMENTS = AttrSizedOperandSegments.attribute_name


def integer(value: int) -> IntegerAttr[I64]:
    return IntegerAttr(int(value), i64)


def integers(values: Iterable[int]) -> DenseArrayBase[I64]:
    return DenseArrayBase.from_list(i64, [int(v) for v in values])


class NetworkOperation(LayerOperation, VerifiedOnce, HasFolderInterface, ABC):
    """An operator of the network: pure, with results of types that follow from operands and properties.

    `result` is the first; an operator of several defines all of them, in order.

    `result_name` is the ONNX tensor it produces: the name by which diagnostics and reports know it at every level.
    `layers` lists the names of operators fused into it.
    """

    ONNX: ClassVar[str | None] = None
    """The ONNX operator, "domain.Name" or "Name", with the same operands, and attributes named as the properties."""

    PRICE: ClassVar[Price | None] = None
    """Operations on general compute per element of the result; None: it never runs there."""

    ELEMENTS: ClassVar[Elements] = ANY
    """Element types that its operands may have, at all levels."""

    TENSOR: ClassVar = base(TensorType)
    T: ClassVar = VarConstraint("T", TENSOR)

    result = result_def(T)

    traits = traits_def(Pure())
    assembly_format = "$name operands attr-dict `:` functional-type(operands, results)"

    @classmethod
    def of(
        cls,
        name: str,
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        layers: Iterable[str] = (),
    ) -> Self:
        """The operator with its result types inferred; raises VerifyException if the operands do not fit.

        An optional operand that is left out is None.
        """
        places = list(operands)
        given = [operand for operand in places if operand is not None]
        all_properties: dict[str, Attribute] = {"name": StringAttr(name), **(properties or {})}
        if layers := tuple(dict.fromkeys(layers)):
            all_properties["layers"] = ArrayAttr(StringAttr(layer) for layer in layers)

        if any(isinstance(o, AttrSizedOperandSegments) for o in cls.get_irdl_definition().options):
            segments = [int(operand is not None) for operand in places]
            sizes = [*segments, *(0 for _ in cls.get_irdl_definition().operands[len(segments) :])]
            all_properties[SEGMENTS] = DenseArrayBase.from_list(i32, sizes)

        def create(result_types: Sequence[Attribute]) -> Self:
            return cls.create(operands=given, result_types=result_types, properties=all_properties)

        # Inference reads operands and properties only, through the accessors of a throw-away operation.
        draft = create(())
        try:
            types = draft.checked_types()
        finally:
            draft.drop_all_references()
        return create(types)

    @abstractmethod
    def infer_types(self) -> Sequence[TensorType]:
        """The types of the results; raises VerifyException if operands and properties do not fit together."""

    def checked_types(self) -> Sequence[TensorType]:
        """The types of the results; also raises VerifyException for elements that it does not work on."""
        for element in (tensor_type(value).element_type for value in self.operands):
            if not self.ELEMENTS.holds(element):
                message = f"works on {self.ELEMENTS.name}, not elements of type {element}"
                raise UnknownElements(self, str(fault(self, message)))
        types = self.infer_types()
        for type in types if self.operands else ():
            if problem := size_fault(type.get_shape()):
                raise fault(self, f"its result {problem}")
        return types

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        """Values or attributes equal to the results; None if there are none."""
        return None

    @property
    def price(self) -> Price | None:
        """PRICE, or what its properties make of it."""
        return self.PRICE

    def accepts(self, inferred: TensorType, actual: TensorType) -> bool:
        """Whether a result may have type `actual` where `inferred` follows from the operands."""
        return inferred == actual

    def verify_(self) -> None:
        for inferred, result in zip(self.checked_types(), self.results, strict=True):
            actual = result.type
            if not isinstance(actual, TensorType) or not self.accepts(inferred, actual):
                raise fault(self, f"result has type {actual}, expected {inferred}")

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names of the network that it stands for: what `layers` of an operator that absorbs it lists."""
        own = self.result_name.data
        return self.layer_names if split_name(own)[1] else (*self.layer_names, own)

    def in_place_of(self, inner: NetworkOperation, properties: Mapping[str, Attribute]) -> Self:
        """The operator for `inner` and this one; its layers include `inner`, unless it has other users."""
        layers = (*(inner.all_names if inner.result.has_one_use() else ()), *self.layer_names)
        return self.of(self.result_name.data, inner.operands, properties, layers=layers)

    def shared_element_type(self, values: Iterable[SSAValue]) -> Attribute:
        """The one element type of `values`."""
        types = {tensor_type(value).element_type: None for value in values}
        if len(types) != 1:
            names = ", ".join(str(t) for t in types)
            raise fault(self, f"operands must share one element type, but have {names}")
        return next(iter(types))


class SingleOperation(NetworkOperation):
    """An operator of one tensor."""

    x = operand_def(NetworkOperation.TENSOR)


def operators_of(module: ModuleType) -> list[type[NetworkOperation]]:
    """The operators that a module defines, in order."""
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, NetworkOperation)
        and cls.__module__ == module.__name__
        and "name" in vars(cls)
    ]


def tensor_type(value: SSAValue) -> TensorType:
    """The type of an operand of a network operator, which its definition says is a tensor."""
    assert isinstance(value.type, TensorType)
    return value.type


def ranked_type(op: NetworkOperation, value: SSAValue, least: int) -> TensorType:
    """The type of an operand of `op`; raises VerifyException if its rank is lower."""
    type = tensor_type(value)
    if type.get_num_dims() < least:
        raise fault(op, f"expected x of rank {least} or more, but it has type {type}")
    return type


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of `value`, with DYNAMIC for unknown dimensions."""
    return tensor_type(value).get_shape()


def size_fault(shape: Sequence[int]) -> str | None:
    """What is wrong with a shape: a negative size, more elements than can be counted; or None."""
    sizes = [size for size in shape if size != DYNAMIC]
    if min(sizes, default=0) < 0:
        return f"has a negative size: its shape is {shown(shape)}"
    return f"of shape {shown(shape)} is too large" if prod(sizes) >= 2**63 else None


def shown(shape: Iterable[int]) -> str:
    """`shape` as messages show it."""
    return f"[{', '.join('?' if size == DYNAMIC else str(size) for size in shape)}]"
