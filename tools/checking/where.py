"""Where the operators of a network run, what they compute and hold, by its module at the level of primitives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import prod

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import BlockArgument, SSAValue

from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.names import split_name
from xnn.dialects.prim import GeneralOp
from xnn.dialects.prim.node import NamedOp
from xnn.dialects.prim.primitive import Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn import ConstantOp, NetworkOperation, ParameterOp, WeightOp, shape_of
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import kept_formats_of, main_function, results_by_name
from xnn.runtime.engines.formats import formats_of, why_kept
from xnn.runtime.engines.general import general_units
from xnn.runtime.report.formats import LayerFormats
from xnn.tools.checking.network import Node
from xnn.tools.checking.report import Fault

FOLDED, FUSED = "folded", "fused into "


def operators_by_tensor(module: ModuleOp) -> dict[str, set[str]]:
    """At the graph level: the operators that make each tensor and its parts, named as in the IR ("conv")."""
    found = defaultdict[str, set[str]](set)
    for op in main_function(module).body.block.ops:
        if isinstance(op, NetworkOperation):
            found[split_name(op.result_name.data)[0]].add(op.name.removeprefix("xnn."))
    return found


def where_nodes_run(
    module: ModuleOp, nodes: Sequence[Node], made_by: Mapping[str, set[str]]
) -> list[str]:
    """What runs each node, in the words of OperatorUse; `made_by` are the operators by tensor.

    A primitive names the operator that it computes; what it has of others is fused into it.
    """
    runs = defaultdict[str, dict[str, None]](dict)
    for op in main_function(module).body.block.ops:
        if isinstance(op, NamedOp):
            tensors = {split_name(name)[0] for name in (op.result_name.data, *op.layer_names)}
            computed = op.properties.get("operator")
            own = computed.data if isinstance(computed, StringAttr) else ""
            makers = {each for each in tensors if own in made_by.get(each, ())} or tensors
            for each in tensors:
                fused = "" if each in makers else FUSED
                runs[each][f"{fused}{op.engine}"] = None
    return [
        node.fate or _joined(w for t in node.tensors for w in runs.get(t, ())) for node in nodes
    ]


def _joined(words: Iterator[str]) -> str:
    """All that a node runs on, once; where something computes it, views say nothing more."""
    found = {*words}
    found -= {f"{FUSED}{each}" for each in found}
    return ", ".join(sorted(found - {"view"} or found)) or FOLDED


def formats_of_layers(module: ModuleOp) -> tuple[LayerFormats, ...]:
    """The number formats of what fusion left of the network, but for views."""
    constants, kept = ConstantExpressions(), kept_formats_of(module)
    found: list[LayerFormats] = []
    for op in main_function(module).body.block.ops:
        if isinstance(op, NamedOp) and op.engine != "view" and op.results[0] not in constants:
            formats = formats_of(op, constants)
            names = (op.result_name.data, *reversed(op.layer_names))
            why = why_kept(formats, names, kept)
            found.append(LayerFormats(name=op.shown_name, formats=formats, kept_because=why))
    return tuple(found)


def macs_of(module: ModuleOp) -> int:
    """Multiply-accumulates of the network's products on the matmul primitive."""
    products = (op for op in main_function(module).body.block.ops if isinstance(op, Primitive))
    return sum(op.macs(op.domain) for op in products if op.is_network_product)


def peak_bytes(module: ModuleOp) -> int:
    """Bytes of the feature maps that are needed at once, at most, in the order of the nodes."""
    ops = list(main_function(module).body.block.ops)
    same: dict[SSAValue, SSAValue] = {}

    def root(value: SSAValue) -> SSAValue:
        while value in same:
            value = same[value]
        return value

    for op in ops:
        for operand in op.lies_in if isinstance(op, NamedOp) else ():
            if (one := root(op.results[0])) is not (other := root(operand)):
                same[one] = other
    spans: dict[SSAValue, tuple[int, int, int]] = {}
    for place, op in enumerate(ops):
        for value in (*op.operands, *op.results):
            start = 0 if isinstance(value, BlockArgument) else place
            first, _, size = spans.get(root(value), (start, 0, 0))
            spans[root(value)] = min(first, start), place, max(size, value_bytes(value))
    changes = [0] * (len(ops) + 1)
    for value, (first, last, size) in spans.items():
        if not isinstance(value.owner, ParameterOp):
            changes[first] += size
            changes[last + 1] -= size
    return max(accumulate(changes))


def parameter_sizes(module: ModuleOp) -> tuple[int, int]:
    """Elements and bytes of all constants of a module at the graph level."""
    values = [op.results[0] for op in module.walk() if isinstance(op, ConstantOp | WeightOp)]
    return sum(prod(shape_of(v)) for v in values), sum(value_bytes(v) for v in values)


def faults_of_target(module: ModuleOp, target: Target) -> Iterator[Fault]:
    """What general compute cannot run, and memory that cannot hold what it must."""
    main = main_function(module)
    held, there = [*main.args, *results_by_name(main).values()], target.external.capacity_bytes
    for op in main.body.block.ops:
        if isinstance(op, NamedOp) and (size := value_bytes(op.results[0])) > there:
            reason = f"its result takes {size:,} bytes of external memory, "
            yield Fault(op.shown_name, "", f"{reason}of which {target.name} has {there:,}")
        if isinstance(op, ParameterOp):
            held.append(op.result)
        elif isinstance(op, GeneralOp):
            try:
                general_units(op, target)
            except UserError as error:
                yield Fault(op.shown_name, "", one_line(error))
    if (needed := sum(map(value_bytes, dict.fromkeys(held)))) > there:
        reason = f"parameters, inputs and outputs take {needed:,} bytes of external memory, "
        yield Fault("", "", f"{reason}of which {target.name} has {there:,}")
