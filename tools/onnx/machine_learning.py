"""The operators of ai.onnx.ml for numbers: scalers, linear models, ensembles of trees, as operators of ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto

from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported
from xnn.tools.onnx.trees import leaves_of


def _real(rules: Rules, place: int = 0) -> str:
    """An input as f32."""
    name = rules.name(place)
    if rules.importer.dtype_of(name) == np.float32:
        return name
    return rules.add("Cast", name, to=TensorProto.FLOAT)


def _f32(rules: Rules, values: Any) -> str:
    return rules.constant(values, np.float32)


def _transformed(rules: Rules, scores: str) -> str:
    """Scores after `post_transform`."""
    match kind := rules.attributes.get("post_transform", b"NONE"):
        case b"NONE":
            return scores
        case b"LOGISTIC":
            return rules.add("Sigmoid", scores)
        case b"SOFTMAX":
            return rules.add("Softmax", scores, axis=-1)
        case _:
            raise Unsupported(f"post_transform = {kind.decode()}")


def expand_scaler(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    offset, scale = (
        rules.attributes.get(name, each) for name, each in (("offset", [0]), ("scale", [1]))
    )
    moved = rules.add("Sub", _real(rules), _f32(rules, offset))
    rules.add("Mul", moved, _f32(rules, scale), output=node.output[0])


def expand_normalizer(importer: Importer, node: NodeProto) -> None:
    """Each row over its norm; over the least number where that is zero, so that it stays zero."""
    rules = Rules(importer, node)
    reduce = {b"MAX": "ReduceMax", b"L1": "ReduceL1", b"L2": "ReduceL2"}
    x, axis = _real(rules), rules.constant([-1])
    norm = rules.add(reduce[rules.attributes.get("norm", b"MAX")], x, axis)
    is_zero = rules.add("Equal", norm, _f32(rules, 0))
    norm = rules.add("Where", is_zero, _f32(rules, 1), norm)
    rules.add("Div", x, norm, output=node.output[0])


def _linear(rules: Rules, rows: int) -> str:
    """The products of x with the first so many rows of coefficients, plus intercepts."""
    features = rules.shape(0)[-1]
    weights = np.array(rules.attributes["coefficients"], np.float32)[: rows * features]
    weights = weights.reshape(rows, features).T
    scores = rules.add("MatMul", _real(rules), _f32(rules, weights))
    if intercepts := rules.attributes.get("intercepts", []):
        scores = rules.add("Add", scores, _f32(rules, intercepts))
    return scores


def expand_linear_regressor(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    scores = _linear(rules, rules.attributes.get("targets", 1))
    rules.add("Identity", _transformed(rules, scores), output=node.output[0])


def _labels(rules: Rules, *names: str) -> Sequence[int]:
    """The integers that classes are called; raises Unsupported for strings, if they are used."""
    found = next((rules.attributes[name] for name in names if name in rules.attributes), None)
    if found is None:
        raise Unsupported("its labels are strings")
    return found


def _labelled(rules: Rules, labels: Sequence[int], chosen: str) -> None:
    """The first output: the labels of classes by their numbers."""
    rules.add("Gather", rules.constant(labels), chosen, output=rules.node.output[0])


def _binary(rules: Rules, labels: Sequence[int], score: str, *, of_one: bool) -> None:
    """Two classes by one score [batch, 1], a probability if it is `of_one`: below a half, or below zero, the first."""
    kind = rules.attributes.get("post_transform", b"NONE")
    if kind not in (b"NONE", b"LOGISTIC"):
        raise Unsupported(f"post_transform = {kind.decode()} of one score")
    found = rules.add("Greater", score, _f32(rules, 0.5 if of_one else 0.0))
    found = rules.add(
        "Cast", rules.add("Reshape", found, rules.constant([-1])), to=TensorProto.INT64
    )
    _labelled(rules, labels, found)
    if of_one and kind == b"NONE":
        other = rules.add("Sub", _f32(rules, 1), score)
    else:
        other = rules.add("Neg", score)
    both = _transformed(rules, rules.add("Concat", other, score, axis=1))
    rules.add("Identity", both, output=rules.node.output[1])


def _several(rules: Rules, labels: Sequence[int], scores: str) -> None:
    """The class of the largest score, of equal ones the first; what scores become."""
    _labelled(rules, labels, rules.add("ArgMax", scores, axis=1, keepdims=0))
    rules.add("Identity", _transformed(rules, scores), output=rules.node.output[1])


def expand_linear_classifier(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    labels = _labels(rules, "classlabels_ints")
    rows = len(rules.attributes.get("intercepts", labels))
    if rows != len(labels):
        raise Unsupported(f"{rows} scores for {len(labels)} classes")
    _several(rules, labels, _linear(rules, rows))


def expand_trees_regressor(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    sums = leaves_of(rules, _real(rules), "target", rules.attributes.get("n_targets", 1))
    rules.add("Identity", _transformed(rules, sums), output=node.output[0])


def expand_trees_classifier(importer: Importer, node: NodeProto) -> None:
    """Two classes may have leaves of one of them alone."""
    rules = Rules(importer, node)
    labels = _labels(rules, "classlabels_int64s")
    weights = rules.attributes["class_weights"]
    if len(labels) == 2 and len({*rules.attributes["class_ids"]}) == 1:
        rules.attributes["class_ids"] = [0] * len(weights)
        score = leaves_of(rules, _real(rules), "class", 1)
        _binary(rules, labels, score, of_one=min(weights) >= 0)
        return
    _several(rules, labels, leaves_of(rules, _real(rules), "class", len(labels)))


def expand_zip_map(importer: Importer, node: NodeProto) -> None:
    """A column for each label, as they stand: there are no maps."""
    Rules(importer, node).add("Identity", node.input[0], output=node.output[0])


def expand_feature_vectorizer(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    parts = [_real(rules, place) for place in range(len(node.input))]
    rules.add("Concat", *parts, output=node.output[0], axis=1)


def expand_imputer(importer: Importer, node: NodeProto) -> None:
    """Values in place of those that are missing: NaN, or a number."""
    rules = Rules(importer, node)
    given = rules.attributes
    if "imputed_value_int64s" in given:
        dtype, values = np.dtype(np.int64), given["imputed_value_int64s"]
        missing = given.get("replaced_value_int64", 0)
    else:
        dtype, values = np.dtype(np.float32), given["imputed_value_floats"]
        missing = given.get("replaced_value_float", 0.0)
    x = rules.name(0)
    is_missing = (
        rules.add("IsNaN", x)
        if missing != missing
        else rules.add("Equal", x, rules.constant(missing, dtype))
    )
    rules.add("Where", is_missing, rules.constant(values, dtype), x, output=node.output[0])


def expand_one_hot_encoder(importer: Importer, node: NodeProto) -> None:
    """Which of the categories an element is, one after the other along an axis more."""
    rules = Rules(importer, node)
    if "cats_int64s" not in rules.attributes:
        raise Unsupported("its categories are strings")
    whole = rules.add("Cast", rules.name(0), to=TensorProto.INT64)
    column = rules.add("Unsqueeze", whole, rules.constant([-1]))
    found = rules.add("Equal", column, rules.constant(rules.attributes["cats_int64s"]))
    rules.add("Cast", found, output=node.output[0], to=TensorProto.FLOAT)


MACHINE_LEARNING: dict[str, Expansion] = {
    "Scaler": expand_scaler,
    "Normalizer": expand_normalizer,
    "LinearRegressor": expand_linear_regressor,
    "LinearClassifier": expand_linear_classifier,
    "TreeEnsembleRegressor": expand_trees_regressor,
    "TreeEnsembleClassifier": expand_trees_classifier,
    "ZipMap": expand_zip_map,
    "FeatureVectorizer": expand_feature_vectorizer,
    "Imputer": expand_imputer,
    "OneHotEncoder": expand_one_hot_encoder,
}
"""What expands an operator of ai.onnx.ml."""
