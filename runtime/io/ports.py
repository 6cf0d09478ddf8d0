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
from xnn.dialects.xnn.interface import argument_names, main_function, result_names, ties
from xnn.runtime.io.inputs import Port


def input_ports(module: ModuleOp) -> list[Port]:
    """The inputs of the network in `module`; raises UserError if there is no network in it."""
    if level_of(module) == Level.DSA:
        buffers = [op for op in program_of(module).block.ops if isinstance(op, BufferOp)]
        inputs = [b for b in buffers if b.role.data in (Role.INPUT, Role.STATE)]
        state = [b.role.data == Role.STATE for b in inputs]
        return _ports(((b.result_name.data, b.type) for b in inputs), state)
    main = main_function(module)
    types, tied = main.function_type.inputs.data, ties(main)
    return _ports(zip(argument_names(main), types), [i in tied for i in range(len(types))])


def output_ports(module: ModuleOp) -> list[Port]:
    """The outputs of the network in `module`; raises UserError if there is no network in it."""
    if level_of(module) == Level.DSA:
        outputs = [op for op in program_of(module).block.ops if isinstance(op, OutputOp)]
        signature = [(output.result_name.data, output.type) for output in outputs]
    else:
        main = main_function(module)
        signature = list(zip(result_names(main), main.function_type.outputs))
    return _ports(signature, [False] * len(signature))


def _ports(signature: Iterable[tuple[str, Attribute]], state: Iterable[bool]) -> list[Port]:
    ports = []
    for (name, type), is_state in zip(signature, state, strict=True):
        if not isinstance(type, TensorType | MemRefType):
            raise UserError(f"'{name}' is {type}, not a tensor")
        element = dtype_of(type.element_type)
        ports.append(Port(shown_name(name), type.get_shape(), element, is_state))
    return ports
