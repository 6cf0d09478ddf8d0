"""Imports an ONNX model as a module of the graph level.

The module holds one function `@main`. Weights stay where they are: `xnn.weight` names their bytes. What is not needed
for an output is not imported. What is not supported is reported at once, not one by one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from shlex import quote

import numpy as np
import onnx
from onnx import FunctionProto, NodeProto
from xdsl.builder import Builder
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.element_types import dtype_of
from xnn.dialects.levels import set_level
from xnn.dialects.names import name_in_ir
from xnn.dialects.values import ssa_hint
from xnn.dialects.xnn import DYNAMIC, shape_of
from xnn.dialects.xnn.interface import DIMS, NAME, named
from xnn.dialects.xnn.onnx import type_proto
from xnn.dialects.xnn.operation import size_fault, tensor_type
from xnn.passes.module.xnn_bind import XnnBind
from xnn.runtime.io.weights import register_in_memory
from xnn.tools.onnx.control_flow import CONTROL_FLOW
from xnn.tools.onnx.fallback import import_known, import_unknown
from xnn.tools.onnx.folding import folded, is_constant, lazily
from xnn.tools.onnx.graph import describe, initializers, ordered_nodes, uses
from xnn.tools.onnx.inlining import function_body, function_of
from xnn.tools.onnx.node import DEFAULT_DOMAINS, Node, Unsupported, import_of
from xnn.tools.onnx.old_operators import OLDEST_OPSET, modernised
from xnn.tools.onnx.recurrent import CELLS, expand_recurrent
from xnn.tools.onnx.tensors import ELEMENT_TYPES, Constant, ModelFile, element_type
from xnn.tools.onnx.wire import parse_model, read_model

EXPANSIONS = {**CONTROL_FLOW, **dict.fromkeys(CELLS, expand_recurrent)}
"""What takes the place of operators that are imported as others."""


def import_model(path: str | os.PathLike[str], binds: Sequence[XnnBind] = ()) -> ModuleOp:
    """The network in the file `path`; its weights stay in the file, named by its absolute path.

    `binds` give symbolic dimensions their sizes.

    Raises UserError if the file holds no model, or one that we cannot import.
    """
    path = Path(os.path.abspath(path))
    model = read_model(path)
    return Importer(model, ModelFile(str(path)), binds).module()


def import_bytes(data: bytes, name: str = "model", binds: Sequence[XnnBind] = ()) -> ModuleOp:
    """The network in the serialised model `data`, which stays in memory; see import_model."""
    model = parse_model(memoryview(data), name)
    return Importer(model, ModelFile(register_in_memory(data, name)), binds).module()


MOST_NODES = 1 << 16
"""Operators that are imported, at most."""

MADE_OPSET = 18
"""The operator set of nodes that stand for parts of others."""


class Importer:
    """The import of one model: its tensors by name, as constants and as values of the network."""

    def __init__(self, model: onnx.ModelProto, file: ModelFile, binds: Sequence[XnnBind]):
        self.graph = model.graph
        self.file = file
        self.binds = binds
        self.opsets = opsets(model)
        self.functions = {(each.domain, each.name): each for each in model.functions}
        self.dims = {d.dim_param for i in self.graph.input for d in i.type.tensor_type.shape.dim}
        self.constants: dict[str, Constant] = {}
        self.values: dict[str, SSAValue] = {}
        self.names = {n for node in self.graph.node for n in (*uses(node), *node.output)}
        self.numbers = Counter[str]()
        """How many names like one have been made."""
        self.lost: set[str] = set()
        """Tensors that do not exist because of what is not supported."""
        self.unsupported: list[str] = []
        self.count = 0
        """Operators, those of bodies among them."""
        self.block = Block()
        self.builder = Builder(InsertPoint.at_end(self.block))

    def module(self) -> ModuleOp:
        """The whole network."""
        if sparse := [each.values.name for each in self.graph.sparse_initializer]:
            raise UserError(f"sparse initializers are not supported: {', '.join(sparse)}")
        held = initializers(self.graph)
        inputs = [each for each in self.graph.input if each.name not in held]
        nodes = ordered_nodes(self.graph, {each.name for each in inputs} | held.keys())
        used = {name for node in nodes for name in uses(node)}
        used |= {output.name for output in self.graph.output}
        self.constants |= {n: self.file.constant(t) for n, t in held.items() if n in used}
        taken = [info for info in inputs if info.name in used or _is_tensor(info)]
        dimensions = {info.name: self.dimensions(info) for info in taken}
        sizes = {n: size for bind in self.binds for n, size in bind.sizes(dimensions).items()}
        arguments = [self.add_argument(info, dimensions[info.name], sizes) for info in taken]
        self.add_nodes(nodes, used)
        if self.unsupported:
            unbound = [n for dims in dimensions.values() for n, _ in dims if n and n not in sizes]
            flags = " ".join(f"--bind {quote(name)}=..." for name in dict.fromkeys(unbound))
            raise UserError(
                f"{len(self.unsupported)} of {self.count} operators are not supported:\n  "
                + "\n  ".join(self.unsupported),
                hint=f"dimensions have no size: say {flags}" if flags else None,
            )
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

    def dimensions(self, info: onnx.ValueInfoProto) -> list[tuple[str, int]]:
        """Names and sizes of the dimensions of a graph input; "" and DYNAMIC where the model does not say them."""
        if not info.type.tensor_type.HasField("shape"):
            raise UserError(f"input {info.name} is not a tensor of known rank")
        dims = []
        for i, dim in enumerate(info.type.tensor_type.shape.dim):
            is_known = dim.HasField("dim_value") and dim.dim_value != -1
            name = dim.dim_param or f"{info.name}_{i}"
            while not dim.dim_param and name in self.dims:
                name += "_"
            dims.append(("" if is_known else name, dim.dim_value if is_known else DYNAMIC))
        return dims

    def add_argument(
        self,
        info: onnx.ValueInfoProto,
        dims: Sequence[tuple[str, int]],
        sizes: Mapping[str, int],
    ) -> DictionaryAttr:
        """Make a graph input an argument of the network; returns the argument's attributes."""
        elements = element_type(info.type.tensor_type.elem_type, f"input {info.name}")
        shape = [sizes.get(name, size) for name, size in dims]
        names = [
            name if size == DYNAMIC else "" for (name, _), size in zip(dims, shape, strict=True)
        ]
        if fault := size_fault(shape):
            raise UserError(f"input {info.name} {fault}")
        argument = self.block.insert_arg(TensorType(elements, shape), len(self.block.args))
        self.define(info.name, argument)
        attributes: dict[str, Attribute] = {NAME: StringAttr(name_in_ir(info.name))}
        if any(names):
            attributes[DIMS] = ArrayAttr(map(StringAttr, names))
        return DictionaryAttr(attributes)

    def add_nodes(self, nodes: Sequence[NodeProto], used: Collection[str]) -> None:
        """Import `nodes`, which are in order; what is not supported is noted."""
        self.count += len(nodes)
        if self.count > MOST_NODES:
            raise UserError(
                f"the model has more than {MOST_NODES} operators with its loops unrolled"
            )
        for node in nodes:
            if self.lost.isdisjoint(uses(node)):
                try:
                    self.add_node(node, used)
                    continue
                except (Unsupported, VerifyException) as reason:
                    self.unsupported.append(f"{describe(node)}: {one_line(reason)}")
            self.lost.update(filter(None, node.output))

    def add_node(self, proto: NodeProto, used: Collection[str]) -> None:
        """Import one node and define its outputs."""
        if proto.op_type in EXPANSIONS and proto.domain in DEFAULT_DOMAINS:
            EXPANSIONS[proto.op_type](self, proto)
            return
        if (function := self.functions.get((proto.domain, proto.op_type))) is not None:
            self.add_body(function, proto)
            return
        opset = self.opset_of(proto)
        if opset < OLDEST_OPSET and proto.domain in DEFAULT_DOMAINS:
            proto, opset = modernised(self, proto), OLDEST_OPSET
        node = Node(
            proto,
            opset,
            self.file,
            used=[name in used for name in proto.output],
            constants=self.constants,
            value_of=self.value,
            place=InsertPoint.at_end(self.block),
        )
        node.check()
        is_fixed = is_constant(proto, self.constants)
        if (
            is_fixed
            and (results := folded(proto, node.opset, self.constants, self.file)) is not None
        ):
            self.constants |= results
            return
        import_node = import_of(proto)
        if import_node is None:
            types = [type_proto(self.value(name)) for name in proto.input if name]
            if (function := function_of(proto, node.opset, types)) is not None:
                self.add_body(function, proto)
                return
        result = import_unknown(node) if import_node is None else import_known(import_node, node)
        if isinstance(result, Constant):
            self.constants[proto.output[0]] = result
            return
        results = result if isinstance(result, tuple) else (result,)
        made = {n: v for n, v in zip(proto.output, results, strict=False) if n and v is not None}
        for name, value in made.items():
            self.define(name, value)
        if is_fixed:
            types = {name: tensor_type(value) for name, value in made.items()}
            self.constants |= lazily(proto, node.opset, self.constants, self.file, types)

    def add_body(self, function: FunctionProto, call: NodeProto) -> None:
        """Import the nodes of a function in the place of a node that calls it."""
        nodes = function_body(function, call, self.unique)
        outer, self.opsets = self.opsets, {e.domain: e.version for e in function.opset_import}
        try:
            self.add_nodes(nodes, {name for node in nodes for name in (*uses(node), *call.output)})
        finally:
            self.opsets = outer

    def add_made(self, node: NodeProto) -> None:
        """Import a node that stands for part of another, of operator set MADE_OPSET."""
        outer, self.opsets = self.opsets, {"": MADE_OPSET}
        try:
            self.add_nodes([node], {*node.output})
        finally:
            self.opsets = outer

    def opset_of(self, node: NodeProto) -> int:
        """The version of the operator set that a node is of; 1 for another's of which the model says none."""
        return self.opsets.get("" if node.domain in DEFAULT_DOMAINS else node.domain, 1)

    def unique(self, name: str) -> str:
        """`name`, or another like it if a tensor has it."""
        new = name
        while new in self.names:
            self.numbers[name] += 1
            new = f"{name}_{self.numbers[name]}"
        self.names.add(new)
        return new

    def value(self, name: str) -> SSAValue:
        """The value of tensor `name`; a constant of the model enters the network at its first use."""
        if name not in self.values:
            if name not in self.constants:
                raise Unsupported(f"tensor {name} is an output that its node has not")
            operation = self.builder.insert(self.constants[name].operation(name_in_ir(name)))
            self.define(name, operation.result)
        return self.values[name]

    def shape_of(self, name: str) -> tuple[int, ...]:
        """The shape of tensor `name`."""
        known = self.constants.get(name)
        return known.type.get_shape() if known is not None else shape_of(self.value(name))

    def dtype_of(self, name: str) -> np.dtype:
        """The type of the elements of tensor `name`."""
        known = self.constants.get(name)
        type = known.type if known is not None else tensor_type(self.value(name))
        return dtype_of(type.element_type)

    def define(self, name: str, value: SSAValue) -> None:
        """Let tensor `name` be `value`, printed under a name like it."""
        self.values[name] = value
        value.name_hint = ssa_hint(name)


def _is_tensor(info: onnx.ValueInfoProto) -> bool:
    """Whether a graph input can be an argument; one that is not used may be anything."""
    type = info.type.tensor_type
    return type.HasField("shape") and type.elem_type in ELEMENT_TYPES


def opsets(model: onnx.ModelProto) -> dict[str, int]:
    """The versions of operator sets by domain; raises UserError if the model needs one and names none."""
    versions = {
        "" if each.domain in DEFAULT_DOMAINS else each.domain: each.version
        for each in model.opset_import
    }
    if "" not in versions and any(node.domain in DEFAULT_DOMAINS for node in model.graph.node):
        raise UserError("the model says no version of the default operator set")
    return versions
