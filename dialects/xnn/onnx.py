"""Operators of ONNX that have none of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from xdsl.dialects.builtin import (
    DictionaryAttr,
    StringAttr,
    TensorType,
)
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    prop_def,
    var_operand_def,
    var_result_def,
)

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import dtype_of
from xnn.dialects.plain_values import attribute_of, value_of
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.interface import stated_constant
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    integer,
    integers,
    shape_of,
    shown,
    tensor_type,
)

if TYPE_CHECKING:
    from onnx import AttributeProto, NodeProto, TypeProto
    from onnx.defs import OpSchema

MOST_PLACES = 1 << 16
"""Operands or results of an operator, at most."""


@irdl_op_definition
class OnnxOp(NetworkOperation):
    """The operator `op_type` of the operator set `domain` in its version `opset`, on general compute.

    `inputs` and `outputs` are the places of its operands and results among the operator's: others are
    left out. The types of results are those that ONNX infers, as far as it can. An operator of a domain that
    is not ONNX's is a Python function (`xnn.runtime.python_operators`).

    ```mlir
    %y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {},
      inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>
    ```
    """

    name = "xnn.onnx"

    op_type = prop_def(StringAttr)
    domain = prop_def(StringAttr)
    opset = prop_def(INTEGER)
    inputs = prop_def(INTEGERS)
    outputs = prop_def(INTEGERS)
    attributes_of_node = prop_def(DictionaryAttr, prop_name="attributes")

    arguments = var_operand_def(NetworkOperation.TENSOR)
    more = var_result_def(NetworkOperation.TENSOR)

    @classmethod
    def of_node(
        cls,
        name: str,
        node: NodeProto,
        opset: int,
        operands: Sequence[SSAValue | None],
        types: Sequence[TensorType | None],
    ) -> Self:
        """The operator for a node of ONNX; results of no type are left out.

        Raises ValueError for an attribute that is a tensor or a graph.
        """
        given = [(place, value) for place, value in enumerate(operands) if value is not None]
        made = [(place, type) for place, type in enumerate(types) if type is not None]
        return cls.create(
            operands=[value for _, value in given],
            result_types=[type for _, type in made],
            properties={
                "name": StringAttr(name),
                "op_type": StringAttr(node.op_type),
                "domain": StringAttr(node.domain),
                "opset": integer(opset),
                "inputs": integers(place for place, _ in given),
                "outputs": integers(place for place, _ in made),
                "attributes": attribute_of(plain_attributes(node)),
            },
        )

    @property
    def node(self) -> NodeProto:
        """The node of ONNX; its tensors have the names of their places: x0, y0."""
        from onnx import helper  # other networks need not wait for it

        names = (
            _names("x", self.inputs.get_values()),
            _names("y", self.outputs.get_values()),
        )
        node = helper.make_node(self.op_type.data, *names, domain=self.domain.data)
        attributes = self.attributes_by_name.items()
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes)
        return node

    @property
    def attributes_by_name(self) -> dict[str, Any]:
        """The attributes of the node as plain values."""
        return value_of(self.attributes_of_node, "attributes")

    @property
    def price(self) -> Price:
        """An operation for each element of operands and results, on the average of the first result."""
        sizes = [prod(shape_of(value)) for value in (*self.operands, *self.results)]
        return {"cheap": max(1, -(-sum(sizes) // max(1, sizes[len(self.operands)])))}

    def infer_types(self) -> Sequence[TensorType]:
        """The types that its results have: ONNX cannot infer all of them from what stands in the text."""
        return [tensor_type(result) for result in self.results]

    def verify_(self) -> None:
        places = self.inputs.get_values(), self.outputs.get_values()
        for name, given, values in zip(
            ("inputs", "outputs"), places, (self.operands, self.results), strict=True
        ):
            ordered = list(given) == sorted({*given})
            inside = all(0 <= place < MOST_PLACES for place in given)
            if len(given) != len(values) or not (ordered and inside):
                message = f"{name} {list(given)} are not the places of {len(values)} values"
                raise fault(self, message)
        super().verify_()
        if not of_onnx(self.domain.data):
            return  # what its results are, a function says that is not known here
        data = {f"x{place}": value for place, value in zip(places[0], self.operands, strict=True)}
        try:
            types = {name: type_proto(value) for name, value in data.items()}
            inferred = inferred_types(self.node, self.opset.value.data, types, _stated(data))
        except (ValueError, TypeError) as error:  # TypeError: an attribute of no type of ONNX
            raise fault(self, str(error)) from None
        for place, result in zip(places[1], self.results, strict=True):
            if not _fits(tensor_type(result), inferred[f"y{place}"]):
                expected = _shown(inferred[f"y{place}"])
                raise fault(self, f"result {place} has type {result.type}, expected {expected}")


def type_proto(value: SSAValue) -> TypeProto:
    """The type of a value as ONNX says it."""
    from onnx import helper

    kind = helper.np_dtype_to_tensor_dtype(dtype_of(tensor_type(value).element_type))
    sizes = [None if size == DYNAMIC else size for size in shape_of(value)]
    return helper.make_tensor_type_proto(kind, sizes)


def inferred_types(
    node: NodeProto, opset: int, types: Mapping[str, TypeProto], known: Mapping[str, np.ndarray]
) -> dict[str, TypeProto]:
    """ONNX's own inference of the types of a node's outputs from those of its inputs, some of them `known`.

    Raises ValueError if ONNX does not know the operator in this version, or if its inputs do not fit.
    """
    from onnx import OperatorSetIdProto, checker, numpy_helper
    from onnx.shape_inference import InferenceError, infer_node_outputs

    data = {name: numpy_helper.from_array(array, name) for name, array in known.items()}
    sets = [OperatorSetIdProto(domain=node.domain, version=opset)]
    schema = schema_of(node.op_type, opset, node.domain)
    try:
        return infer_node_outputs(schema, node, dict(types), data, opset_imports=sets)
    except (InferenceError, checker.ValidationError) as error:
        raise ValueError(str(error).splitlines()[0]) from None


def schema_of(operator: str, opset: int, domain: str) -> OpSchema:
    """ONNX's definition of an operator; raises ValueError if this version of the operator set has none."""
    from onnx import defs

    if not of_onnx(domain):
        raise ValueError(
            f"{domain}::{operator} is no operator of ONNX, and no function is registered"
        )
    try:
        return defs.get_schema(operator, opset, domain)
    except defs.SchemaError:
        where = f"version {opset} of operator set {domain or 'ai.onnx'}"
        raise ValueError(f"{where} has no {operator}") from None


