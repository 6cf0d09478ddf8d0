"""Operators of ai.onnx.ml, against onnxruntime at every level."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, helper

from tests.tools.onnx.levels import agree, floats, model_of

X = floats(0, 4, 3)


def model(
    operator: str, outputs: Sequence[str] = ("y",), x: np.ndarray = X, **more: Any
) -> ModelProto:
    one = helper.make_node(operator, ["x"], outputs, domain="ai.onnx.ml", **more)
    made = model_of([one], {"x": x}, outputs)
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return made


def check(operator: str, outputs: Sequence[str] = ("y",), x: np.ndarray = X, **more: Any) -> None:
    agree(model(operator, outputs, x, **more), {"x": x}, rtol=1e-5, atol=1e-6)


def test_scaler():
    check("Scaler", offset=[1.0, 2.0, 3.0], scale=[0.5, 2.0, 1.0])


@pytest.mark.parametrize("norm", ["MAX", "L1", "L2"])
def test_normalizer(norm: str):
    x = np.abs(X)
    x[1] = 0
    check("Normalizer", x=x, norm=norm)


@pytest.mark.parametrize("transform", ["NONE", "SOFTMAX"])
def test_linear_models(transform: str):
    weights = {"coefficients": floats(1, 6).tolist(), "intercepts": [0.5, -0.5]}
    check("LinearRegressor", targets=2, post_transform=transform, **weights)
    weights["classlabels_ints"] = [3, 7]
    check("LinearClassifier", ["y", "z"], post_transform=transform, **weights)


def test_values_that_are_missing_and_categories():
    x = X.copy()
    x[1, 2] = np.nan
    check("Imputer", x=x, imputed_value_floats=[1.0, 2.0, 3.0], replaced_value_float=np.nan)
    check("OneHotEncoder", x=np.array([2, 5, 2, 9]), cats_int64s=[2, 9, 5])


def trees(kind: str, ids: Sequence[int], mode: str = "BRANCH_LEQ") -> dict[str, Any]:
    """Two trees: one of three leaves, one of two."""
    weights = [0.25, 0.5, 0.75, 0.1, 0.4]
    count = len(ids) // len(weights)
    return {
        "nodes_treeids": [0, 0, 0, 0, 0, 1, 1, 1],
        "nodes_nodeids": [0, 1, 2, 3, 4, 0, 1, 2],
        "nodes_featureids": [0, 2, 0, 0, 0, 1, 0, 0],
        "nodes_values": [0.1, -0.2, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0],
        "nodes_modes": [mode, mode, "LEAF", "LEAF", "LEAF", mode, "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 2, 0, 0, 0, 1, 0, 0],
        "nodes_falsenodeids": [4, 3, 0, 0, 0, 2, 0, 0],
        "nodes_missing_value_tracks_true": [1, 0, 0, 0, 0, 0, 0, 0],
        f"{kind}_treeids": np.repeat([0, 0, 0, 1, 1], count).tolist(),
        f"{kind}_nodeids": np.repeat([2, 3, 4, 1, 2], count).tolist(),
        f"{kind}_ids": ids,
        f"{kind}_weights": [weight * (i + 1) for weight in weights for i in range(count)],
    }


@pytest.mark.parametrize("mode", ["BRANCH_LEQ", "BRANCH_NEQ"])
def test_a_regressor_of_trees(mode: str):
    x = X.copy()
    x[0, 0] = np.nan
    given = trees("target", [0, 1] * 5, mode)
    check("TreeEnsembleRegressor", x=x, n_targets=2, base_values=[0.5, 1.0], **given)


@pytest.mark.parametrize(
    "transform, classes, shift",
    [
        ("NONE", 2, 0.0),
        ("LOGISTIC", 2, -0.5),
        ("LOGISTIC", 3, 0.0),
        pytest.param("NONE", 2, -0.5, marks=pytest.mark.slow),
        pytest.param("LOGISTIC", 2, 0.0, marks=pytest.mark.slow),
        pytest.param("NONE", 3, 0.0, marks=pytest.mark.slow),
    ],
)
def test_a_classifier_of_trees(transform: str, classes: int, shift: float):
    given = trees("class", [2, 0, 1] * 5 if classes == 3 else [0] * 5)
    given["class_weights"] = [each + shift for each in given["class_weights"]]
    labels = [4, 5, 9][:classes]
    more = {"classlabels_int64s": labels, "post_transform": transform}
    check("TreeEnsembleClassifier", ["y", "z"], **given, **more)
