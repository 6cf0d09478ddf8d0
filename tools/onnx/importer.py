"""Imports an ONNX model as a module of the graph level.

The module holds one function `@main`. Weights stay where they are: `xnn.weight` names their bytes. What is not needed
for an output is not imported. What is not supported is reported at once, not one by one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import onnx
from onnx import NodeProto
from xdsl.builder import Builder
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import set_level
from xnn.dialects.names import name_in_ir
from xnn.dialects.values import ssa_hint
from xnn.dialects.xnn import DYNAMIC
from xnn.dialects.xnn.interface import DIMS, NAME, named
from xnn.dialects.xnn.operation import size_fault
from xnn.runtime.io.weights import register_in_memory
from xnn.tools.onnx.graph import describe, initializers, ordered_nodes
from xnn.tools.onnx.node import DEFAULT_DOMAINS, Node, Unsupported, import_of
from xnn.tools.onnx.tensors import ELEMENT_TYPES, Constant, ModelFile, element_type
from xnn.tools.onnx.wire import parse_model, read_model

OLDEST_OPSET = 7
"""Before it, operators broadcast by an attribute."""


def import_model(path: str | os.PathLike[str]) -> ModuleOp:
    """The network in the file `path`; its weights stay in the file, named by its absolute path.

    Raises UserError if the file holds no model, or one that we cannot import.
    """
    path = Path(os.path.abspath(path))
    model = read_model(path)
    return _Importer(model, ModelFile(str(path))).module()


def import_bytes(data: bytes, name: str = "model") -> ModuleOp:
    """The network in the serialised model `data`, which stays in memory; see import_model."""
    model = parse_model(memoryview(data), name)
    return _Importer(model, ModelFile(register_in_memory(data, name))).module()


class _Importer:
    """The import of one model: its tensors by name, as constants and as values of the network."""

    def __init__(self, model: onnx.ModelProto, file: ModelFile):
        self.graph = model.graph
        self.file = file
        self.opset = _opset(model)
        self.dims = {d.dim_param for i in self.graph.input for d in i.type.tensor_type.shape.dim}
        self.constants: dict[str, Constant] = {}
        self.values: dict[str, SSAValue] = {}
        self.block = Block()
        self.builder = Builder(InsertPoint.at_end(self.block))

    def module(self) -> ModuleOp:
        """The whole network."""
        if sparse := [each.values.name for each in self.graph.sparse_initializer]:
            raise UserError(f"sparse initializers are not supported: {', '.join(sparse)}")
        held = initializers(self.graph)
        inputs = [each for each in self.graph.input if each.name not in held]
        nodes = ordered_nodes(self.graph, {each.name for each in inputs} | held.keys())
        used = {name for node in nodes for name in node.input if name}
        used |= {output.name for output in self.graph.output}
        self.constants |= {n: self.file.constant(t) for n, t in held.items() if n in used}
        arguments = [self.add_argument(i) for i in inputs if i.name in used or _is_tensor(i)]
        self.add_nodes(nodes, used)
        outputs = [self.value(output.name) for output in self.graph.output]
        self.builder.insert(ReturnOp(*outputs))
        main = FuncOp(
            "main",
            ([v.type for v in self.block.args], [v.type for v in outputs]),
            Region(self.block),
            arg_attrs=ArrayAttr(arguments),
            res_attrs=named(name_in_ir(output.name) for output in self.graph.output),
        )
        module = ModuleOp([main])
        set_level(module, Level.XNN)
        return module

    def add_argument(self, info: onnx.ValueInfoProto) -> DictionaryAttr:
        """Make a graph input an argument of the network; returns the argument's attributes."""
        if not info.type.tensor_type.HasField("shape"):
            raise UserError(f"input {info.name} is not a tensor of known rank")
        elements = element_type(info.type.tensor_type.elem_type, f"input {info.name}")
        shape, dims = [], []
        for i, dim in enumerate(info.type.tensor_type.shape.dim):
            known = dim.HasField("dim_value") and dim.dim_value != -1
            shape.append(dim.dim_value if known else DYNAMIC)
            name = dim.dim_param or f"{info.name}_{i}"
            while not dim.dim_param and name in self.dims:
                name += "_"
            dims.append("" if known else name)
        if fault := size_fault(shape):
            raise UserError(f"input {info.name} {fault}")
        argument = self.block.insert_arg(TensorType(elements, shape), len(self.block.args))
        self.define(info.name, argument)
        attributes: dict[str, Attribute] = {NAME: StringAttr(name_in_ir(info.name))}
        if any(dims):
            attributes[DIMS] = ArrayAttr(StringAttr(name) for name in dims)
        return DictionaryAttr(attributes)

    def add_nodes(self, nodes: Sequence[NodeProto], used: Collection[str]) -> None:
        """Import `nodes`, which are in order; raises one UserError with all that we do not support."""
        unsupported = []
        lost: set[str] = set()  # tensors that do not exist because of what is unsupported
        for node in nodes:
            outputs = filter(None, node.output)
            if import_of(node) is None:
                unsupported.append(describe(node))
                lost.update(outputs)
            elif lost.intersection(node.input):
                lost.update(outputs)
            else:
                try:
                    self.add_node(node, used)
                except (Unsupported, VerifyException) as reason:
                    unsupported.append(f"{describe(node)}: {reason}")
                    lost.update(outputs)
        if unsupported:
            raise UserError(
                f"{len(unsupported)} of {len(nodes)} operators are not supported:\n  "
                + "\n  ".join(unsupported)
            )

    def add_node(self, proto: NodeProto, used: Collection[str]) -> None:
        """Import one node and define its outputs."""
        node = Node(
            proto,
            self.opset,
            self.file,
            used=[name in used for name in proto.output],
            constants=self.constants,
            value_of=self.value,
            place=InsertPoint.at_end(self.block),
        )
        node.check()
        import_node = import_of(proto)
        assert import_node is not None
        result = import_node(node)
        if isinstance(result, Constant):
            self.constants[proto.output[0]] = result
        else:
            results = result if isinstance(result, tuple) else (result,)
            for name, value in zip(proto.output, results, strict=False):
                self.define(name, value)

    def value(self, name: str) -> SSAValue:
        """The value of tensor `name`; a constant of the model enters the network at its first use."""
        if name not in self.values:
            if name not in self.constants:
                raise Unsupported(f"tensor {name} is an output that its node has not")
            operation = self.builder.insert(self.constants[name].operation(name_in_ir(name)))
            self.define(name, operation.result)
        return self.values[name]

    def define(self, name: str, value: SSAValue) -> None:
        """Let tensor `name` be `value`, printed under a name like it."""
        self.values[name] = value
        value.name_hint = ssa_hint(name)


def _is_tensor(info: onnx.ValueInfoProto) -> bool:
    """Whether a graph input can be an argument; one that is not used may be anything."""
    type = info.type.tensor_type
    return type.HasField("shape") and type.elem_type in ELEMENT_TYPES


def _opset(model: onnx.ModelProto) -> int:
    """The version of the default operator set; raises UserError if the model needs one and names none."""
    versions = [each.version for each in model.opset_import if each.domain in DEFAULT_DOMAINS]
    if versions and versions[0] < OLDEST_OPSET:
        raise UserError(
            f"the model uses operator set {versions[0]}, supported are {OLDEST_OPSET} and later",
            hint="onnx.version_converter can bring it up to date",
        )
    if not versions and any(node.domain in DEFAULT_DOMAINS for node in model.graph.node):
        raise UserError("the model says no version of the default operator set")
    return versions[0] if versions else OLDEST_OPSET
