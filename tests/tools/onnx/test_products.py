"""Matrix products of any rank, of operands that are computed or constant, against onnxruntime."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from tests.tools.onnx.levels import agree, floats, model_of, node
from xnn.tools.api import compile


@examples(12)
@given(
    st.lists(st.integers(1, 3), max_size=3),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.tuples(*[st.integers(1, 5)] * 3),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.sampled_from(["ab", "a", "b"]),
    st.booleans(),
)
def test_products_of_stacks_that_broadcast(
    stack: list[int], ones: list[bool], sizes: tuple, less: tuple, computed: str, vector: bool
):
    m, k, n = sizes
    shapes = [
        [1 if one else size for one, size in zip(ones[3 * i :], stack, strict=False)][less[i] :]
        for i in range(2)
    ]
    a, b = floats(1, *shapes[0], m, k), floats(2, *shapes[1], k, n)
    if vector and shapes[0] == []:
        a = a[0]
    arrays = {"a": a, "b": b}
    inputs = {name: array for name, array in arrays.items() if name in computed}
    constants = {name: array for name, array in arrays.items() if name not in computed}
    report = agree(
        model_of([node("MatMul", "ab")], inputs, ["y"], constants), inputs, rtol=1e-4, atol=1e-5
    )
    assert report.macs == np.matmul(a, b).size * k


@examples(10)
@given(
    st.tuples(*[st.integers(1, 5)] * 3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "n", "m1", "1n", "mn", "11", ""]),
    st.sampled_from([(1.0, 1.0), (0.5, 2.0)]),
    st.sampled_from(["abc", "a", "b"]),
)
def test_gemm_of_operands_that_are_computed(
    sizes: tuple, turn_a: bool, turn_b: bool, addend: str | None, factors: tuple, computed: str
):
    m, k, n = sizes
    axes = {"m": m, "n": n, "1": 1}
    arrays = {"a": floats(1, *((k, m) if turn_a else (m, k)))}
    arrays["b"] = floats(2, *((n, k) if turn_b else (k, n)))
    if addend is not None:
        arrays["c"] = np.asarray(floats(3, *(axes[each] for each in addend)))
    properties = {"transA": int(turn_a), "transB": int(turn_b), "alpha": factors[0]}
    nodes = [node("Gemm", "".join(arrays), **properties, beta=factors[1])]
    inputs = {name: array for name, array in arrays.items() if name in computed}
    constants = {name: array for name, array in arrays.items() if name not in computed}
    report = agree(model_of(nodes, inputs, ["y"], constants), inputs, rtol=1e-4, atol=1e-5)
    assert report.macs == m * k * n


@pytest.mark.parametrize("form", ["int8", "int8 compute-scale=shift", "f16"])
def test_products_of_feature_maps_in_a_quantised_network(form: str, tmp_path: Path):
    inputs = {"a": floats(1, 2, 6, 16), "b": floats(2, 2, 16, 5)}
    nodes = [node("MatMul", "ab", "p"), node("Relu", "p", "y")]
    np.savez(tmp_path / "samples.npz", a=inputs["a"], b=inputs["b"])
    calibrate = None if form == "f16" else tmp_path / "samples.npz"
    data = model_of(nodes, inputs, ["y"])
    report = agree(data, inputs, atol=0.2, quantize=form, calibrate=calibrate)
    assert report.macs == 2 * 6 * 16 * 5 and "einsum" in [layer.op for layer in report.layers]


def test_transposed_operands_and_results_are_read_as_they_lie():
    inputs = {"a": floats(1, 1, 4, 2, 8), "b": floats(2, 1, 5, 2, 8)}
    nodes = [
        node("Transpose", "a", "c", perm=[0, 2, 1, 3]),
        node("Transpose", "b", "d", perm=[0, 2, 3, 1]),
        node("MatMul", "cd", "e"),
        node("Transpose", "e", "y", perm=[0, 2, 1, 3]),
    ]
    report = agree(model_of(nodes, inputs, ["y"]), inputs, atol=1e-5)
    assert [layer.op for layer in report.layers] == ["transpose", "einsum"]


def test_a_stack_of_matrices_of_unknown_size_by_one():
    a, w = floats(1, 2, 3, 4), floats(2, 4, 5)
    model = model_of([node("MatMul", "aw")], {"a": a}, ["y"], {"w": w})
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    outputs, report = compile(model, bindings={"N": 2}).run({"a": a})
    np.testing.assert_allclose(outputs["y"], a @ w, rtol=1e-5)
    assert [layer.op for layer in report.layers] == ["gemm"]
