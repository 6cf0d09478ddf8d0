"""Whole small networks at all levels: values against onnxruntime, cycles against the prediction.

Random networks on random targets, and by hand what went wrong once or is easy to get wrong.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import product
from random import Random

import numpy as np
import onnxruntime
import pytest
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from tests.programs import compiled, effort_of, programs
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.expansion import expand
from xnn.dialects.prim import Domain, Order, Outermost, Primitive, ScheduleAttr
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.passes.schedule.step_table import StepTable
from xnn.passes.schedule.steps import Step, reserve
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.machine import Machine
from xnn.tools.agreement import relative_error
from xnn.tools.api import compile
from xnn.tools.parsing import make_context
from xnn.tools.program import Program

Arrays = dict[str, np.ndarray]


def expected(model: bytes, inputs: Arrays) -> Arrays:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options)
    names = [output.name for output in session.get_outputs()]
    return {n: np.asarray(y) for n, y in zip(names, session.run(names, inputs), strict=True)}


def check(model: bytes, inputs: Arrays, settings: list[str], effort: str = "fast") -> Program:
    """Runs a network at all levels; returns it compiled. Raises UserError if it does not fit."""
    at = programs(model, settings=settings, effort=effort)
    results = {
        level: program.run(inputs, sanitize=level == "dsa")[0] for level, program in at.items()
    }
    judge = expected(model, inputs)
    for level, outputs in results.items():
        for name, value in judge.items():
            assert outputs[name].shape == value.shape
            assert relative_error(outputs[name], value) < 1e-4, (level, name)
            assert relative_error(outputs[name], results["xnn"][name]) < 1e-5, (level, name)
    check_report(at["dsa"], inputs)
    return at["dsa"]


def check_report(program: Program, inputs: Arrays) -> None:
    """Prediction equals simulation, no bound is above it, and the parts make up the totals."""
    report = program.run(inputs)[1].json()
    layers, cycles = report["layers"], report["cycles"]
    assert cycles == report["predicted_cycles"]
    assert cycles >= report["bounds"]["network"] and cycles >= report["bounds"]["ideal"]
    for key in ("macs", "auxiliary_macs"):
        assert sum(layer[key] for layer in layers) == report[key]
    for key in ("external_bytes", "local_bytes"):
        assert sum(layer[key] for layer in layers) == sum(report[key].values())
    for use in (*report["engines"].values(), report["bus"]):
        assert 0 <= use["busy"] <= use["busy"] + sum(use["idle"].values()) == cycles
    for layer in layers:
        assert sum(layer["causes"].values()) == layer["cycles"]
    assert sum(report["causes"].values()) == cycles
    assert report["live_local_bytes"] <= report["peak_local_bytes"]
    parts = [value for key, value in report["energy_pj"].items() if key != "total"]
    assert sum(parts) == pytest.approx(report["energy_pj"]["total"])


# random networks


def run_random(seed: int, effort: str) -> Program | None:
    model, inputs = random_network(seed)
    try:
        return check(model, inputs, random_settings(seed), effort)
    except UserError as error:
        assert re.search(r"needs at least \d+ bytes of local memory", str(error))
        return None


@pytest.mark.parametrize("seed", samples(5, range(30)))
def test_levels_agree_on_random_networks(seed: int):
    run_random(seed, effort_of(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 300))
def test_levels_agree_on_many_random_networks(seed: int):
    run_random(seed, "default")


def test_most_random_networks_fit_their_targets():
    fits = 0
    for seed in range(20):
        model, _ = random_network(seed)
        try:
            compiled(model, settings=random_settings(seed), level="prim")
            fits += 1
        except UserError:
            pass
    assert fits >= 15


# schedules as a person may write them: what the search never chooses


def random_schedule(node: Primitive, random: Random, target: Target) -> ScheduleAttr:
    """Any schedule that verifies: blocks that leave edges, any order, any form that fits, any slots."""
    choose, domain = random.choice, node.domain

    def part(size: int) -> int:
        return choose([1, size, size, max(1, size // 2), random.randint(1, size), size + 3])

    groups, rows, channels = part(domain.groups), part(domain.rows), part(domain.channels)
    if groups > 1:
        rows, channels = domain.rows, domain.channels
    elif domain.groups > 1:
        rows, channels = (
            choose([part for part in range(1, size + 1) if size % part == 0])
            for size in (domain.rows, domain.channels)
        )
    block = Domain(part(domain.batch), groups, rows, channels, tuple(map(part, domain.positions)))
    outermost, slots = choose(list(Outermost)), choose([1, 2, 3, 4])
    forms = [*product(Order, [0, 1, 2, 3], range(1, 5))]
    random.shuffle(forms)
    return next(
        schedule
        for order, per_tile, phases in [*forms, (Order.OUTPUT_STATIONARY, 1, 1)]
        if is_allowed(
            node,
            schedule := ScheduleAttr(
                block=block,
                outermost=outermost,
                order=order,
                groups_per_tile=per_tile,
                output_phases=phases,
                slots=slots,
            ),
            target,
        )
    )


def is_allowed(node: Primitive, schedule: ScheduleAttr, target: Target) -> bool:
    copy = node.clone()
    copy.properties["schedule"] = schedule
    largest = Domain.of_sizes([*map(min, schedule.block.sizes, node.domain.sizes)])
    try:
        copy.verify()
        copy.verify_block(largest, target)
    except VerifyException:
        return False
    return True


def check_schedules(seed: int) -> None:
    random, (model, inputs) = Random(seed), random_network(seed)
    module = compiled(
        model, settings=["local.rows=16384"], level="prim", effort=effort_of(seed)
    ).module
    for node in main_function(module).walk():
        if isinstance(node, Primitive):
            node.properties["schedule"] = random_schedule(node, random, Target.of(module))
    module.verify()
    blocks = compile(module, level="dma")
    program = compile(blocks.module)
    judge = expected(model, inputs)
    for outputs in (blocks.run(inputs)[0], program.run(inputs, sanitize=True)[0]):
        assert all(relative_error(outputs[name], judge[name]) < 1e-4 for name in judge)
    check_report(program, inputs)


@pytest.mark.parametrize("seed", samples(2, range(12)))
def test_levels_agree_on_any_schedule(seed: int):
    check_schedules(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 300))
def test_levels_agree_on_any_of_many_schedules(seed: int):
    check_schedules(seed)


# by hand: one network each, in local memory of a few KiB


def _pads_larger_than_the_kernel(net) -> str:
    x = net.input(1, 3, 7, 6)
    return net.conv(x, 5, [1, 2], pads=[2, 3, 1, 2], bias=True)


def _stride_larger_than_the_kernel(net) -> str:
    return net.conv(net.input(1, 30, 21, 17), 17, [1, 1], strides=[3, 4])


def _dilated_over_the_edge(net) -> str:
    x = net.input(1, 8, 12, 12)
    return net.conv(x, 20, [3, 3], dilations=[3, 2], pads=[3, 2, 3, 2])


def _uneven_groups(net) -> str:
    # 10 channels and 7 rows in each of 3 groups: no block of 4, 8 or 16 ends where a group does
    x = net.conv(net.input(1, 4, 9, 9), 30, [1, 1])
    return net.conv(x, 21, [3, 3], groups=3, pads=[1, 1, 1, 1], bias=True)


def _depthwise(net) -> str:
    x = net.input(2, 37, 9, 8)
    return net.conv(x, 37, [3, 3], groups=37, pads=[1, 1, 1, 1], strides=[2, 1], bias=True)


def _mean_of_edges(net) -> str:
    x = net.conv(net.input(1, 3, 9, 7), 33, [1, 1])
    return net.pool("AveragePool", x, [3, 2], [2, 1], [1, 1, 2, 1], count_include_pad=0)


def _one_dimension(net) -> str:
    x = net.conv(net.input(2, 24, 50), 40, [5], pads=[2, 4], strides=[2])
    return net.pool("MaxPool", net.add("Relu", [x], net.shapes[x]), [3], [2], [1, 1])


def _three_dimensions(net) -> str:
    # slices of five dimensions, none of which joins another: transfers in parts
    x = net.input(2, 40, 5, 6, 7)
    y = net.conv(x, 9, [2, 3, 2], pads=[1, 1, 0, 0, 1, 1], strides=[1, 2, 1])
    return net.pool("MaxPool", y, [2, 2, 2], [1, 2, 1], [0, 0, 1, 1, 0, 0])


def _partial_sums_with_residual(net) -> str:
    x = net.input(1, 60, 8, 8)
    a = net.conv(x, 20, [3, 3], pads=[1, 1, 1, 1], bias=True)
    b = net.conv(x, 20, [1, 1])
    total = net.add("Add", [a, b], net.shapes[a])
    return net.add("Relu", [total], net.shapes[a])


def _scale_and_shift_before(net) -> str:
    # not per channel but per place: the operands of `pre` are cut like the feature map
    x = net.input(1, 12, 11, 10)
    scaled = net.add("Mul", [x, net.weight(1, 1, 11, 10)], net.shapes[x])
    active = net.add("Relu", [scaled], net.shapes[x])
    return net.conv(active, 8, [3, 3], pads=[1, 1, 1, 1])


def _concatenation_of_concatenations(net) -> str:
    x = net.input(1, 6, 8, 8)
    a, b, c = (net.conv(x, rows, [3, 3], pads=[1, 1, 1, 1]) for rows in (8, 3, 5))
    inner = net.concat(a, net.add("Relu", [b], net.shapes[b]))
    return net.conv(net.concat(c, inner, a), 7, [1, 1])


def _concatenation_with_an_input_and_of_a_batch(net) -> str:
    x = net.input(2, 6, 5, 5)
    return net.concat(x, net.conv(x, 4, [1, 1]), x)


def _difference_with_itself(net) -> str:
    x = net.conv(net.input(1, 3, 6, 6), 4, [1, 1])
    return net.add("Sub", [net.add("Mul", [x, x], net.shapes[x]), x], net.shapes[x])


def _wide_product(net) -> str:
    flat = net.flat(net.conv(net.input(3, 8, 9, 9), 16, [3, 3]))
    shape = (3, 50)
    y = net.add("Gemm", [flat, net.weight(784, 50), net.weight(3, 1)], shape, beta=0.5)
    return net.add("Softmax", [y], shape, axis=-1)


def _wide_sigmoid(net) -> str:
    x = net.conv(net.input(1, 8, 6, 6), 8, [3, 3])
    large = net.add("Mul", [x, net.constant(np.array(1000.0))], net.shapes[x])
    return net.add("Sigmoid", [large], net.shapes[x])


NETWORKS: list[Callable[..., str]] = [
    _pads_larger_than_the_kernel,
    _stride_larger_than_the_kernel,
    _dilated_over_the_edge,
    _uneven_groups,
    _depthwise,
    _mean_of_edges,
    _one_dimension,
    _three_dimensions,
    _partial_sums_with_residual,
    _scale_and_shift_before,
    _concatenation_of_concatenations,
    _concatenation_with_an_input_and_of_a_batch,
    _difference_with_itself,
    _wide_product,
    _wide_sigmoid,
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [12, pytest.param(1024, marks=pytest.mark.slow)])
@pytest.mark.parametrize("build", NETWORKS, ids=lambda build: build.__name__.strip("_"))
def test_levels_agree_on(build: Callable[..., str], rows: int):
    net = Network(1)
    model = net.model(build(net))
    check(model, net.sample(), [f"local.rows={rows}", "local.banks=8", "matmul.n=16"])


def test_outputs_may_be_inputs_twice_the_same_and_views_of_each_other():
    net = Network(1)
    x = net.input(1, 3, 4, 4)
    y = net.conv(x, 4, [1, 1])
    program = check(net.model(x, y, net.flat(y), net.flat(x)), net.sample(), [])
    assert [port.name for port in program.outputs] == [x, y, "flatten1", "flatten2"]


def test_a_network_that_only_reshapes_takes_no_time():
    net = Network(1)
    x = net.input(2, 3, 4)
    program = check(net.model(net.flat(x)), net.sample(), [])
    assert program.run(net.sample())[1].json()["cycles"] == 0
    assert "cycles" in program.run(net.sample())[1].text()


def test_names_of_tensors_may_look_like_ours():
    text = """
      func.func @main(%x : tensor<1x3x4x4xf32> {xnn.name = "a.0"}) -> (tensor<1x4x4x4xf32> {xnn.name = "a"}) {
        %w = xnn.constant "a.1" dense<0.5> : tensor<4x3x1x1xf32>
        %y = xnn.conv "a" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64,
          pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
          : (tensor<1x3x4x4xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x4x4xf32>
        func.return %y : tensor<1x4x4x4xf32>
      }"""
    program = compile(Parser(make_context(), text).parse_module())
    x = np.random.default_rng(0).standard_normal((1, 3, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(
        program.run({"a.0": x})[0]["a"],
        np.broadcast_to(x.sum(axis=1, keepdims=True) / 2, (1, 4, 4, 4)),
        rtol=1e-5,
    )


def test_integers_are_summed_in_the_result_type_at_all_levels():
    text = """
      func.func @main(%x : tensor<1x9x4x4xi8> {xnn.name = "x"}) -> (tensor<1x4x4x4xi32> {xnn.name = "y"}) {
        %w = xnn.constant "w" dense<100> : tensor<4x9x1x1xi8>
        %b = xnn.constant "b" dense<7> : tensor<4xi32>
        %y = xnn.conv "y" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64,
          pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
          : (tensor<1x9x4x4xi8>, tensor<4x9x1x1xi8>, tensor<4xi32>) -> tensor<1x4x4x4xi32>
        func.return %y : tensor<1x4x4x4xi32>
      }"""
    module = Parser(make_context(), text).parse_module()
    x = np.full((1, 9, 4, 4), 100, np.int8)
    for program in programs(module).values():
        y = program.run({"x": x})[0]["y"]
        np.testing.assert_array_equal(y, np.full((1, 4, 4, 4), 90_007, np.int32))


# a fixed program on faster targets

FASTER = {
    "external.bytes_per_cycle": "100",
    "external.latency_cycles": "0",
    "sort.lanes": "265",  # no multiple of anything
    "vector.lanes": "265",
    "general.lanes": "115",
    "matmul.pre_operations": "20",
    "matmul.post_operations": "20",
    "sort.pre_operations": "20",
    "sort.post_operations": "20",
    "operation_cycles.divide": "1",
    "operation_cycles.transcendental": "1",
    "control.issue_cycles": "1",
    "control.queue_depth": "20",
}


@pytest.mark.parametrize("seed", [40, 47, 60, 72, 80, 83, 140])
def test_no_faster_target_makes_a_compiled_program_slower(seed: int):
    model, _ = random_network(seed)
    module = compile(model, settings=random_settings(seed)).module
    target, slow = Target.of(module), Machine(module, WeightStore()).timeline
    for field, value in FASTER.items():
        target.with_field(field, value).attach(module)
        fast = Machine(module, WeightStore()).timeline
        assert fast.cycles <= slow.cycles, field
        assert (fast.start <= slow.start).all(), field


# what the levels are made of


@cache
def _blocky() -> tuple[dict[str, Program], Arrays]:
    """A network at all levels, whose layers take many blocks, and inputs of it."""
    net = Network(1)
    x = net.conv(net.input(1, 40, 20, 20), 40, [3, 3], pads=[1, 1, 1, 1], bias=True)
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [1, 1, 1, 1])
    x = net.conv(x, 24, [3, 3], pads=[1, 1, 1, 1])
    return programs(net.model(x), settings=["local.rows=20", "matmul.n=16"]), net.sample()


def test_small_memory_splits_sums_rows_and_positions():
    # or the tests above test less than they seem to
    at, _ = _blocky()
    text = str(at["dma"].module)
    assert "] reduce " in text
    assert re.search(r'dma.blocks "conv\d" \[\d+, \d+, \d+\] reduce ', text)
    assert "dsa.repeat" in str(at["dsa"].module)


def test_a_repeat_is_the_steps_that_were_rolled():
    module = _blocky()[0]["dma"].module.clone()
    context = make_context()
    pass_named("plan-memory")().apply(context, module)
    steps = list(StepTable(module).steps())
    pass_named("convert-to-instructions")().apply(context, module)
    machine = Machine(module, WeightStore())
    expansion = expand(machine.program.block)
    assert len(expansion) == len(steps) > 2 * len(expansion.ops)
    iterations: dict[int, list[Step]] = {}
    for step, index in zip(steps, expansion.op_index.tolist(), strict=True):
        iterations.setdefault(index, []).append(step)
    for each in iterations.values():
        reserve(each)
    for row, (index, addresses) in enumerate(expansion.nodes):
        op, step = expansion.ops[index], steps[row]
        assert op.engine_name == step.engine
        assert tuple(addresses[: len(step.placed.addresses)]) == step.placed.addresses
        assert op.reservation_values == step.reservations
        assert dict(op.tokens) == dict(step.after)
        timing = machine.nodes.cycles[row], machine.nodes.drain[row], machine.nodes.bus[row]
        assert timing == step.node[2][:3]


def test_text_of_a_program_is_the_program():
    at, inputs = _blocky()
    program = at["dsa"]
    # weights of a model in memory have no file to be found in again
    text = str(program.module)
    module = Parser(make_context(), text).parse_module()
    module.verify()
    assert str(module) == text
    again, first = Program(module), program
    assert again.run(inputs)[1].json()["layers"] == first.run(inputs)[1].json()["layers"]
    for name, value in first.run(inputs)[0].items():
        np.testing.assert_array_equal(again.run(inputs)[0][name], value)


def test_a_target_too_small_for_any_schedule_is_refused_with_the_buffer_and_its_bytes():
    net = Network(1)
    model = net.model(net.conv(net.input(1, 3, 8, 8), 8, [7, 7], pads=[3, 3, 3, 3]))
    with pytest.raises(UserError) as error:
        compile(model, settings=["local.banks=1", "local.rows=4"])
    assert re.fullmatch(
        r'layer "conv0" needs at least \d+ bytes of local memory, but the target has 256; '
        r"its largest buffer, (lhs|rhs|out), takes \d+ bytes.*",
        str(error.value),
    )
    assert error.value.hint


def test_a_network_larger_than_external_memory_is_refused_with_the_bytes():
    net = Network(1)
    model = net.model(net.conv(net.input(1, 3, 8, 8), 8, [3, 3]))
    with pytest.raises(
        UserError, match=r"needs \d+ bytes of external memory, but the target has 4096"
    ):
        compile(model, settings=["external.capacity_bytes=4096", "external.burst_bytes=4096"])


def test_local_memory_takes_no_more_room_here_than_the_program_uses():
    net = Network(1)
    model = net.model(net.conv(net.input(1, 3, 8, 8), 8, [3, 3]))
    program = compile(model, settings=["local.rows=1000000000"])  # a terabyte
    assert program.run(net.sample())[1].json()["peak_local_bytes"] < 2**20
