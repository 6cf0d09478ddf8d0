"""The cases of the suite, read from the onnx package."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TypeProto, numpy_helper
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator", "real")

DataSet = tuple[Sequence[Any], Sequence[Any]]
"""Inputs and expected outputs, in order."""


@dataclass(frozen=True)
class Case:
    """A case of the suite."""

    name: str
    kind: str
    rtol: float
    atol: float
    source: Any
    """The case as the onnx package has it."""

    @property
    def model(self) -> ModelProto:
        if self.kind == "node":
            return self.source.model
        return onnx.load(self._folder / "model.onnx" if self.kind != "real" else self._light)

    @property
    def operators(self) -> set[str]:
        """The operators in its graph and the graphs within, named as in `title`."""
        return {title(node) for node in _nodes(self.model.graph)}

    @property
    def size(self) -> tuple[int, int, str]:
        """Its operators, the elements of its data, its name: what is first in order is quick to run."""
        data = [value for each in self.data_sets() for values in each for value in values]
        return len(self.model.graph.node), sum(map(_elements, data)), self.name

    def data_sets(self) -> Iterator[DataSet]:
        if self.kind == "node":
            for given, wanted in self.source.data_sets:
                yield [_array(each) for each in given], [_array(each) for each in wanted]
        elif self.kind == "real":
            yield self._light_data()
        else:
            graph = self.model.graph
            for folder in sorted(self._folder.glob("test_data_set_*")):
                yield _stored(folder, "input", graph.input), _stored(folder, "output", graph.output)

    @property
    def _folder(self) -> Path:
        return Path(self.source.model_dir)

    @property
    def _light(self) -> Path:
        return Path(onnx.__file__).parent.parent / self.source.url

    def _light_data(self) -> DataSet:
        graph = self.model.graph
        constants = {tensor.name for tensor in graph.initializer}
        inputs = [info for info in graph.input if info.name not in constants]
        given = [Runner.generate_dummy_data(info, seed=0, random=False) for info in inputs]
        stem = self._light.with_suffix("")
        files = [Path(f"{stem}_output_{i}.pb") for i in range(len(graph.output))]
        return given, [_value(f, o.type) for f, o in zip(files, graph.output, strict=True)]


def title(node: NodeProto) -> str:
    """The operator of a node, with its domain unless that is ONNX's first."""
    return f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type


@cache
def cases() -> dict[str, Case]:
    """All cases by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the suite computes infinities on purpose
        found = [
            Case(each.name, kind, each.rtol, each.atol, each)
            for kind in KINDS
            for each in sorted(load_model_tests(kind=kind), key=lambda case: case.name)
        ]
    return {case.name: case for case in found}


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _nodes(attribute.g)


def _elements(value: Any) -> int:
    """Those of a tensor, or of all tensors of a sequence."""
    return sum(map(_elements, value)) if isinstance(value, list | tuple) else np.size(value)


def _array(value: Any) -> Any:
    """Elements of types that NumPy lacks come as tensors of ONNX."""
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _stored(folder: Path, what: str, infos: Sequence[onnx.ValueInfoProto]) -> list[Any]:
    count = len(list(folder.glob(f"{what}_*.pb")))
    return [_value(folder / f"{what}_{i}.pb", infos[i].type) for i in range(count)]


def _value(path: Path, type: TypeProto) -> Any:
    data = path.read_bytes()
    if type.HasField("sequence_type"):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if type.HasField("optional_type"):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))
