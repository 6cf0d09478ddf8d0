"""State: the same values at every level, run after run, as onnxruntime has when it is fed its own outputs."""

from random import Random

import numpy as np
import onnx.parser
import onnxruntime
import pytest
from xdsl.parser import Parser

import xnn
from tests.programs import programs
from tests.runtime.random_networks import STEPS, Network
from tests.samples import grid, samples
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import TransferOp
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.convert_to_blocks import ConvertToBlocks
from xnn.runtime.io.npz import write_arrays
from xnn.runtime.machine.sanitizer import sanitize
from xnn.runtime.report.counting import build_report
from xnn.tools.parsing import make_context

RUNS = 3
SETTINGS = [[], ["local.rows=4", "local.banks=4", "dma.channels=3"]]
TOLERANCE = 1e-4
Ties = dict[str, str]


def stateful_network(seed: int) -> tuple[bytes, Ties]:
    """A random network with inputs that are state, tied to any of its values of the same shape."""
    net, random = Network(seed), Random(seed)
    shape = (
        random.choice([1, 1, 2]),
        random.choice([1, 3, 8]),
        *random.choice([(7,), (5, 6), (12, 12)]),
    )
    values = [net.input(*shape) for _ in range(random.randint(2, 3))]
    inputs, net.random = list(values), random
    for _ in range(random.randint(1, 6)):
        x = random.choice(values)
        if random.random() < 0.4:
            kind, other = random.choice(["Add", "Mul", "Sub"]), random.choice(values)
            values.append(net.add(kind, [x, other], shape))
        else:
            values.append(random.choice(STEPS)(net, x))
            values = [value for value in values if net.shapes[value] == shape]
    if random.random() < 0.3:
        values.append(
            net.conv(net.concat(x, random.choice(values)), shape[1], [1] * len(shape[2:]))
        )
    states = random.sample(inputs, random.randint(1, len(inputs) - 1))
    made = values[len(inputs) :] if random.random() < 0.8 else []
    outputs = [net.add("Identity", [random.choice(made or values)], shape) for _ in states]
    ties = dict(zip(states, outputs, strict=True))
    more = [random.choice(values) for _ in range(random.randint(0, 2))]
    outputs += [net.add("Identity", [value], shape) for value in more]
    random.shuffle(outputs)
    return net.model(*outputs), ties


