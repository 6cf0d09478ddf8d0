"""The named pipelines: flat lists of passes, ours and xDSL's, with the reason for each constraint on the order."""

from __future__ import annotations

PIPELINES: dict[str, tuple[str, ...]] = {
    "optimize-graph": (
        "canonicalize",  # first: a dropout between two operators hides each from the other
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
        "convert-to-primitives",
        "pack-weights",  # before fusion, which copies primitives
        "hoist-weights",  # again: conversion and packing make constants of their own
        "fuse-successors",  # before predecessors: post costs nothing, pre runs once per use
        "fuse-predecessors",
        "wrap-general",  # after fusion, for what is left
        "choose-schedules",
    ),
    "lower-to-dma": (
        "lower-to-primitives",
        "convert-to-blocks",
        "keep-feature-maps-local",
    ),
    "lower-to-dsa": (
        "lower-to-dma",
        "plan-memory",
        "convert-to-instructions",
    ),
}
"""Name of a pipeline -> names of its passes, in order. Each pipeline is a pass itself, under its name."""
