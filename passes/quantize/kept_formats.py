"""Why operators of a quantised network do not have the number format that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue

from xnn.dialects.names import split_name
from xnn.dialects.xnn import NetworkOperation, tensor_type
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation, ProductOperation
from xnn.dialects.xnn.traits import TakesIntegers
from xnn.passes.quantize.integer_maps import IntegerMaps
from xnn.passes.quantize.ranges import name_of

NO_INTEGER_FORM = "no integer form"
STATE = "small state: its errors would add up"
MASK = "not finite in calibration"
OUTPUT = "output of the network"
READ_AS_FLOAT = "only read by what computes with floats"
DYNAMIC = "dynamic: only operands of products are integers"


def reasons_of(maps: IntegerMaps) -> dict[str, str]:
    """By operator why it computes with floats, or why its result is a float."""
    found = ((op, _reason(op, maps)) for op in maps.operators)
    return {split_name(op.result_name.data)[0]: why for op, why in found if why}


def reasons_of_dynamic(operators: Iterable[NetworkOperation]) -> dict[str, str]:
    """The same where scales follow each input."""
    others = (op for op in operators if not isinstance(op, MultiplyAccumulateOperation))
    return {split_name(op.result_name.data)[0]: DYNAMIC for op in others}


def _reason(op: NetworkOperation, maps: IntegerMaps) -> str:
    if tensor_type(op.result).element_type != f32:
        return ""
    return next(_of_computation(op, maps), "") or _of_result(op.result, maps)


def _of_computation(op: NetworkOperation, maps: IntegerMaps) -> Iterator[str]:
    """Why an operator does not compute with integers, if so."""
    if maps.is_state(op):
        yield STATE
    if isinstance(op, ProductOperation):
        for value in maps.real_operands(op):
            if value not in maps.chosen:
                yield f"{name_of(maps.module, value)}: {MASK}"
    elif not op.has_trait(TakesIntegers) and not isinstance(op, ElementwiseOperation):
        yield NO_INTEGER_FORM


def _of_result(value: SSAValue, maps: IntegerMaps) -> str:
    """Why a result is not rounded to integers, if so."""
    if value in maps.chosen:
        return ""
    if value in maps.masks:
        return MASK
    users = [use.operation for use in value.uses]
    if not any(isinstance(user, NetworkOperation) for user in users):
        return OUTPUT
    return READ_AS_FLOAT
