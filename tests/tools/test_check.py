"""`xnn.check` and `xnn-run --check`: what a network consists of, and all that keeps it from running."""

import json
from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.parser import parse_model

import xnn
from xnn.dialects.diagnostics import UserError
from xnn.tools.checking.report import CheckReport, Fault
from xnn.tools.xnn_run import main

DIGITS = "tools/networks/digits.onnx"


def runs_on(report: CheckReport) -> dict[str, Counter[str]]:
    return {use.operator: Counter(use.runs_on) for use in report.operators}


def test_the_digits_network():
    report = xnn.check(DIGITS)
    assert report.runs and not report.faults and not report.dimensions
    assert runs_on(report) == {
        "Conv": {"matmul": 4},
        "BatchNormalization": {"fused into matmul": 4},
        "Relu": {"fused into matmul": 4},
        "Add": {"fused into matmul": 1},
        "MaxPool": {"sort": 1},
        "GlobalAveragePool": {"matmul": 1},
        "Flatten": {"view": 1},
        "Gemm": {"matmul": 1},
        "Softmax": {"vector": 1},
    }
    assert report.inputs == {"image": "f32 [1, 1, 8, 8]"}
    _, ran = xnn.compile(DIGITS).run({"image": np.zeros((1, 1, 8, 8), np.float32)})
    assert report.macs == ran.macs
    sizes = [int(np.prod(t.dims)) for t in onnx.load(DIGITS).graph.initializer]
    assert (report.parameters, report.parameter_bytes) == (sum(sizes), 4 * sum(sizes))


def test_text_of_the_graph_level_says_the_same():
    module = xnn.compile(DIGITS, level="xnn").module
    assert xnn.check(module).macs == xnn.check(DIGITS).macs
    with pytest.raises(UserError, match="at level prim already"):
        xnn.check(xnn.compile(DIGITS, level="prim").module)


GRAPH = """
    <ir_version: 8, opset_import: ["" : 18, "custom.domain" : 2]>
    g (float[1, 4] x) => (float[1, 4] y) {
        a = custom.domain.Twist <speed = 3> (x)
        b = custom.domain.Twist (x)
        c = Mystery (a)
        d = Relu (x)
        e = Det (d)
        f = Add (d, b)
        y = Add (c, f)
    }
"""


def test_all_that_blocks_is_listed_and_the_rest_looked_at():
    report = xnn.check(parse_model(GRAPH))
    no_twist = "custom.domain::Twist is no operator of ONNX, and no function is registered"
    assert not report.runs
    assert report.faults[:2] == (
        Fault("a", "Twist", no_twist),
        Fault("b", "Twist", no_twist),
    )
    assert [each.what for each in report.faults] == ["a", "b", "c"]
    assert "has no Mystery" in report.faults[2].reason
    assert runs_on(report) == {
        "custom.domain::Twist": {"not supported": 2},
        "Mystery": {"not supported": 1},
        "Relu": {"vector": 1},
        "Det": {"unused": 1},
        "Add": {"unknown": 2},
    }
    assert f'Twist "a", "b": {no_twist}' in report.text()


def test_what_the_model_says_of_types_is_believed():
    model = parse_model(GRAPH)
    for name in "abc":
        info = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4])
        model.graph.value_info.append(info)
    report = xnn.check(model)
    assert not report.runs and len(report.faults) == 3
    assert runs_on(report)["Relu"] == {"vector": 1}
    assert runs_on(report)["Add"] == {"fused into vector": 2}
    assert list(report.inputs) == ["x"]


SYMBOLIC = parse_model("""
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n, 2, rows, rows] x) => (float[n, 3, r, r] y) <float[3, 2, 5, 5] w> {
        y = Conv (x, w)
    }
""")
SYMBOLIC.graph.initializer.append(
    numpy_helper.from_array(np.ones((3, 2, 5, 5), np.float32), name="w")
)


def test_dimensions_without_a_size():
    report = xnn.check(SYMBOLIC)
    assert not report.runs and not report.faults
    assert report.dimensions == ("n", "rows")
    assert report.assumed == {"n": 1, "rows": 32}  # one row is too small for the kernel
    assert report.macs == 3 * 2 * 25 * 28 * 28
    assert "say --bind n=... --bind rows=..." in report.text()
    bound = xnn.check(SYMBOLIC, bindings={"n": 2, "rows": 8})
    assert bound.runs and bound.macs == 2 * 3 * 2 * 25 * 4 * 4


