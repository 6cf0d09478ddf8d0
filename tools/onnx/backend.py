"""The standard ONNX backend interface: `prepare`, `run_model`, `supports_device`, `is_compatible`.

    from xnn.tools.onnx import backend
    outputs = backend.run_model(onnx.load("model.onnx"), [x])

What the network's shape depends on - sizes of dimensions, shapes and such given as inputs - is taken
from the inputs of a run; each new combination is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from onnx.backend.base import Backend, BackendRep, namedtupledict

from xnn.dialects.diagnostics import UserError
from xnn.tools.api import Program, compile
from xnn.tools.onnx.importer import import_bytes

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

    def run(self, inputs: Any, **kwargs: Any) -> tuple[Any, ...]:
        """The outputs, as a tuple that also has their names, for a list or a dictionary of inputs.

        Raises UserError if the inputs do not fit, or if the model cannot be compiled.
        """
        arrays = self._named(inputs)
        program = self.program(arrays)
        outputs, _ = program.run({port.name: arrays[port.name] for port in program.inputs})
        declared = (_in_type(outputs[info.name], info) for info in self.model.graph.output)
        return namedtupledict("Outputs", self.outputs)(*declared)

    def program(self, arrays: Mapping[str, np.ndarray]) -> Program:
        """The program for inputs of these sizes, and of these values where it cannot do without."""
        shapes = tuple(arrays[name].shape for name in self._names)
        if shapes not in self._programs:
            model = _with_shapes(self.model, {name: arrays[name].shape for name in self._names})
            small = [name for name in self._names if _may_be_fixed(arrays[name])]
            try:
                self._programs[shapes] = (compile(model, **self.options), [])
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
            self._fixed[key] = compile(model, **self.options)
        return self._fixed[key]

    @property
    def _names(self) -> list[str]:
        return [info.name for info in self.inputs]

    def _named(self, inputs: Any) -> dict[str, np.ndarray]:
        if not isinstance(inputs, Mapping):
            values = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
            if len(values) != len(self.inputs):
                raise UserError(f"the model has {len(self.inputs)} inputs, not {len(values)}")
            inputs = dict(zip(self._names, values))
        if missing := [name for name in self._names if name not in inputs]:
            raise UserError("\n".join(f"input '{name}' is missing" for name in missing))
        if lists := [name for name in self._names if isinstance(inputs[name], list | tuple)]:
            raise UserError("\n".join(f"input '{name}' is not a tensor" for name in lists))
        return {name: _in_bytes(np.asarray(inputs[name])) for name in self._names}


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


def _info(name: str, dtype: np.dtype, shape: Sequence[int] | None):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)


def _in_bytes(array: np.ndarray) -> np.ndarray:
    """Integers of 2 and 4 bits in a byte each, as networks take them."""
    containers = {"int2": np.int8, "int4": np.int8, "uint2": np.uint8, "uint4": np.uint8}
    return array.astype(containers.get(array.dtype.name, array.dtype), copy=False)


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
