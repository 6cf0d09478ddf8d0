"""Primitives on buffers of local memory, from text, and what a block of one costs."""

from collections.abc import Sequence

from xdsl.parser import Parser

from xnn.dialects.dsa.access import NodeBlock, primitive_accesses
from xnn.dialects.prim import Domain, Primitive
from xnn.dialects.target import Target
from xnn.dialects.windows import Pads
from xnn.runtime.engines.engine import NodeCost, engine_named
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context

EDGE = load_target("edge")


def node(text: str, **types: str) -> Primitive:
    """The primitive of a text in which `%x` is a buffer of the type that is given as x, and `{x}` that type."""
    names = ", ".join(f"%{name}" for name in types)
    buffers = f'{names} = "test.op"() : () -> ({", ".join(types.values())})\n'
    module = Parser(make_context(), buffers + text.format(**types)).parse_module()
    module.verify()
    op = module.body.block.last_op
    assert isinstance(op, Primitive)
    return op


def region(role: str, maps: Sequence[str], operands: str, types: str, body: str) -> str:
    """`pre` or `post` of a node whose dimensions are d0 to d3, with braces as in a format string."""
    shown = ", ".join(f"affine_map<(d0, d1, d2, d3) -> ({each})>" for each in maps)
    arguments = ", ".join(f"%{i} : {type}" for i, type in enumerate(types.split()))
    return f"{role} [{shown}] ({operands}) {{{{\n^bb0({arguments}):\n{body}\n}}}}"


def cost(
    op: Primitive,
    target: Target = EDGE,
    *,
    sizes: Domain | None = None,
    pads: Pads | None = None,
    first: bool = True,
    last: bool = True,
    starts: Sequence[int] | None = None,
) -> NodeCost:
    """What a block of a node costs, its operands at bytes `starts` of a row; by default the whole node, aligned."""
    pads = op.window.pad_pairs if pads is None else pads
    block = NodeBlock(op.domain if sizes is None else sizes, pads, first, last)
    accesses = primitive_accesses(op, block)
    starts = [0] * len(accesses) if starts is None else starts
    return engine_named(op.engine).cost(op, block, accesses, starts, target)