def test_missing_external_data(tmp_path, capsys):
    model = onnx.ModelProto.FromString(SYMBOLIC.SerializeToString())
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()
    assert main([str(path), "--check", "--bind", "n=1", "--bind", "rows=8"]) == 1
    printed = capsys.readouterr().out
    assert "m does not run on edge" in printed
    assert "  tensor w: its data file w.bin does not exist" in printed
    assert runs_on(xnn.check(path, bindings={"n": 1, "rows": 8})) == {"Conv": {"matmul": 1}}


def test_inputs_of_unknown_elements(capsys):
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Relu", ["z"], ["u"])],
        "g",
        [
            helper.make_tensor_value_info("x", TensorProto.COMPLEX64, [2]),
            helper.make_tensor_value_info("z", TensorProto.STRING, [2]),
        ],
        [helper.make_empty_tensor_value_info("y"), helper.make_empty_tensor_value_info("u")],
    )
    report = xnn.check(helper.make_model(graph))
    assert [(each.what, each.reason) for each in report.faults] == [
        ("input x", "has elements of type COMPLEX64, which is not supported"),
        ("input z", "has elements of type STRING, which is not supported"),
    ]
    with pytest.raises(UserError, match="input x has elements .*\ninput z has elements"):
        xnn.compile(helper.make_model(graph))


def test_a_cycle_is_one_fault_of_the_whole():
    model = parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[2] x) => (float[2] y) { y = Relu(x) }
    """)
    model.graph.node[0].input[0] = "y"
    report = xnn.check(model)
    assert report.faults == (Fault("", "", 'the model has a cycle through node "y" (Relu)'),)
    assert runs_on(report) == {"Relu": {"unknown": 1}}
    assert report.text().startswith("g does not run\n")


def test_feature_maps_at_once():
    model = parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[256] x) => (float[256] y) {
            a = ReduceSum <keepdims = 1> (x)
            b = Div (x, a)
            c = Cos (b)
            y = Concat <axis = 0> (b, c)
        }
    """)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    model.graph.output[0].type.tensor_type.shape.dim.add().dim_value = 512
    # x and its sum, until there are both halves of y
    assert xnn.check(model).peak_bytes == 4 * (256 + 1 + 512)


@pytest.mark.parametrize("content", [b"", b"\x08\x00nothing", b"\xff" * 100])
def test_what_is_no_model_is_one_line(tmp_path, capsys, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    assert main([str(path), "--check"]) == 1
    printed = capsys.readouterr()
    assert not printed.out and printed.err.startswith("error: ") and printed.err.count("\n") == 1


def test_json_and_exit_code(capsys):
    assert main([DIGITS, "--check", "--report", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == 1 and report["runs"] and report["macs"] == 104256
    assert {"operator": "MaxPool", "count": 1, "runs_on": {"sort": 1}} in report["operators"]


def test_parameters_that_do_not_fit_the_target():
    report = xnn.check(DIGITS, settings=["external.capacity_bytes=16384"])
    assert [each.what for each in report.faults] == [""] and "16,384" in report.faults[0].reason
    with pytest.raises(UserError, match="external memory"):
        xnn.compile(DIGITS, settings=["external.capacity_bytes=16384"])


def test_a_constant_that_cannot_be_read_ends_nothing():
    broken = helper.make_tensor("w", TensorProto.FLOAT, [4], np.ones(4, np.float32))
    del broken.float_data[:]
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["c"], value=broken),
            helper.make_node("Add", ["x", "c"], ["y"]),
            helper.make_node("Relu", ["x"], ["z"]),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_empty_tensor_value_info(name) for name in "yz"],
    )
    report = xnn.check(helper.make_model(graph))
    assert len(report.faults) == 1 and "does not fit tensor<4xf32>" in report.faults[0].reason
    assert runs_on(report)["Relu"] == {"vector": 1}


def test_a_feature_map_that_no_memory_holds():
    graph = helper.make_graph(
        [
            helper.make_node("Expand", ["x", "sizes"], ["wide"]),
            helper.make_node("ReduceSum", ["wide"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1])],
        [helper.make_empty_tensor_value_info("y")],
        [helper.make_tensor("sizes", TensorProto.INT64, [2], [1 << 20, 1 << 20])],
    )
    faults = xnn.check(helper.make_model(graph)).faults
    assert [fault.reason for fault in faults if fault.what == "wide"] == [
        "its result takes 4,398,046,511,104 bytes of external memory, of which edge has 4,294,967,296"
    ]
