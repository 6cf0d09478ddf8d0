"""What only moves data, at all levels: values against onnxruntime, cycles against the prediction."""

from random import Random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.programs import programs
from tests.runtime.machine.test_machine import check as check_network
from tests.runtime.machine.test_machine import check_report, expected
from tests.runtime.random_networks import Network, random_settings
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.tools.api import compile
from xnn.tools.program import Program

TYPES = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "float16": TensorProto.FLOAT16,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


def network(nodes: list[onnx.NodeProto], shape, result, kind: int, opset: int = 17) -> bytes:
    """A network from "x" to "y"."""
    ends = [
        helper.make_tensor_value_info(*each) for each in (("x", kind, shape), ("y", kind, result))
    ]
    graph = helper.make_graph(nodes, "transfers", ends[:1], ends[1:])
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def check(model: bytes, inputs: dict[str, np.ndarray], settings=()) -> Program:
    """Runs a network at all levels; the results are those of onnxruntime, bit for bit."""
    judge = expected(model, inputs)
    at = programs(model, settings=settings)
    for level, program in at.items():
        outputs, _ = program.run(inputs, sanitize=level == "dsa")
        for name, value in judge.items():
            assert outputs[name].dtype == value.dtype, (level, name)
            np.testing.assert_array_equal(outputs[name], value, f"{name} at level {level}")
    check_report(at["dsa"], inputs)
    return at["dsa"]


def sample(random: Random, shape, name: str) -> np.ndarray:
    numbers = np.random.default_rng(random.randrange(2**32)).integers(-100, 100, shape)
    return numbers.astype(name)


@pytest.mark.parametrize("seed", samples(8, range(40)))
def test_random_transpositions(seed: int):
    """In memories so small that there are many blocks, or none fits."""
    random = Random(seed)
    rank, name = random.randint(2, 6), random.choice(list(TYPES))
    shape = [random.choice([1, 2, 3, 5, 8, 17] if rank < 5 else [1, 2, 3, 4]) for _ in range(rank)]
    x, nodes, now = sample(random, shape, name), [], list(shape)
    for number in range(random.randint(1, 3)):
        perm = random.sample(range(rank), rank)
        source = f"t{number - 1}" if number else "x"
        nodes.append(helper.make_node("Transpose", [source], [f"t{number}"], perm=perm))
        now = [now[axis] for axis in perm]
    nodes.append(helper.make_node("Flatten", [nodes[-1].output[0]], ["y"], axis=1))
    result = [now[0], int(np.prod(now[1:]))]
    try:
        check(network(nodes, shape, result, TYPES[name]), {"x": x}, random_settings(seed))
    except UserError as error:
        assert "bytes of local memory" in str(error)


@pytest.mark.parametrize("seed", range(10))
def test_transpositions_are_placed_in_a_concatenation(seed: int):
    """One in another, a pooling among them, and one of what has its place there already."""
    random = Random(seed)
    size, turns = random.choice([2, 5, 8]), [(0, 2, 1, 3), (0, 1, 3, 2), (0, 3, 2, 1), (0, 2, 3, 1)]
    perms = [random.choice(turns), *random.sample(turns[:3], 2)]
    nodes = [
        helper.make_node("Transpose", ["x"], ["a"], perm=perms[0]),
        helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[1, 1]),
        helper.make_node("Transpose", ["b"], ["c"], perm=perms[1]),
        helper.make_node("Concat", ["c", "a"], ["d"], axis=1),
        helper.make_node("Transpose", ["c"], ["e"], perm=perms[2]),
        helper.make_node("Concat", ["d", "e", "b"], ["y"], axis=1),
    ]
    shape = (1, size, size, size)
    model = network(nodes, shape, (1, 4 * size, size, size), TensorProto.FLOAT)
    program = check(model, {"x": sample(random, shape, "float32")}, random_settings(seed)[1:])
    assert "dsa.general" not in str(program.module)


