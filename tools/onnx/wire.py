"""Reads ONNX models without loading their weights.

A model is a protobuf message; a weight is the bytes of one of its fields, stored as they are in memory. So this
module scans the fields of the mapped file, and hands the onnx library the same model with each large tensor replaced by
one that says where its bytes are: external data, in the model file itself.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import onnx
from google.protobuf.message import DecodeError

from xnn.dialects.diagnostics import UserError

MODEL_FILE = "\0"
"""The external data location that stands for the model itself: no name of a file."""

LARGE = 64
"""Tensors of this many bytes or more stay in the file."""


class Field(NamedTuple):
    """One field of a protobuf message: its bytes, tag included, start at `start`; those of its value at `value`."""

    number: int
    wire_type: int
    start: int
    value: int
    end: int


VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# The messages on the way to a tensor: field number -> kind of message in it.
_INNER = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
}
# Fields of a tensor whose value is its elements as they are in memory: packed floats and doubles, raw data.
_ELEMENTS = (4, 9, 10)


class Malformed(Exception):
    """The bytes are no protobuf message."""


def read_model(path: Path) -> onnx.ModelProto:
    """The model in the file `path`, its large tensors as external data of MODEL_FILE.

    Raises UserError if the file is missing or holds no ONNX model.
    """
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise UserError(f"{path}: the file is empty, expected an ONNX model")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                with memoryview(mapped) as data:
                    return parse_model(data, str(path))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from None


def parse_model(data: memoryview, name: str) -> onnx.ModelProto:
    """The model in `data`, called `name` in messages; see read_model."""
    try:
        model = onnx.ModelProto.FromString(_stripped("model", data, 0, len(data)))
    except (Malformed, DecodeError):
        raise UserError(f"{name}: truncated, or not an ONNX model") from None
    if not model.HasField("graph") or not model.opset_import:
        raise UserError(f"{name}: not an ONNX model: it has no graph or no operator set")
    return model


def fields(data: memoryview, start: int, end: int) -> Iterator[Field]:
    """The fields of the message in data[start:end]; raises Malformed if it is none."""
    position = start
    while position < end:
        field_start = position
        tag, position = _varint(data, position, end)
        wire_type = tag & 7
        value = position
        if wire_type == VARINT:
            _, position = _varint(data, position, end)
        elif wire_type == FIXED64:
            position += 8
        elif wire_type == FIXED32:
            position += 4
        elif wire_type == BYTES:
            length, value = _varint(data, position, end)
            position = value + length
        else:
            raise Malformed
        if position > end or tag >> 3 == 0:
            raise Malformed
        yield Field(tag >> 3, wire_type, field_start, value, position)


def _stripped(kind: str, data: memoryview, start: int, end: int) -> bytes:
    """The message of `kind` in data[start:end] with its large tensors made external."""
    if kind == "tensor":
        return _stripped_tensor(data, start, end)
    parts = []
    for field in fields(data, start, end):
        inner = _INNER[kind].get(field.number)
        if inner and field.wire_type == BYTES and field.end - field.value >= LARGE:
            parts.append(_message(field.number, _stripped(inner, data, field.value, field.end)))
        else:
            parts.append(bytes(data[field.start : field.end]))
    return b"".join(parts)


def _stripped_tensor(data: memoryview, start: int, end: int) -> bytes:
    """The tensor in data[start:end], made external if its elements are LARGE and lie in one piece."""
    all_fields = list(fields(data, start, end))
    elements = [field for field in all_fields if field.number in _ELEMENTS]
    if len(elements) != 1 or elements[0].wire_type != BYTES:
        return bytes(data[start:end])
    place = elements[0]
    length = place.end - place.value
    if length < LARGE:
        return bytes(data[start:end])
    # A tensor keeps the last of several values, so what follows overrides what it said of its place before.
    kept = [bytes(data[f.start : f.end]) for f in all_fields if f is not place and f.number != 13]
    entries = {"location": MODEL_FILE, "offset": place.value, "length": length}
    for key, value in entries.items():
        entry = _message(1, key.encode()) + _message(2, str(value).encode())
        kept.append(_message(13, entry))
    external = onnx.TensorProto.EXTERNAL
    kept.append(_encoded_varint(14 << 3 | VARINT) + _encoded_varint(external))
    return b"".join(kept)


def _message(number: int, content: bytes) -> bytes:
    return _encoded_varint(number << 3 | BYTES) + _encoded_varint(len(content)) + content


def _varint(data: memoryview, position: int, end: int) -> tuple[int, int]:
    """The number at `position` and the position after it."""
    number = shift = 0
    while position < end and shift < 64:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
    raise Malformed


def _encoded_varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