def expected_outputs(model: bytes, ties: Ties, runs: list, state: dict) -> list[dict]:
    """onnxruntime's outputs of each run, which are fed to the next by hand."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names, result = [output.name for output in session.get_outputs()], []
    for inputs in runs:
        found = dict(zip(names, session.run(names, {**state, **inputs}), strict=True))
        state = {argument: found[output] for argument, output in ties.items()}
        result.append(found)
    return result


def pairs(ties: Ties) -> list[str]:
    return [f"{one}={other}" for one, other in ties.items()]


def assert_close(found: dict, expected: dict, where: str) -> None:
    for name, value in expected.items():
        limit = TOLERANCE * max(1, np.abs(value).max())
        np.testing.assert_allclose(found[name], value, 0, limit, err_msg=f"{name} at {where}")


def check(model: bytes, ties: Ties, settings: list[str]) -> None:
    """All levels, the machine sanitised, agree with onnxruntime."""
    at = list(programs(model, ties=pairs(ties), settings=settings).values())
    rng = np.random.default_rng(0)

    def drawn(state: bool) -> dict[str, np.ndarray]:
        ports = [port for port in at[0].inputs if port.is_state == state]
        return {port.name: rng.standard_normal(port.shape, np.float32) for port in ports}

    runs, start = [drawn(False) for _ in range(RUNS)], drawn(True)
    expected = expected_outputs(model, ties, runs, start)
    for program in at:
        program.set_state(start)
        cycles = set()
        for inputs, outputs in zip(runs, expected, strict=True):
            found, report = program.run(inputs)
            assert_close(found, outputs, program.level)
            assert_close(program.state, {a: outputs[o] for a, o in ties.items()}, program.level)
            cycles.add((report.cycles, report.predicted_cycles))
        assert len(cycles) == 1
    assert (machine := at[-1].session.machine) is not None
    assert not sanitize(machine)
    report = build_report("", "", "dsa", machine, {})
    assert report.cycles == report.predicted_cycles and report.bounds is not None
    assert report.bounds.network <= (report.cycles or 0)


@pytest.mark.parametrize("seed", samples(4, range(16)))
def test_all_levels_agree_run_after_run(seed: int):
    check(*stateful_network(seed), SETTINGS[seed % 2])


HEADER = """
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[1,2,20,12] x, float[1,2,20,12] h, float[1,2,20,12] g) => ({outputs})
    <float[2,2,1,1] w = {{1, 2, -1, 0.5}}, float[2,1,1,1] scale = {{0.5, -1}}, float[1,2,1,1] row = {{1, 2}},
     int64[2] flat = {{1, 480}}, int64[4] image = {{1, 2, 20, 12}},
     float[1,2,20,12] zero = {{{zeros}}}>
    {{ {body} }}"""
POOL = "MaxPool<kernel_shape=[3,3], pads=[1,1,1,1]>"
CASES: dict[str, tuple[str, Ties, int]] = {
    "blocks read what they write": ("a = Mul(h, x) h2 = Add(a, x)", {"h": "h2"}, 0),
    "blocks read a whole group": ("h2 = Conv<group=2>(h, scale)", {"h": "h2"}, 0),
    "windows overlap": (f"p = {POOL}(h) h2 = Add(p, x)", {"h": "h2"}, 1),
    "sums over all channels": ("p = Conv(h, w) h2 = Add(p, x)", {"h": "h2"}, 1),
    "read before": (f"p = {POOL}(h) h2 = {POOL}(x)", {"h": "h2"}, 0),
    "read before by another engine": (
        f"y = Concat<axis=3>(x, h) h2 = {POOL}(x)",
        {"h": "h2"},
        0,
    ),
    "read after": (f"h2 = {POOL}(x) n = Neg(h2) y = {POOL}(h) z = Add(n, y)", {"h": "h2"}, 1),
    "a view": (
        f"a = {POOL}(x) b = Add(h, x) f = Reshape(a, flat) h2 = Reshape(f, image)", {"h": "h2"}, 0,
    ),
    "views of it are read": (
        "f = Reshape(h, flat) a = Relu(f) b = Reshape(a, image) h2 = Add(b, x)", {"h": "h2"}, 0,
    ),
    "a concatenation": (
        "y = Add(h, x) a = Conv(x, row) b = Neg(a) h2 = Concat<axis=1>(a, b)", {"h": "h2"}, 0,
    ),
    "two states are swapped": ("h2 = Identity(g) g2 = Identity(h)", {"h": "h2", "g": "g2"}, 3),
    "a delay": ("h2 = Identity(x) g2 = Identity(h)", {"h": "h2", "g": "g2"}, 2),
    "one value for two": ("h2 = Add(h, x) g2 = Identity(h2)", {"h": "h2", "g": "g2"}, 1),
    "the old value is an output": ("h2 = Add(h, x) y = Identity(h)", {"h": "h2"}, 2),
    "the new value is an output": ("h2 = Add(h, x) y = Identity(h2)", {"h": "h2"}, 0),
    "it stays": ("h2 = Identity(h) y = Add(h, x)", {"h": "h2"}, 0),
    "an input": ("h2 = Identity(x)", {"h": "h2"}, 1),
    "weights": ("h2 = Identity(zero) y = Add(h, x)", {"h": "h2"}, 1),
    "general compute": (
        "c = Concat<axis=3>(x, h) m = MaxPool<kernel_shape=[1,2], strides=[1,2]>(c) h2 = Add(m, x)",
        {"h": "h2"}, 0,
    ),
}  # fmt: skip
"""Bodies of networks, their ties, and how many copies their state takes."""


@pytest.mark.parametrize("case, settings", grid(len(CASES), CASES, SETTINGS))
def test_values_lie_where_the_old_ones_did_if_nothing_reads_those(case: str, settings: list[str]):
    body, ties, copies = CASES[case]
    outputs = [*ties.values(), *(name for name in ("y", "z") if f"{name} = " in body)]
    signature = ", ".join(f"float[1,2,20,width_of_{name}] {name}" for name in outputs)
    text = HEADER.format(body=body, outputs=signature, zeros=", ".join(["0"] * 480))
    model = onnx.parser.parse_model(text).SerializeToString()
    check(model, ties, settings)
    nodes = main_function(xnn.compile(model, ties=pairs(ties), level="prim").module).body.block.ops
    found = [op for op in nodes if isinstance(op, TransferOp) and op.operator.data == "copy"]
    assert len(found) == copies


COUNTER = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["" : 17]>
    counter (float[1,4] x, float[1,4] total) => (float[1,4] sum)
    { sum = Add(x, total) }""")