def shuffle(net: Network, x: str, groups: int) -> str:
    """Channels of `groups` dealt out in turn, as ShuffleNet does between grouped convolutions."""
    batch, channels, *spatial = shape = net.shapes[x]
    apart = (batch, groups, channels // groups, *spatial)
    perm = (0, 2, 1, *range(3, len(apart)))
    for operator, target in (("Reshape", apart), ("Transpose", None), ("Reshape", shape)):
        if target is None:
            x = net.add(operator, [x], tuple(apart[axis] for axis in perm), perm=perm)
        else:
            name = f"shape{len(net.weights)}"
            net.weights.append(numpy_helper.from_array(np.array(target), name))
            x = net.add(operator, [x, name], target)
    return x


def test_a_copy_within_one_buffer():
    """Both sides are parts of a concatenation that stays local."""
    net = Network(0)
    x = net.conv(net.input(1, 6, 4, 4), 6, [1, 1])
    y = net.conv(net.concat(shuffle(net, x, 2), x), 3, [1, 1])
    program = check_network(net.model(y), net.sample(), [])
    assert "copy of" in str(program.module)


@pytest.mark.parametrize("seed", samples(3, range(12)))
def test_random_networks_with_channel_shuffles(seed: int):
    net, random = Network(seed), Random(seed)
    groups = random.choice([2, 3, 4])
    x = net.input(
        random.choice([1, 1, 2]), groups * random.choice([2, 5]), 9, random.choice([4, 9])
    )
    for _ in range(random.randint(2, 4)):
        earlier = x
        channels = net.shapes[x][1]
        x = net.conv(x, channels, [1, 1], groups=groups)
        x = shuffle(net, x, groups)
        x = net.conv(x, channels, [3, 3], pads=[1] * 4, groups=random.choice([1, channels]))
        if random.random() < 0.5:
            x = net.add("Add", [x, earlier], net.shapes[x])
        elif random.random() < 0.5 and net.shapes[x][0] == 1:
            x = net.concat(shuffle(net, x, groups), x)
    try:
        program = check_network(net.model(x), net.sample(), random_settings(seed))
        layers = program.run(net.sample())[1].json()["layers"]
        copied = any(layer["op"] == "transpose" for layer in layers)
        assert copied or any("#group1" in layer["name"] for layer in layers)
    except UserError as error:
        assert "bytes of local memory" in str(error)


def transposition(shape, perm, settings=(), name: str = "float32") -> Program:
    node = helper.make_node("Transpose", ["x"], ["y"], perm=perm)
    model = network([node], shape, [shape[axis] for axis in perm], TYPES[name])
    return check(model, {"x": sample(Random(0), shape, name)}, settings)


def report_of(program: Program, shape) -> dict:
    return program.run({"x": np.zeros(shape, np.float32)})[1].json()


def test_a_transposition_runs_on_transfer_engines_alone():
    shape = (1, 8, 4, 16, 16)
    report = report_of(transposition(shape, (0, 2, 1, 3, 4)), shape)
    (layer,) = report["layers"]
    assert layer["op"] == "transpose" and layer["computation"] == 0
    assert report["general_share"] == {"operations": 0.0, "cycles": 0.0}
    # 32 KiB in and out, at 16 bytes a cycle, each after a latency of 200
    assert report["cycles"] == 2 * (200 + 2048) and layer["bound"] == layer["communication"] == 4096
    assert report["external_burst_bytes"] == 2 * 32768  # rows of 1 KiB: no burst is wasted


def test_blocks_of_a_matrix_keep_whole_bursts_on_both_sides():
    """16 KiB of local memory for 256 KiB: tiles of 16 elements or more, so that no burst is wasted."""
    shape = (256, 256)
    report = report_of(transposition(shape, (1, 0), ["local.banks=4", "local.rows=64"]), shape)
    assert report["external_burst_bytes"] == 2 * 4 * 256 * 256


def test_six_dimensions_that_cannot_be_joined_are_split():
    transposition((3, 2, 3, 2, 3, 2), (5, 3, 1, 4, 2, 0))
    transposition((4, 3, 2, 3, 4, 3), (5, 3, 1, 4, 2, 0), ["local.banks=2", "local.rows=4"], "int8")


def gathering(shape, indices_shape, axis: int, kind: int, index: int, constants=()) -> bytes:
    """Gather of "x" by "i", inputs or among the `constants`."""
    result = [*shape[:axis], *indices_shape, *shape[axis + 1 :]]
    make = helper.make_tensor_value_info
    infos = {"x": make("x", kind, shape), "i": make("i", index, indices_shape)}
    node = helper.make_node("Gather", ["x", "i"], ["y"], axis=axis)
    stored = {each.name for each in constants}
    inputs = [infos[name] for name in ("x", "i") if name not in stored]
    graph = helper.make_graph([node], "gather", inputs, [make("y", kind, result)], constants)
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


@pytest.mark.parametrize("seed", samples(8, range(30)))
def test_random_gathers(seed: int):
    """Embeddings and others: any axis, shape of indices and type; table or indices may be constants."""
    random = Random(seed)
    name, index = random.choice(list(TYPES)), random.choice(["int32", "int64"])
    shape = [random.choice([1, 2, 3, 7, 20, 64]) for _ in range(random.randint(1, 4))]
    axis = random.randrange(len(shape))
    indices_shape = [random.choice([1, 2, 5, 9]) for _ in range(random.randint(0, 3))]
    size = shape[axis]
    drawn = [random.randrange(-size, size) for _ in range(int(np.prod(indices_shape)))]
    inputs = {
        "x": sample(random, shape, name),
        "i": np.array(drawn, index).reshape(indices_shape),
    }
    stored = random.choice(["", "", "x", "i"])
    constants = [numpy_helper.from_array(inputs.pop(each), each) for each in stored]
    model = gathering(shape, indices_shape, axis, TYPES[name], TYPES[index], constants)
    settings = random.choice([[], ["local.banks=2", "local.rows=8"], random_settings(seed)])
    try:
        program = check(model, inputs, settings)
        assert "dsa.general" not in str(program.module)
    except UserError as error:
        assert "bytes of local memory" in str(error)


def test_an_embedding_of_what_is_computed_between_layers():
    """Indices and table are feature maps of other layers, and so is the result."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["table"], perm=[1, 0]),
        helper.make_node("Transpose", ["i"], ["ids"], perm=[1, 0]),
        helper.make_node("Gather", ["table", "ids"], ["rows"], axis=0),
        helper.make_node("Transpose", ["rows"], ["y"], perm=[2, 1, 0]),
    ]
    infos = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, (8, 50)),
        helper.make_tensor_value_info("i", TensorProto.INT64, (3, 4)),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, (8, 3, 4)),
    ]
    graph = helper.make_graph(nodes, "between", infos[:2], infos[2:])
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    random = Random(0)
    indices = np.array([[0, 49, -1, -50], [7, 7, 7, 7], [1, 2, 3, -4]])
    program = check(model, {"x": sample(random, (8, 50), "float32"), "i": indices})
    text = str(program.module)
    assert "dsa.gather" in text and "dsa.general" not in text


@pytest.mark.parametrize("level", ["xnn", "prim", "dma", "dsa"])
def test_computed_indices_outside_of_the_table_are_the_nearest_inside(level: str):
    model = gathering((4, 3), (6,), 0, TensorProto.FLOAT, TensorProto.INT64)
    x, far = np.arange(12, dtype=np.float32).reshape(4, 3), 2**62
    indices = np.array([4, -5, far, -far, 3, -4])
    outputs, _ = compile(model, level=level).run({"x": x, "i": indices})
    np.testing.assert_array_equal(outputs["y"], x[[3, 0, 3, 0, 3, 0]])


def test_time_does_not_depend_on_indices():
    """Rows of 12 bytes: the last crosses a burst, so each index is priced as if it did."""
    reports = []
    for indices in (np.zeros(16, np.int64), np.full(16, 5)):
        model = gathering((6, 3), (16,), 0, TensorProto.FLOAT, TensorProto.INT64)
        x = np.zeros((6, 3), np.float32)
        reports.append(compile(model).run({"x": x, "i": indices})[1].json())
    assert reports[0]["cycles"] == reports[1]["cycles"]
    # indices: 2 bursts; rows: 16 times 2 bursts; at 4 cycles each; then 192 bytes are stored
    assert reports[0]["cycles"] == 200 + 4 * (2 + 32) + 200 + 4 * 3
    assert reports[0]["external_burst_bytes"] == 64 * (2 + 32 + 3)
    assert reports[0]["external_bytes"] == {"read": 128 + 192, "written": 192}
