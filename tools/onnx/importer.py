"""Imports an ONNX model as a module of the graph level.

The module holds one function `@main`. Weights stay where they are: `xnn.weight` names their bytes. What is not needed
for an output is not imported. What is not supported is reported at once, not one by one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from shlex import quote

import numpy as np
import onnx
from onnx import FunctionProto, NodeProto, SparseTensorProto, TensorProto, helper
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Operation
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.names import name_in_ir
from xnn.dialects.xnn import DYNAMIC, NetworkOperation
from xnn.dialects.xnn.interface import set_sizes
from xnn.dialects.xnn.onnx import inferred_types, schema_of, type_proto
from xnn.dialects.xnn.operation import size_fault, tensor_type
from xnn.passes.module.xnn_bind import XnnBind, bound
from xnn.runtime.python_operators import python_operator
from xnn.tools.onnx.expansion import alias
from xnn.tools.onnx.fallback import import_known, import_unknown
from xnn.tools.onnx.fault import Fault
from xnn.tools.onnx.folding import constant_of, folded, is_constant, lazily
from xnn.tools.onnx.graph import describe, dimensions_of, initializers, name_of, ordered_nodes, uses
from xnn.tools.onnx.inlining import function_body, function_of
from xnn.tools.onnx.known_operators import EXPANSIONS, key_of, unknown
from xnn.tools.onnx.model import Model, open_bytes, open_model, opsets
from xnn.tools.onnx.network_builder import NetworkBuilder
from xnn.tools.onnx.node import DEFAULT_DOMAINS, Node, Unsupported, import_of
from xnn.tools.onnx.old_operators import OLDEST_OPSET, modernised
from xnn.tools.onnx.sizes.first_rows import first_rows
from xnn.tools.onnx.sizes.importing import require_known_sizes, takes_data_sizes
from xnn.tools.onnx.sizes.numbers import Sizes
from xnn.tools.onnx.tensors import ELEMENT_TYPES, Constant, element_type


def import_model(path: str | os.PathLike[str], binds: Sequence[XnnBind] = ()) -> ModuleOp:
    """The network in the file `path`; its weights stay in the file, named by its absolute path.

    `binds` give symbolic dimensions their sizes.

    Raises UserError if the file holds no model, or one that we cannot import.
    """
    return Importer(open_model(path), binds).module()


def import_bytes(data: bytes, name: str = "model", binds: Sequence[XnnBind] = ()) -> ModuleOp:
    """The network in the serialised model `data`, which stays in memory; see import_model."""
    return Importer(open_bytes(data, name), binds).module()


MOST_NODES = 1 << 16
"""Operators that are imported, at most."""

MADE_OPSET = 18
"""The operator set of nodes that stand for parts of others."""


class Importer(NetworkBuilder):
    """The import of one model into the network that it builds.

    With `goes_on` what is not supported has results nevertheless, of the types that the model says.
    """

    def __init__(self, opened: Model, binds: Sequence[XnnBind], *, goes_on: bool = False):
        super().__init__()
        model, self.file = opened
        self.graph = model.graph
        self.binds = binds
        self.opsets = opsets(model)
        self.functions = {(each.domain, each.name): each for each in model.functions}
        self.dims = {d.dim_param for i in self.graph.input for d in i.type.tensor_type.shape.dim}
        self.names = {n for node in self.graph.node for n in (*uses(node), *node.output)}
        self.sequences: dict[str, tuple[str, ...]] = {}
        """The tensors in each sequence."""
        self.absent: set[str] = set()
        """Optionals that hold nothing."""
        self.lost: set[str] = set()
        """Tensors that do not exist because of what is not supported."""
        self.sizes: Mapping[str, int] = {}
        """Of symbolic dimensions."""
        self.faults: list[Fault] = []
        self.became: list[tuple[NodeProto, list[str]]] = []
        """The nodes of the graph, each with the names of the operators of the network that it became."""
        self.stated = _stated(self.graph) if goes_on else {}
        """Tensors of which the model says the types."""
        self.assumed: set[str] = set()
        """Those of them that do not exist, and are arguments of the network instead."""
        self.called: set[tuple[str, str]] = set()
        """The functions whose nodes are being imported, by domain and name."""
        self.count = 0
        """Operators, those of bodies among them."""
        self.data_sizes = Sizes()
        self.first_rows = first_rows(self.graph)

    def module(self) -> ModuleOp:
        """The whole network; raises UserError that lists all that keeps it from being one."""
        unbound = self.add_graph()
        if self.faults:
            flags = " ".join(f"--bind {quote(name)}=..." for name in unbound)
            hint = f"dimensions have no size: say {flags}" if flags else None
            raise UserError("\n".join(self._shown_faults()), hint=hint)
        return self.network([output.name for output in self.graph.output])

    def _shown_faults(self) -> Iterator[str]:
        nodes = [fault.message for fault in self.faults if fault.node is not None]
        yield from (fault.message for fault in self.faults if fault.node is None)
        if nodes:
            yield f"{len(nodes)} of {self.count} operators are not supported:"
            yield from (f"  {message}" for message in nodes)

    def add_graph(self) -> dict[str, int]:
        """Import all that the outputs need, and note what is not supported.

        Returns the dimensions without a size, each with its place in the shape of an input.

        Raises UserError for a graph that is none.
        """
        held = initializers(self.graph)
        inputs = [each for each in self.graph.input if each.name not in held]
        nodes = ordered_nodes(self.graph, {each.name for each in inputs} | held.keys())
        used = {name for node in nodes for name in uses(node)}
        used |= {output.name for output in self.graph.output}
        for name, tensor in held.items():
            if name in used:
                self.add_constant(name, tensor)
        taken = [info for info in inputs if info.name in used or _is_tensor(info)]
        dimensions = {i.name: dimensions_of(i, self.dims) for i in taken if _has_rank(i)}
        self.sizes, shapes = bound(self.binds, dimensions)
        for info in taken:
            dims = [name for name, _ in dimensions.get(info.name, ())]
            self.add_input(info, dims, shapes.get(info.name))
        for node in nodes:
            last = self.block.last_op
            self.add_nodes([node], used)
            self.became.append((node, list(self._names_after(last))))
        return {
            name: place
            for info, shape in shapes.items()
            for place, ((name, _), size) in enumerate(zip(dimensions[info], shape, strict=True))
            if size == DYNAMIC
        }

    def add_constant(self, name: str, tensor: TensorProto | SparseTensorProto) -> None:
        """Make a tensor of the model a constant."""
        is_dense = isinstance(tensor, TensorProto)
        try:
            self.constants[name] = (
                self.file.constant(tensor) if is_dense else self.file.dense(tensor)
            )
        except UserError as error:
            self.lose(Fault(f"tensor {name}", None, one_line(error)), [name])

    def lose(self, fault: Fault, tensors: Iterable[str]) -> None:
        """Note why tensors do not exist."""
        self.faults.append(fault)
        self.lost.update(name for name in tensors if name and not self.goes_on_with(name))

    def forget_impossible(self, faults: Sequence[Fault]) -> bool:
        """Forgets faults, if of all of their nodes ONNX itself says that the inputs do not fit."""
        if not all(each.node is not None and self._contradicts(each.node) for each in faults):
            return False
        self.faults = [each for each in self.faults if each not in faults]
        return True

    def _contradicts(self, node: NodeProto) -> bool:
        """Whether ONNX's own inference refuses the types of a node's inputs."""
        opset = self.opset_of(node)
        try:
            schema_of(node.op_type, opset, node.domain)
            types = {name: type_proto(self.value(name)) for name in node.input if name}
        except (ValueError, Unsupported):
            return False
        try:
            inferred_types(node, opset, types, {})
        except ValueError:
            return True
        return False

    def goes_on_with(self, name: str) -> bool:
        """Whether a tensor that does not exist can be an argument of the network instead."""
        if (info := self.stated.get(name)) is None or not (_has_rank(info) and _is_tensor(info)):
            return False
        shape = [self.sizes.get(dim, size) for dim, size in dimensions_of(info, self.dims)]
        if DYNAMIC in shape or size_fault(shape) is not None:
            return False
        type = TensorType(element_type(info.type.tensor_type.elem_type, name), shape)
        self.add_argument(name, type)
        self.assumed.add(name)
        return True

    def _names_after(self, last: Operation | None) -> Iterator[str]:
        """The names of the operators, but for constants, that stand after `last`."""
        op = self.block.first_op if last is None else last.next_op
        while op is not None:
            if isinstance(op, NetworkOperation) and op.operands:
                yield op.result_name.data
            op = op.next_op

    def network(self, outputs: Sequence[str]) -> ModuleOp:
        """The module that returns these tensors, and the sizes of those that depend on data."""
        tensors = dict(each for name in outputs for each in self.returned(name))
        counts = self.add_counts(tensors.values())
        tensors |= {count: count for _, count in counts.values()}
        module = self.returning(tensors)
        set_sizes(module, counts)
        return module

    def returned(self, output: str) -> list[tuple[str, str]]:
        """The names of the results that an output of the model is, and their tensors: of a sequence by number."""
        if output in self.absent:
            return []
        if output in self.sequences:
            return [(f"{output}/{i}", tensor) for i, tensor in enumerate(self.sequences[output])]
        return [(output, output)]

    def add_counts(self, outputs: Iterable[str]) -> dict[str, tuple[int, str]]:
        """By tensor the axis along which its size depends on data, and the tensor that is this size."""
        found: dict[str, tuple[int, str]] = {}
        for name in outputs:
            if (sized := self.data_sizes.of.get(name)) is not None:
                count = self.unique(f"{name}/size")
                shape = self.unique(f"{name}/size")
                self.constants[shape] = constant_of(np.array([1]))
                made = helper.make_node("Reshape", [sized.count.name, shape], [count])
                self.add_made(made)
                found[name_in_ir(name)] = sized.axis, count
        return found

    def add_input(
        self, info: onnx.ValueInfoProto, dims: Sequence[str], shape: Sequence[int] | None
    ) -> None:
        """Make a graph input, with dimensions of these names, an argument of the network."""
        what = f"input {info.name}"
        if shape is None:
            kind = (info.type.WhichOneof("value") or "tensor_type").removesuffix("_type")
            is_what = "not a tensor of known rank" if kind == "tensor" else f"no tensor: {kind}"
            fault = Fault(what, None, f"{what} is {is_what}")
            self.lose(fault, [info.name])
            return
        names = [n if size == DYNAMIC else "" for n, size in zip(dims, shape, strict=True)]
        try:
            elements = element_type(info.type.tensor_type.elem_type, what)
            if problem := size_fault(shape):
                raise UserError(f"{what} {problem}")
        except UserError as error:
            self.lose(Fault(what, None, one_line(error)), [info.name])
            return
        self.add_argument(info.name, TensorType(elements, shape), names)

    def add_nodes(self, nodes: Sequence[NodeProto], used: Collection[str]) -> None:
        """Import `nodes`, which are in order; what is not supported is noted."""
        self.count += len(nodes)
        if self.count > MOST_NODES:
            raise UserError(
                f"the model has more than {MOST_NODES} operators with its loops unrolled"
            )
        for node in nodes:
            reason = None
            if self.lost.isdisjoint(uses(node)):
                try:
                    self.add_node(node, used)
                    continue
                except (UserError, VerifyException) as error:
                    if self.assumed.isdisjoint(uses(node)):  # else it may be right on what is there
                        reason = one_line(error)
            if reason is None:
                reason = unknown(node, self.opset_of(node), self.functions)
            if reason:
                fault = Fault(name_of(node), node, f"{describe(node)}: {reason}")
                self.lose(fault, node.output)
            else:
                self.lost.update(filter(None, node.output))

    def add_node(self, proto: NodeProto, used: Collection[str]) -> None:
        """Import one node and define its outputs."""
        if (expand := EXPANSIONS.get(key_of(proto))) is not None:
            require_known_sizes(self, proto)
            expand(self, proto)
            return
        if held := [name for name in proto.input if name in self.sequences or name in self.absent]:
            if key_of(proto) != ("", "Identity"):
                raise Unsupported(f"{held[0]} is no tensor")
            alias(self, held[0], proto.output[0])
            return
        own = python_operator(proto.domain, proto.op_type)
        if own is None and (function := self.functions.get((proto.domain, proto.op_type))):
            self.add_body(function, proto)
            return
        if not takes_data_sizes(self, proto):
            self.add_plain(proto, used)

    def add_plain(self, proto: NodeProto, used: Collection[str]) -> None:
        """Import one node all whose tensors have sizes that are known."""
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
        if import_node is None and python_operator(proto.domain, proto.op_type) is None:
            types = [type_proto(self.value(name)) for name in proto.input if name]
            if (function := function_of(proto, node.opset, types)) is not None:
                self.add_own_body(function, proto)
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
        key, called = (function.domain, function.name), self.called
        if key in called:
            raise Unsupported(f"the function {function.name} calls itself")
        nodes = function_body(function, call, self.unique)
        outer = self.opsets  # ONNX's own functions do not import all that they use
        self.opsets = outer | {e.domain: e.version for e in function.opset_import}
        self.called = {*called, key}
        try:
            self.add_nodes(nodes, {name for node in nodes for name in (*uses(node), *call.output)})
        finally:
            self.opsets, self.called = outer, called

    def add_own_body(self, function: FunctionProto, call: NodeProto) -> None:
        """The same of an operator that ONNX defines by a body: what is wrong in that is wrong with the operator."""
        known, count = len(self.faults), self.count
        self.add_body(function, call)
        if self.faults[known:]:
            inner = self.faults[known]
            del self.faults[known:]
            self.count = count
            what = inner.what if inner.node is None else inner.node.op_type
            raise Unsupported(f"{what} in its body: {inner.reason}")

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


def _stated(graph: onnx.GraphProto) -> dict[str, onnx.ValueInfoProto]:
    """The tensors of which a model says the types, weights among them, by name."""
    weights = [
        helper.make_tensor_value_info(each.name, each.data_type, each.dims)
        for each in graph.initializer
    ]
    return {each.name: each for each in (*weights, *graph.value_info)}


def _has_rank(info: onnx.ValueInfoProto) -> bool:
    return info.type.tensor_type.HasField("shape")


def _is_tensor(info: onnx.ValueInfoProto) -> bool:
    """Whether a graph input can be an argument; one that is not used may be anything."""
    return _has_rank(info) and info.type.tensor_type.elem_type in ELEMENT_TYPES