ONES = np.ones((1, 4), np.float32)


@pytest.mark.parametrize("level", LEVELS)
def test_state_is_kept_read_set_and_reset(level: str):
    program = xnn.compile(COUNTER, ties=["total=sum"], level=level)
    assert [port.name for port in program.inputs if port.is_state] == ["total"]
    assert program.state["total"].tolist() == [[0] * 4]
    for number in (1, 2):
        outputs, _ = program.run({"x": ONES})
        assert outputs["sum"].tolist() == program.state["total"].tolist() == [[number] * 4]
    outputs["sum"][...] = program.state["total"][...] = 9  # the caller's to keep
    outputs, _ = program.run({"x": np.concatenate([ONES, 2 * ONES])})  # samples in order
    assert outputs["sum"].tolist() == [[3] * 4, [5] * 4]
    value = 10 * ONES
    program.set_state({"total": value})
    value[...] = 0
    assert program.run({"x": ONES})[0]["sum"].tolist() == [[11] * 4]
    program.reset_state()
    assert program.run({"x": ONES})[0]["sum"].tolist() == [[1] * 4]
    outputs, _ = program.run({"x": ONES, "total": 5 * ONES})  # given as an input
    assert outputs["sum"].tolist() == program.state["total"].tolist() == [[6] * 4]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"totals": ONES}, "the network has no input 'totals': did you mean total?"),
        ({"x": ONES}, "the network has no input 'x'"),
        ({"total": ONES[0]}, r"input 'total' is float32\[4\], expected float32\[1, 4\]"),
        ({"total": np.ones((2, 4), np.float32)}, "state is one value of each, not several samples"),
        ({"total": [1]}, "input 'total' is int64"),
    ],
)
def test_state_that_does_not_fit(state: dict, message: str):
    with pytest.raises(UserError, match=message):
        xnn.compile(COUNTER, ties=["total=sum"], level="xnn").set_state(state)


def test_ranges_of_state_come_from_the_runs_before(tmp_path):
    """Calibrated on eight samples of ones, a sum of up to eight of them is not clipped."""
    write_arrays(tmp_path / "x.npz", {"x": np.concatenate([ONES] * 8)})
    options = {"quantize": "int8 method=absmax", "calibrate": tmp_path / "x.npz"}
    for level in LEVELS:
        program = xnn.compile(COUNTER, ties=["total=sum"], level=level, **options)
        assert all(port.dtype == np.float32 for port in (*program.inputs, *program.outputs))
        sums = [program.run({"x": ONES})[0]["sum"][0, 0] for _ in range(8)]
        np.testing.assert_allclose(sums, range(1, 9), atol=0.2)


def test_the_result_that_a_program_in_text_is_to_write_must_be_able_to_lie_there():
    module = xnn.compile(COUNTER, ties=["total=sum"], level="prim").module
    text = str(module).replace("func.return %sum", "func.return %x")
    with pytest.raises(UserError, match="new value of state 'total' cannot be made where") as error:
        ConvertToBlocks().apply(make_context(), Parser(make_context(), text).parse_module())
    assert error.value.hint == "run --copy-state first"
