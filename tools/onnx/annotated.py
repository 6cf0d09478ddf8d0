"""Writes an ONNX model anew with properties of its nodes, which viewers such as Netron show; all else stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from filecmp import cmp
from itertools import chain
from pathlib import Path

from onnx import GraphProto, ModelProto, NodeProto, TensorProto
from onnx.external_data_helper import uses_external_data

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.files import is_stream, open_input, replacing
from xnn.tools.onnx.text import model_of_text
from xnn.tools.parsing import ONNX_TEXT

PREFIX = "xnn."
FIRST_IR_WITH_NODE_PROPERTIES = 10


def write_annotated(
    path: str | os.PathLike[str],
    source: str | os.PathLike[str],
    nodes: Sequence[Mapping[str, str]],
    model: Mapping[str, str],
) -> None:
    """Write the model in the file `source` to `path`, with properties of its nodes and its own.

    Keys get the prefix `xnn.`; others of that prefix go. Before version 10 of ONNX's IR nodes have no
    properties: there they are lines of the documentation. Files of weights are copied to a new folder.
    Raises UserError, or OSError.
    """
    proto = _whole(os.fspath(source))
    in_text = proto.ir_version < FIRST_IR_WITH_NODE_PROPERTIES
    for node, properties in zip(proto.graph.node, nodes, strict=True):
        (_document if in_text else _set_properties)(node, properties)
    _set_properties(proto, model)
    _copy_data(proto, Path(source), Path(path))
    with replacing(path) as temporary:
        temporary.write_bytes(proto.SerializeToString())


def _whole(source: str) -> ModelProto:
    """The model with the weights that its file holds."""
    with open_input(source) as stream:
        data = stream.read()
    if Path(source).suffix.lower() in ONNX_TEXT:
        return model_of_text(data, source)
    return ModelProto.FromString(data)


def _set_properties(holder: NodeProto | ModelProto, properties: Mapping[str, str]) -> None:
    others = [each for each in holder.metadata_props if not each.key.startswith(PREFIX)]
    del holder.metadata_props[:]
    holder.metadata_props.extend(others)
    for key, value in properties.items():
        holder.metadata_props.add(key=f"{PREFIX}{key}", value=value)


def _document(node: NodeProto, properties: Mapping[str, str]) -> None:
    lines = [line for line in node.doc_string.split("\n") if not line.startswith(PREFIX)]
    lines += [f"{PREFIX}{key}: {value}" for key, value in properties.items()]
    node.doc_string = "\n".join(lines).lstrip("\n")


def _copy_data(proto: ModelProto, source: Path, path: Path) -> None:
    """Copy the files that hold weights, which a model names from its own folder, to the folder of `path`."""
    old, new = (Path(os.path.realpath(each)).parent for each in (source, path))
    if old == new or is_stream(source):
        return
    for location in sorted({_location(tensor) for tensor in _external(proto)}):
        data, copy = Path(os.path.realpath(old / location)), new / location
        if not data.is_relative_to(old) or not data.is_file():
            raise UserError(f"{source}: its data file {location} is not below its folder")
        if copy.exists():
            if not cmp(data, copy, shallow=False):
                raise UserError(
                    f"{copy}: is there already, with other weights", hint="write to another folder"
                )
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        with replacing(copy) as temporary:
            shutil.copyfile(data, temporary)


def _location(tensor: TensorProto) -> str:
    return next((each.value for each in tensor.external_data if each.key == "location"), "")


def _external(proto: ModelProto) -> Iterator[TensorProto]:
    """The tensors whose elements are in other files."""
    in_functions = (node for function in proto.functions for node in function.node)
    held = chain(_of_graph(proto.graph), _of_nodes(in_functions))
    return filter(uses_external_data, held)


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    yield from (part for each in graph.sparse_initializer for part in (each.values, each.indices))
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for attribute in (each for node in nodes for each in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for graph in (attribute.g, *attribute.graphs):
            yield from _of_graph(graph)
