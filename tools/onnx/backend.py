"""The standard ONNX backend interface: `prepare`, `run_model`, `supports_device`, `is_compatible`.

    from xnn.tools.onnx import backend
    outputs = backend.run_model(onnx.load("model.onnx"), [x])

What the network's shape depends on - sizes of dimensions, shapes and such given as inputs - is taken
from the inputs of a run; each new combination is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from onnx.backend.base import Backend, BackendRep, namedtupledict

from xnn.dialects.diagnostics import UserError
from xnn.tools.api import compile
from xnn.tools.onnx.importer import import_bytes
from xnn.tools.program import Program

Value = np.ndarray | list[np.ndarray] | None
"""A tensor, a sequence, or an optional that holds nothing."""

FEW = 64
"""Elements of an input whose values may decide what is compiled, at most."""

SMALL = (TensorProto.INT2, TensorProto.INT4, TensorProto.UINT2, TensorProto.UINT4)
"""Types of ONNX whose elements are in a byte each in the network."""

DEVICES = ("CPU", "XNN")
"""The device is always the simulated machine; "CPU" is the default of ONNX's interface."""


class PreparedModel(BackendRep):
    """A model ready to run; compiled when the sizes that it needs are known."""

    def __init__(self, model: ModelProto, options: Mapping[str, Any]):
        self.model = model
        self.options = dict(options)
        constants = {tensor.name for tensor in model.graph.initializer}
        self.inputs = [info for info in model.graph.input if info.name not in constants]
        self.outputs = [info.name for info in model.graph.output]
        self._programs: dict[object, tuple[Program | ModelProto, list[str]]] = {}
        """By the shapes of the inputs; or the model, and the inputs whose values it needs to be compiled."""
        self._fixed: dict[object, Program] = {}
        """By shapes and these values."""
        self._models: dict[int, ModelProto] = {}
        """What each program was compiled from, by its identity."""

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The outputs, as a tuple that also has their names, for a list or a dictionary of inputs.

        `sanitize=True` checks every memory access of the machine. Raises UserError if the inputs do not
        fit, or if the model cannot be compiled.
        """
        arrays = self._named(inputs)
        program = self.program(arrays)
        tensors = {n: a for name, value in arrays.items() for n, a in _tensors(name, value).items()}
        given = {port.name: tensors[port.name] for port in program.inputs}
        outputs, _ = program.run(given, sanitize=kwargs.get("sanitize", False))
        declared: list[Any] = [_declared(outputs, info) for info in self.model.graph.output]
        return namedtupledict("Outputs", self.outputs)(*declared)

    def program(self, values: Mapping[str, Value]) -> Program:
        """The program for inputs of these sizes, and of these values where it cannot do without."""
        held = {e.name: values[e.name] for e in self.inputs if not _is_tensor(e)}
        plain = {name: each for name, each in values.items() if name not in held}
        arrays = {name: each for name, each in plain.items() if isinstance(each, np.ndarray)}
        inner = {n: a for name, value in held.items() for n, a in _tensors(name, value).items()}
        shapes = tuple((name, array.shape) for name, array in (arrays | inner).items())
        if shapes not in self._programs:
            model = _with_shapes(self.model, {name: a.shape for name, a in arrays.items()})
            _replace_sequences(model, held)
            small = [name for name in arrays if _may_be_fixed(arrays[name])]
            try:
                self._programs[shapes] = (self._compile(model), [])
            except UserError:
                if not small:
                    raise
                self._programs[shapes] = (model, small)
        known, fixed = self._programs[shapes]
        if isinstance(known, Program):
            return known
        key = (shapes, *(arrays[name].tobytes() for name in fixed))
        if key not in self._fixed:
            model = _with_constants(known, {name: arrays[name] for name in fixed})
            self._fixed[key] = self._compile(model)
        return self._fixed[key]

    def specialised(self, inputs: Any) -> ModelProto:
        """The model that is compiled for these inputs: with their sizes, and values where it needs them."""
        return self._models[id(self.program(self._named(inputs)))]

    def _compile(self, model: ModelProto) -> Program:
        program = compile(model, **self.options)
        self._models[id(program)] = model
        return program

    @property
    def _names(self) -> list[str]:
        return [info.name for info in self.inputs]

    def _named(self, inputs: Any) -> dict[str, Value]:
        if not isinstance(inputs, Mapping):
            values = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
            if len(values) != len(self.inputs):
                raise UserError(f"the model has {len(self.inputs)} inputs, not {len(values)}")
            inputs = dict(zip(self._names, values))
        if missing := [name for name in self._names if name not in inputs]:
            raise UserError("\n".join(f"input '{name}' is missing" for name in missing))
        tensors = [info.name for info in self.inputs if _is_tensor(info)]
        if wrong := [
            n for n in tensors if inputs[n] is None or isinstance(inputs[n], list | tuple)
        ]:
            raise UserError("\n".join(f"input '{name}' is not a tensor" for name in wrong))
        return {name: _in_bytes(inputs[name]) for name in self._names}


class XnnBackend(Backend):
    """xnn as a backend of the onnx package. Options are those of xnn.compile: target, level, ..."""

    @classmethod
    def is_compatible(cls, model: ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        """Whether `model` consists of operators that we import."""
        try:
            import_bytes(model.SerializeToString())
        except UserError:
            return False
        return cls.supports_device(device)

    @classmethod
    def prepare(cls, model: ModelProto, device: str = "CPU", **kwargs: Any) -> PreparedModel:
        """The model ready to run; raises UserError for a device that there is not."""
        if not cls.supports_device(device):
            raise UserError(f"there is no device {device}", hint=f"devices: {', '.join(DEVICES)}")
        return PreparedModel(model, kwargs)

    @classmethod
    def run_model(
        cls, model: ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any
    ) -> tuple[Any, ...]:
        """Prepare and run at once."""
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(
        cls,
        node: NodeProto,
        inputs: Any,
        device: str = "CPU",
        outputs_info: Sequence[tuple[np.dtype, tuple[int, ...]]] | None = None,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Run one operator; without `outputs_info` its outputs have the type of the first input."""
        arrays = [np.asarray(array) for array in inputs]
        present = [name for name in node.input if name]
        known = [(array.dtype, array.shape) for array in arrays]
        given = [_info(name, *about) for name, about in zip(present, known)]
        wanted = outputs_info or [(arrays[0].dtype, None)] * len(node.output)
        made = [_info(name, *about) for name, about in zip(node.output, wanted)]
        graph = helper.make_graph([node], node.op_type, given, made)
        return cls.run_model(helper.make_model(graph), arrays, device, **kwargs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Whether `device` (as in "CPU" or "CPU:0") is one of ours."""
        return device.partition(":")[0] in DEVICES


def _is_tensor(info: ValueInfoProto) -> bool:
    return info.type.WhichOneof("value") == "tensor_type"


def _info(name: str, dtype: np.dtype, shape: Sequence[int] | None):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)


def _in_bytes(value: Any) -> Value:
    """Integers of 2 and 4 bits in a byte each, as networks take them."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [each for each in map(_in_bytes, value) if isinstance(each, np.ndarray)]
    array = np.asarray(value)
    containers = {"int2": np.int8, "int4": np.int8, "uint2": np.uint8, "uint4": np.uint8}
    return array.astype(containers.get(array.dtype.name, array.dtype), copy=False)


def _declared(outputs: Mapping[str, np.ndarray], info: ValueInfoProto) -> Value:
    """An output of the model: of the tensors that the program returns, those that it consists of."""
    type = info.type.optional_type.elem_type if info.type.HasField("optional_type") else info.type
    if type.HasField("sequence_type"):
        numbered = (f"{info.name}/{i}" for i in count())
        return [outputs[name] for name in takewhile(outputs.__contains__, numbered)]
    return _in_type(outputs[info.name], info) if info.name in outputs else None


def _tensors(name: str, value: Value) -> dict[str, np.ndarray]:
    """The tensors that an input consists of."""
    if isinstance(value, list):
        return {f"{name}/{i}": array for i, array in enumerate(value)}
    return {} if value is None else {name: value}


def _replace_sequences(model: ModelProto, held: Mapping[str, Value]) -> None:
    """Puts tensors in the place of inputs that are sequences or optionals."""
    graph, infos, nodes = model.graph, list[ValueInfoProto](), list[NodeProto]()
    for info in graph.input:
        if info.name not in held:
            infos.append(info)
            continue
        tensors = _tensors(info.name, held[info.name])
        infos += [_info(name, array.dtype, array.shape) for name, array in tensors.items()]
        if info.name not in tensors:
            kind = "Optional" if held[info.name] is None else "SequenceConstruct"
            nodes.append(helper.make_node(kind, [*tensors], [info.name]))
    new = helper.make_graph(
        [*nodes, *graph.node], graph.name, infos, graph.output, graph.initializer
    )
    graph.CopyFrom(new)


def _in_type(array: np.ndarray, info: ValueInfoProto) -> np.ndarray:
    """Integers of 2 and 4 bits, which are in a byte each, in the type that the model says."""
    kind = info.type.tensor_type.elem_type
    return array.astype(helper.tensor_dtype_to_np_dtype(kind)) if kind in SMALL else array


def _may_be_fixed(array: np.ndarray) -> bool:
    """Whether an input may say what the operators do: how large something is, which elements, how far."""
    return array.ndim <= 1 and array.size <= FEW


def _with_shapes(model: ModelProto, shapes: Mapping[str, tuple[int, ...]]) -> ModelProto:
    """The model with the sizes of its inputs in place of symbolic ones."""
    result = ModelProto()
    result.CopyFrom(model)
    for info in result.graph.input:
        for dim, size in zip(info.type.tensor_type.shape.dim, shapes.get(info.name, ())):
            if not dim.HasField("dim_value"):
                dim.dim_value = size
    return result


def _with_constants(model: ModelProto, values: Mapping[str, np.ndarray]) -> ModelProto:
    """The model with constants in place of some of its inputs."""
    result = ModelProto()
    result.CopyFrom(model)
    kept = [info for info in result.graph.input if info.name not in values]
    del result.graph.input[:]
    result.graph.input.extend(kept)
    result.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in values.items()
    )
    return result


is_compatible = XnnBackend.is_compatible
prepare = XnnBackend.prepare
run_model = XnnBackend.run_model
run_node = XnnBackend.run_node
supports_device = XnnBackend.supports_device
