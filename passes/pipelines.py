"""The named pipelines: flat lists of passes, ours and xDSL's, with the reason for each constraint on the order."""

from __future__ import annotations

from collections.abc import Sequence

from xnn.dialects import LEVELS

PIPELINES: dict[str, tuple[str, ...]] = {
    "optimize-graph": (
        "fold-zero-sized",  # first: no pass after it meets a tensor without elements
        "canonicalize",  # before the next: a dropout between two operators hides each from the other
        "decompose-conv-transpose",  # before quantisation, which knows convolutions
        "decompose-batch-norm",  # before the next two, which know only multiplications and additions
        "combine-scale-shift",  # before absorption: one product of large weights instead of several
        "absorb-scale-shift",
        "fold-quantization",  # after absorption, which works on the float operators around it
        "fold-constants",  # after all that makes new constant expressions
        "graph-cse",  # after folding: constants made in different ways may be the same
        "dce",  # after all that leaves operators without a use, and before they would be hoisted
        "hoist-weights",  # last: the passes before look at what constants are made of
    ),
    "lower-to-primitives": (
        "optimize-graph",
        "propagate-transposes",  # before conversion, which moves what is left of them
        "split-attention",  # after it: groups of heads are split where their products leave them
        "convert-to-primitives",
        "pack-weights",  # before fusion, which copies primitives
        "fuse-successors",  # before predecessors: post runs once, pre as often as the operand is read
        "fuse-predecessors",
        "map-elementwise",  # after fusion, for what it left
        "combine-factors",  # after all that makes products, and before tables are made of their factors
        "tabulate-scalars",  # after all that makes chains
        "graph-cse",  # again: layers that share a weight each transpose or pack it for themselves
        "hoist-weights",  # again: the passes since make constants of their own
        "wrap-general",  # last of them, for what nothing else computes
        "place-transposed-results",  # after fusion, which leaves transfers of the results of products alone
        "place-shuffled-groups",  # likewise
        "copy-state",  # after all that decides which node reads what, and in which order
        "copy-parts",  # after copy-state: its copies are users that decide who lies where
        "copy-read-positions",  # before all that asks for the sizes of operands
        "force-schedules",  # after all that makes layers, and before what chooses for the others
        "keep-shared-weights-local",  # before the next: what they leave is for feature maps
        "tune-schedules",  # before the next two: it begins with what they would choose
        "keep-feature-maps-local",
        "put-rows-first",
        "choose-schedules",  # after it: blocks fit beside what is local, and use it where it lies
    ),
    "lower-to-dma": (
        "lower-to-primitives",
        "convert-to-blocks",
        "order-layers",
        "prefetch-operands",  # after it: it moves loads in an order that is there
    ),
    "lower-to-dsa": (
        "lower-to-dma",
        "plan-memory",
        "limit-reservations",  # after it: who meets in a bank follows from addresses
        "convert-to-instructions",
    ),
}
"""Name of a pipeline -> names of its passes, in order. Each pipeline is a pass itself, under its name.

There is one for each level, whose result it is, and it begins with the one before.
"""


def levels_between(start: str, level: str) -> Sequence[str]:
    """The levels that a module at level `start` goes through down to `level`.

    The graph level is one of them, for it is optimised; any other is taken as it is given.
    """
    first, last = LEVELS.index(start), LEVELS.index(level)
    return LEVELS[first + 1 if first else 0 : last + 1]


def passes_to(level: str) -> list[str]:
    """The passes from the level before to `level`."""
    names = list(PIPELINES.values())[LEVELS.index(level)]
    return [name for name in names if name not in PIPELINES]


def passes_of(pipeline: str, start: str) -> list[str]:
    """The passes of a pipeline that a module at level `start` goes through."""
    level = LEVELS[list(PIPELINES).index(pipeline)]
    return [name for each in levels_between(start, level) for name in passes_to(each)]
