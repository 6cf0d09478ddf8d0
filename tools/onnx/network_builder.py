"""The network as far as it is built: tensors by their names in the model, as constants and as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from xdsl.builder import Builder
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.rewriter import InsertPoint

from xnn.dialects import Level
from xnn.dialects.element_types import dtype_of
from xnn.dialects.levels import set_level
from xnn.dialects.names import name_in_ir
from xnn.dialects.values import ssa_hint
from xnn.dialects.xnn import shape_of
from xnn.dialects.xnn.interface import DIMS, NAME, named
from xnn.dialects.xnn.operation import tensor_type
from xnn.tools.onnx.tensors import Constant, Unsupported


class NetworkBuilder:
    """A network without results: its arguments, and the operators that stand in it so far."""

    def __init__(self):
        self.constants: dict[str, Constant] = {}
        self.values: dict[str, SSAValue] = {}
        self.names: set[str] = set()
        """Of tensors: those of the model, and those that were made."""
        self.numbers = Counter[str]()
        """How many names like one have been made."""
        self.arguments: list[DictionaryAttr] = []
        """The attributes of the network's arguments."""
        self.block = Block()
        self.builder = Builder(InsertPoint.at_end(self.block))

    def add_argument(self, name: str, type: TensorType, dims: Sequence[str] = ()) -> None:
        """Make tensor `name` an argument; `dims` name its dimensions, "" those of a known size."""
        self.define(name, self.block.insert_arg(type, len(self.block.args)))
        attributes: dict[str, Attribute] = {NAME: StringAttr(name_in_ir(name))}
        if any(dims):
            attributes[DIMS] = ArrayAttr(map(StringAttr, dims))
        self.arguments.append(DictionaryAttr(attributes))

    def returning(self, results: Mapping[str, str]) -> ModuleOp:
        """The module whose function `@main` returns these tensors, under these names."""
        values = [self.value(tensor) for tensor in results.values()]
        self.builder.insert(ReturnOp(*values))
        main = FuncOp(
            "main",
            ([v.type for v in self.block.args], [v.type for v in values]),
            Region(self.block),
            arg_attrs=ArrayAttr(self.arguments),
            res_attrs=named(map(name_in_ir, results)),
        )
        module = ModuleOp([main])
        set_level(module, Level.XNN)
        return module

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
