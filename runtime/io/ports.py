"""The named inputs and outputs of a module, at any level."""

from collections.abc import Iterable

from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType
from xdsl.ir import Attribute

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import BufferOp, OutputOp, Role
from xnn.dialects.dsa.program import program_of
from xnn.dialects.element_types import dtype_of
from xnn.dialects.levels import level_of
from xnn.dialects.names import shown_name
from xnn.dialects.xnn.interface import argument_names, main_function, result_names
from xnn.runtime.io.inputs import Port


def input_ports(module: ModuleOp) -> list[Port]:
    """The inputs of the network in `module`; raises UserError if there is no network in it."""
    if level_of(module) == Level.DSA:
        buffers = [op for op in program_of(module).block.ops if isinstance(op, BufferOp)]
        return _ports((b.result_name.data, b.type) for b in buffers if b.role.data == Role.INPUT)
    main = main_function(module)
    return _ports(zip(argument_names(main), main.function_type.inputs))


def output_ports(module: ModuleOp) -> list[Port]:
    """The outputs of the network in `module`; raises UserError if there is no network in it."""
    if level_of(module) == Level.DSA:
        outputs = [op for op in program_of(module).block.ops if isinstance(op, OutputOp)]
        return _ports((output.result_name.data, output.type) for output in outputs)
    main = main_function(module)
    return _ports(zip(result_names(main), main.function_type.outputs))


def _ports(signature: Iterable[tuple[str, Attribute]]) -> list[Port]:
    ports = []
    for name, type in signature:
        if not isinstance(type, TensorType | MemRefType):
            raise UserError(f"'{name}' is {type}, not a tensor")
        ports.append(Port(shown_name(name), type.get_shape(), dtype_of(type.element_type)))
    return ports
