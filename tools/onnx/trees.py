"""Ensembles of decision trees: all trees of all samples go down a branch at a time, by indexed transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported

COMPARE = {
    "BRANCH_LEQ": ("LessOrEqual", False),
    "BRANCH_LT": ("Less", False),
    "BRANCH_GTE": ("GreaterOrEqual", False),
    "BRANCH_GT": ("Greater", False),
    "BRANCH_EQ": ("Equal", False),
    "BRANCH_NEQ": ("Equal", True),
}
"""By mode of a node, what compares an element with its value, and whether the opposite counts."""
DEEPEST = 256


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees by number; a leaf follows itself."""

    mode: str
    feature: np.ndarray
    value: np.ndarray
    yes: np.ndarray
    no: np.ndarray
    missing: np.ndarray
    """Whether NaN takes the branch for yes."""
    roots: np.ndarray
    depth: int
    places: dict[tuple[int, int], int]
    """By tree and number of a node in it, its number among all."""

    @classmethod
    def of(cls, given: dict[str, Any]) -> Trees:
        keys = [*zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True)]
        places = {key: place for place, key in enumerate(keys)}
        modes = [mode.decode() for mode in given["nodes_modes"]]
        branches = {mode for mode in modes if mode != "LEAF"}
        if len(branches) > 1 or not branches <= COMPARE.keys():
            raise Unsupported(f"branches of modes {', '.join(sorted(branches))}")
        own, leaf = np.arange(len(keys)), np.array(modes) == "LEAF"

        def next_of(name: str) -> np.ndarray:
            there = zip(keys, given[name], leaf, own, strict=True)
            return np.array([o if end else places[tree, n] for (tree, _), n, end, o in there])

        try:
            yes, no = next_of("nodes_truenodeids"), next_of("nodes_falsenodeids")
        except KeyError:
            raise Unsupported("a branch leads to no node of its tree") from None
        roots = np.setdiff1d(own, np.concatenate([yes[~leaf], no[~leaf]]))
        depth, here = 0, roots
        while not leaf[here].all():
            here, depth = np.unique([yes[here], no[here]]), depth + 1
            if depth > DEEPEST:
                raise Unsupported(f"trees of more than {DEEPEST} branches, one after the other")
        missing = given.get("nodes_missing_value_tracks_true") or [0] * len(keys)
        return cls(
            next(iter(branches), "BRANCH_LEQ"),
            np.array(given["nodes_featureids"]) * ~leaf,
            np.array(given["nodes_values"], np.float32),
            yes,
            no,
            np.array(missing, bool),
            roots,
            depth,
            places,
        )

    def require_scores(self, has: np.ndarray) -> None:
        """Raises Unsupported unless each target has a weight in all leaves of a tree: others may have no score."""
        scored = np.zeros(has.shape[1], bool)
        for root in self.roots:
            here = np.array([root])
            for _ in range(self.depth):
                here = np.unique([self.yes[here], self.no[here]])
            scored |= has[here].all(axis=0)
        if not scored.all():
            raise Unsupported("a target that no tree has in all of its leaves")


def leaves_of(rules: Rules, x: str, kind: str, targets: int) -> str:
    """[batch, targets]: the weights of the leaves that samples x [batch, features] come to, together.

    `kind` is what attributes call targets. Raises Unsupported for trees whose branches are of several modes.
    """
    given, add, constant = rules.attributes, rules.add, rules.constant
    trees = Trees.of(given)
    batch, operator = rules.importer.shape_of(x)[0], COMPARE[trees.mode]
    here = constant(np.broadcast_to(trees.roots, (batch, len(trees.roots))))
    tables = [constant(each) for each in (trees.feature, trees.yes, trees.no)]
    values = constant(trees.value, np.float32)
    for _ in range(trees.depth):
        feature, yes, no = (add("Gather", table, here) for table in tables)
        element = add("GatherElements", x, feature, axis=1)
        goes = add(operator[0], element, add("Gather", values, here))
        goes = add("Not", goes) if operator[1] else goes
        if trees.missing.any():
            tracks = add("Gather", constant(trees.missing, np.bool_), here)
            goes = add("Or", goes, add("And", add("IsNaN", element), tracks))
        here = add("Where", goes, yes, no)
    weights, has = np.zeros((2, len(trees.feature), targets), np.float32)
    of_leaf = (given[f"{kind}_{name}"] for name in ("treeids", "nodeids", "ids", "weights"))
    for tree, node, target, weight in zip(*of_leaf, strict=True):
        weights[trees.places[tree, node], target] += weight
        has[trees.places[tree, node], target] = 1
    trees.require_scores(has)
    found = add("Gather", constant(weights, np.float32), here)
    function = given.get("aggregate_function", b"SUM").decode()
    if function not in ("SUM", "AVERAGE"):
        raise Unsupported(f"aggregate_function = {function}")
    found = add("ReduceSum", found, constant([1]), keepdims=0)
    if function == "AVERAGE":
        found = add("Div", found, constant(len(trees.roots), np.float32))
    if base := given.get("base_values"):
        found = add("Add", found, constant(base, np.float32))
    return found