def of_onnx(domain: str) -> bool:
    """Whether an operator set is ONNX's."""
    return not domain or domain.startswith("ai.onnx")


def _stated(operands: Mapping[str, SSAValue]) -> dict[str, np.ndarray]:
    """The operands that are constants in the text."""
    found = {name: stated_constant(value) for name, value in operands.items()}
    return {
        name: np.broadcast_to(constant.elements, prod(shape)).reshape(shape)
        for name, constant in found.items()
        if constant is not None
        for shape in [constant.value.get_shape()]
    }


def shape_in(type: TypeProto) -> tuple[int, ...] | None:
    """The sizes that a type says, DYNAMIC for unknown ones; None if it does not say how many there are."""
    if not type.tensor_type.HasField("shape"):
        return None
    dims = type.tensor_type.shape.dim
    return tuple(dim.dim_value if dim.HasField("dim_value") else DYNAMIC for dim in dims)


def _fits(actual: TensorType, inferred: TypeProto) -> bool:
    from onnx import helper

    kind = helper.np_dtype_to_tensor_dtype(dtype_of(actual.element_type))
    if (known := shape_in(inferred)) is None:
        return kind == inferred.tensor_type.elem_type
    sizes = actual.get_shape()
    return (
        kind == inferred.tensor_type.elem_type
        and len(sizes) == len(known)
        and all(one == other or DYNAMIC in (one, other) for one, other in zip(sizes, known))
    )


def _shown(type: TypeProto) -> str:
    from onnx import TensorProto

    sizes = shape_in(type)
    kind = TensorProto.DataType.Name(type.tensor_type.elem_type)
    return f"{kind} of shape {'any' if sizes is None else shown(sizes)}"


def _names(letter: str, given: Sequence[int]) -> list[str]:
    """Names of what is at these places, "" for those between that are left out."""
    return [f"{letter}{i}" if i in given else "" for i in range(max(given, default=-1) + 1)]


def plain_attributes(node: NodeProto) -> dict[str, Any]:
    """The attributes of a node by name; raises ValueError for a tensor, a graph, or an empty list."""
    return {each.name: _plain(each) for each in node.attribute}


def _plain(proto: AttributeProto) -> Any:
    """The value of an attribute; raises ValueError for a tensor, a graph, or an empty list."""
    from onnx import helper

    value = None if proto.ref_attr_name else helper.get_attribute_value(proto)
    values = value if isinstance(value, Sequence) and not isinstance(value, bytes) else [value]
    plain = [each.decode() if isinstance(each, bytes) else each for each in values]
    if not plain or not all(isinstance(each, str | int | float) for each in plain):
        raise ValueError(f"attribute {proto.name} is no number, string, or list of these")
    return plain[0] if values is not value else tuple(plain)
