"""Tensors of a model: where their bytes are, and their values where the importer itself needs them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from zlib import crc32

import numpy as np
from onnx import SparseTensorProto, TensorProto, numpy_helper
from xdsl.dialects import builtin
from xdsl.ir import Attribute

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import UI8
from xnn.dialects.xnn import ConstantOp, NetworkOperation, WeightOp
from xnn.dialects.xnn.operation import size_fault
from xnn.runtime.io.files import IN_MEMORY
from xnn.runtime.io.weights import WeightStore, stored_bytes, weight_in_memory
from xnn.runtime.semantics.arrays import array_of, dense_of
from xnn.tools.onnx.wire import LARGE, MODEL_FILE


class Unsupported(UserError):
    """A form of an operator, or a type, that we do not import; the message says which."""


class Invalid(Unsupported):
    """A node that ONNX does not allow; the message says why."""


ELEMENT_TYPES: dict[int, Attribute] = {
    TensorProto.FLOAT: builtin.f32,
    TensorProto.FLOAT16: builtin.f16,
    TensorProto.BFLOAT16: builtin.bf16,
    TensorProto.DOUBLE: builtin.f64,
    TensorProto.FLOAT8E4M3FN: builtin.Float8E4M3FNType(),
    TensorProto.FLOAT8E4M3FNUZ: builtin.Float8E4M3FNUZType(),
    TensorProto.FLOAT8E5M2: builtin.Float8E5M2Type(),
    TensorProto.FLOAT8E5M2FNUZ: builtin.Float8E5M2FNUZType(),
    TensorProto.FLOAT8E8M0: builtin.Float8E8M0FNUType(),
    TensorProto.FLOAT4E2M1: builtin.Float4E2M1FNType(),
    TensorProto.BOOL: builtin.i1,
    TensorProto.INT2: builtin.IntegerType(2),
    TensorProto.INT4: builtin.IntegerType(4),
    TensorProto.INT8: builtin.i8,
    TensorProto.INT16: builtin.i16,
    TensorProto.INT32: builtin.i32,
    TensorProto.INT64: builtin.i64,
    TensorProto.UINT2: builtin.IntegerType(2, builtin.Signedness.UNSIGNED),
    TensorProto.UINT4: builtin.IntegerType(4, builtin.Signedness.UNSIGNED),
    TensorProto.UINT8: UI8,
    TensorProto.UINT16: builtin.IntegerType(16, builtin.Signedness.UNSIGNED),
    TensorProto.UINT32: builtin.IntegerType(32, builtin.Signedness.UNSIGNED),
    TensorProto.UINT64: builtin.IntegerType(64, builtin.Signedness.UNSIGNED),
}

DATA_FIELDS = [field for field in TensorProto.DESCRIPTOR.fields_by_name if field.endswith("_data")]
"""Fields of a tensor that may hold its elements."""

MOST_ELEMENTS = 2**28
"""Of a sparse tensor, which becomes a dense one."""


@dataclass(frozen=True)
class Constant:
    """A tensor that the model holds: its type, how to get its elements, the weight that it is if it lies in a file."""

    type: builtin.TensorType
    elements: Callable[[], np.ndarray]
    weight: Callable[[str], WeightOp] | None = None

    def operation(self, name: str) -> NetworkOperation:
        """The constant in the network: in the text if it is small or a splat, else as bytes of a file."""
        if self.weight is not None:
            return self.weight(name)
        dense = dense_of(self.elements(), self.type.element_type)
        if len(dense) == 1 or len(dense.data.data) < LARGE:
            return ConstantOp.of(name, (), {"value": dense})
        return weight_in_memory(name, array_of(dense), self.type)


def element_type(data_type: int, where: str) -> Attribute:
    """The element type of ONNX type `data_type`; `where` says whose it is if we have none for it."""
    if found := ELEMENT_TYPES.get(data_type):
        return found
    names = TensorProto.DataType
    name = names.Name(data_type) if data_type in names.values() else data_type
    raise Unsupported(f"{where} has elements of type {name}, which is not supported")


class ModelFile:
    """The file, or the bytes in memory, that a model came from.

    `source` is its absolute path, or "mem:...".
    """

    def __init__(self, source: str):
        self.source = source
        self._store = WeightStore()

    def type_of(self, tensor: TensorProto) -> builtin.TensorType:
        """The type of `tensor`."""
        if any(dim < 0 for dim in tensor.dims):
            raise UserError(f"tensor {tensor.name} has a negative dimension: {list(tensor.dims)}")
        if prod(tensor.dims) and (fault := size_fault(tensor.dims)):
            raise UserError(f"tensor {tensor.name} {fault}")
        return builtin.TensorType(
            element_type(tensor.data_type, f"tensor {tensor.name}"), tensor.dims
        )

    def weight_of(self, tensor: TensorProto) -> Callable[[str], WeightOp] | None:
        """The weight of a name that `tensor` is, if it lies in a file; raises UserError if it cannot lie there."""
        if tensor.data_location != TensorProto.EXTERNAL:
            return None
        type = self.type_of(tensor)
        size = stored_bytes(type)
        entries = {entry.key: entry.value for entry in tensor.external_data}
        try:
            offset = int(entries.get("offset", "0"))
            length = int(entries.get("length", size))
        except ValueError:
            raise _fault(tensor.name, "offset and length of its data are no numbers") from None
        if length != size:
            raise _fault(tensor.name, f"{length} bytes of data, but {type} takes {size}")
        if offset < 0:
            raise _fault(tensor.name, f"its data begins at byte {offset}")
        file = self._external(entries.get("location", ""), tensor.name)
        crc = crc32(self._store.stored(file, offset, size, tensor.name).data)
        return lambda name: WeightOp.in_file(name, file, offset, type, crc)

    def constant(self, tensor: TensorProto) -> Constant:
        """The constant that `tensor` holds; its elements are checked when they are asked for."""
        type, weight = self.type_of(tensor), self.weight_of(tensor)
        if weight is not None:
            return Constant(type, lambda: self._store.tensor(weight(tensor.name)), weight)
        if prod(tensor.dims) and not any(getattr(tensor, field) for field in DATA_FIELDS):
            raise _fault(tensor.name, f"its data does not fit {type}: there is none")
        return Constant(type, partial(_values, tensor, type))

    def dense(self, sparse: SparseTensorProto) -> Constant:
        """The constant of which `sparse` holds the elements that are not 0, by number or by place."""
        held, name = self.constant(sparse.values), sparse.values.name
        element, sizes = held.type.element_type, list(sparse.dims)
        if min(sizes, default=1) < 1 or prod(sizes) > MOST_ELEMENTS:
            raise _fault(name, f"dimensions {sizes} are not 1 to {MOST_ELEMENTS} elements")
        values, places = held.elements(), self.constant(sparse.indices).elements()
        if places.dtype != np.int64 or places.shape not in (
            (values.size,),
            (values.size, len(sizes)),
        ):
            raise _fault(name, f"{values.size} elements, but indices of shape {list(places.shape)}")
        ends = np.array(sizes if places.ndim == 2 else prod(sizes))
        if ((places < 0) | (places >= ends)).any():
            raise _fault(name, f"an index is outside of {sizes}")
        if places.ndim == 2:
            places = np.ravel_multi_index(tuple(places.T), sizes)
        whole = np.zeros(prod(sizes), values.dtype)
        whole[places] = values
        whole = whole.reshape(sizes)
        return Constant(builtin.TensorType(element, sizes), lambda: whole)

    def _external(self, location: str, name: str) -> str:
        """The file at `location`, relative to the model's folder; it has to lie below that folder."""
        if location == MODEL_FILE:
            return self.source
        if self.source.startswith(IN_MEMORY):
            raise _fault(
                name, f"a model given as bytes cannot have data in a file, here {location}"
            )
        if not location or "\0" in location:
            raise _fault(name, f"{location!r} is no name of a data file")
        folder = os.path.dirname(os.path.realpath(self.source))
        path = os.path.realpath(os.path.join(folder, location))
        if os.path.commonpath([folder, path]) != folder:
            raise _fault(name, f"its data file {location} is outside the model's folder")
        if not os.path.isfile(path):
            raise _fault(name, f"its data file {location} does not exist")
        return path


def _values(tensor: TensorProto, type: builtin.TensorType) -> np.ndarray:
    """The elements of `tensor`, which holds them itself."""
    try:
        return numpy_helper.to_array(tensor)
    except Exception as error:
        raise _fault(tensor.name, f"its data does not fit {type}: {error}") from None


def _fault(tensor: str, problem: str) -> UserError:
    return UserError(f"tensor {tensor}: {problem}")
