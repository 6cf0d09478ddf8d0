"""An ONNX model that has been read: from a file, or from bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import onnx

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.weights import register_in_memory
from xnn.tools.onnx.node import DEFAULT_DOMAINS
from xnn.tools.onnx.tensors import ModelFile
from xnn.tools.onnx.wire import parse_model, read_model


class Model(NamedTuple):
    """A model that has been read, and where its weights are."""

    proto: onnx.ModelProto
    file: ModelFile


def open_model(path: str | os.PathLike[str]) -> Model:
    """The model in the file `path`; raises UserError if there is none."""
    path = Path(os.path.abspath(path))
    return Model(read_model(path), ModelFile(str(path)))


def open_bytes(data: bytes, name: str) -> Model:
    """The serialised model `data`; raises UserError if it is none."""
    return Model(parse_model(memoryview(data), name), ModelFile(register_in_memory(data, name)))


def opsets(model: onnx.ModelProto) -> dict[str, int]:
    """The versions of operator sets by domain; raises UserError if the model needs one and names none."""
    versions = {
        "" if each.domain in DEFAULT_DOMAINS else each.domain: each.version
        for each in model.opset_import
    }
    if "" not in versions and any(node.domain in DEFAULT_DOMAINS for node in model.graph.node):
        raise UserError("the model says no version of the default operator set")
    return versions
