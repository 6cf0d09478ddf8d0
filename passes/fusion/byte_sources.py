"""Which values of a region follow from one byte."""

from __future__ import annotations

from xdsl.ir import Block, SSAValue

from xnn.dialects.element_types import is_byte


def byte_sources(block: Block) -> dict[SSAValue, SSAValue | None]:
    """For each value that varies, the byte that it follows from, which may be itself; None if there is none."""
    result: dict[SSAValue, SSAValue | None] = {
        value: value if is_byte(value.type) else None for value in block.args
    }
    for op in block.ops:
        for value in op.results:
            sources = {result[operand] for operand in op.operands if operand in result}
            if len(sources) == 1 and None not in sources:
                result[value] = sources.pop()
            elif sources:
                result[value] = value if is_byte(value.type) else None
    return result
