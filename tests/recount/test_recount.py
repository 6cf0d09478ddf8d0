"""The recount from the text and the document equals the machine's own account, figure by figure."""

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

import xnn
from tests.programs import compiled
from tests.recount.energy import rounded, static_energy
from tests.recount.instructions import RandomInstruction
from tests.recount.networks import NETWORKS
from tests.recount.recount import Recount
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.runtime.random_rings import RandomRing
from tests.samples import grid
from xnn.dialects.diagnostics import UserError
from xnn.runtime.report import build_report
from xnn.tools.networks.light import build
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.program import Program

DIGITS = "tools/networks/digits.onnx"
ODD = (
    *("local.row_bytes=24", "local.rows=900", "local.banks=7", "external.burst_bytes=12"),
    *("external.bytes_per_cycle=0.7", "matmul.n=12", "vector.lanes=20", "sort.lanes=20"),
    *("matmul.pre_operations=3", "operation_cycles.divide=5", "matmul.idle_fraction=0.13"),
    *("clock_hz=700000000", "static_mw=3.3", "energy_pj.op_f32=0.123"),
)
"""A machine of which nothing is a power of two."""


def differences(program: Program, *, chosen: bool = True) -> list[str]:
    """Where the machine's account of a program differs from the recount of its text.

    `chosen`: the compiler chose the reservations.
    """
    machine, recount = program.session.machine, Recount(str(program.module))
    assert machine is not None
    found = list[str]()

    def compare(what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            found.append(f"{what}: {ours}, the machine's {theirs}")

    timeline, bus = machine.timeline, machine.nodes.bus
    compare("nodes", len(recount.nodes), len(machine.costs))
    for i, (node, cost, theirs) in enumerate(zip(recount.nodes, recount.costs, machine.costs)):
        where = f"node {i}, {node.op}"
        terms = {name: cost.terms[name] for name in theirs.terms}  # without those of the bus
        compare(f"terms of {where}", terms, theirs.terms)
        compare(f"rows of {where}", tuple(cost.rows), theirs.rows)
        compare(f"duration of {where}", recount.durations[i], machine.nodes.cycles[i])
        held = recount.durations[i] if node.is_transfer and cost.bus else cost.bus
        compare(f"bus cycles of {where}", held, bus[i])
        compare(f"bytes of bursts of {where}", cost.burst_bytes, machine.bus_bytes[i])
        if chosen:
            compare(f"reservations of {where}", tuple(recount.reservations[i]), node.reservations)
        ours = [getattr(recount.timeline, each)[i] for each in ("issue", "start", "end", "token")]
        expected = timeline.issue[i], timeline.start[i], timeline.end[i], timeline.token[i]
        compare(f"issue, start, end and token of {where}", ours, [int(each) for each in expected])
    report = build_report("", "", "dsa", machine, {})
    compare("cycles", recount.cycles, report.cycles)
    compare("cycles of all layers", recount.cycles, sum(each.cycles for each in report.layers))
    totals = dict.fromkeys(report.energy_pj, Fraction())
    for layer in report.layers:
        energy = {**recount.energy[layer.name]}
        energy["static"] = static_energy(layer.cycles, recount.target)
        for source, theirs in layer.energy_pj.items():
            ours = rounded(energy.get(source, Fraction()))
            compare(f"{source} energy of {layer.name}", ours, Fraction(theirs))
            totals[source] += ours
            totals["total"] += ours
    compare("energy", totals, {key: Fraction(each) for key, each in report.energy_pj.items()})
    return found


ALLOWED = {
    *("xnn.dialects.dsa", "xnn.dialects.dsa.instructions"),
    *("xnn.dialects.prim", "xnn.dialects.prim.vector", "xnn.tools.parsing"),
}
"""What parses text, and the operations whose fields are read."""


def test_it_is_independent():
    folder = Path(__file__).parent
    files = [path for path in folder.glob("*.py") if not path.name.startswith("test_")]
    imported = re.findall(r"^from (xnn[\w.]*)", "".join(map(Path.read_text, files)), re.MULTILINE)
    assert {*imported} == ALLOWED


@pytest.mark.parametrize("quantize", [None, "int8"])
def test_digits(quantize):
    program = compiled(DIGITS, quantize=quantize)
    assert differences(program) == []


MACHINES = [("edge", None, ()), ("array256", "int8", ()), ("micro16", "int8w4", ODD)]
"""Targets, formats, settings."""


@pytest.mark.parametrize("name, machine", grid(6, NETWORKS, MACHINES))
def test_blocks_of_known_networks(name, machine):
    target, quantize, settings = machine
    quantize = None if name == "embedding" else quantize  # its inputs are integers
    program = compiled(NETWORKS[name](), target=target, quantize=quantize, settings=settings)
    assert differences(program) == []


@pytest.mark.parametrize("settings", [(), ("local.row_bytes=24", "vector.lanes=12")])
def test_tables(settings):
    cheap = "energy_pj.external_byte=0.000001", "energy_pj.wire_byte=0.000001"
    program = compiled(NETWORKS["swishes"](), quantize="int8", settings=[*cheap, *settings])
    assert "prim.lookup" in str(program.module)
    assert differences(program) == []


@pytest.mark.parametrize("quantize", [None, "f16"])
def test_keys_in_several_blocks(quantize):
    settings = ["sort.lanes=48", "sort.key_rows=3", "local.rows=64", "local.row_bytes=24"]
    program = compiled(NETWORKS["orders"](), quantize=quantize, settings=settings)
    assert differences(program) == []


# random networks


def check_networks(seeds: Iterable[int]) -> None:
    """On machines so small that layers fall into blocks, half of them odd, in any format."""
    for seed in seeds:
        random = Random(seed)
        settings = random_settings(seed) if random.random() < 0.5 else ODD
        target = random.choice(["edge", "micro16", "array256"])
        quantize = random.choice([None, None, "int8", "f16", "int16", "int8w4", "int8-ternary"])
        model, _ = random_network(seed)
        options = {"target": target, "quantize": quantize, "settings": settings}
        try:
            program = xnn.compile(model, **options)
        except UserError as error:
            assert "bytes of local memory" in str(error)
            continue
        assert differences(program) == [], (seed, options)


def test_random_networks():
    check_networks(range(3))


@pytest.mark.slow
def test_more_random_networks():
    check_networks(range(3, 150))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["squeezenet", "shufflenet"])
def test_whole_networks(name):
    assert differences(xnn.compile(build(name))) == []


# schedules by hand


def convolution(groups: int, channels: int, rows: int, kernel: int, *, stride: int = 1) -> bytes:
    """A convolution with a bias and a residual, all of them in one node."""
    net = Network(0)
    x = net.input(2, groups * channels, 9, 9)
    pads = [kernel // 2] * 4
    y = net.conv(
        *(x, groups * rows, [kernel, kernel]),
        **{"strides": [stride, stride], "pads": pads, "groups": groups, "bias": True},
    )
    residual = net.input(*net.shapes[y])
    return net.model(net.add("Add", [y, residual], net.shapes[y]))


def average() -> bytes:
    """A window average of every channel, scaled by channel: one lhs for all groups."""
    net = Network(0)
    y = net.pool("AveragePool", net.input(1, 20, 9, 9), [3, 3], [2, 2], [1, 1, 1, 1])
    return net.model(net.add("Mul", [y, net.weight(20, 1, 1)], net.shapes[y]))


DEPTHWISE, GROUPED = convolution(12, 1, 1, 3), convolution(8, 4, 2, 1)
DENSE, STRIDED = convolution(1, 16, 20, 3), convolution(2, 6, 5, 5, stride=2)

SCHEDULES = [
    (DEPTHWISE, [2, 12, 1, 1, 4, 9], 3, 1),
    (DEPTHWISE, [2, 5, 1, 1, 9, 7], 2, 2),
    (GROUPED, [2, 8, 2, 4, 9, 9], 3, 1),
    (GROUPED, [1, 3, 2, 4, 9, 5], 2, 2),
    (DENSE, [2, 1, 20, 16, 9, 9], 1, 1),
    (DENSE, [1, 1, 7, 8, 4, 9], 1, 1),
    (DENSE, [2, 1, 5, 16, 3, 9], 1, 3),
    (STRIDED, [1, 1, 5, 2, 5, 4], 1, 3),
    (average(), [1, 20, 1, 1, 5, 5], 0, 2),
    (average(), [1, 7, 1, 1, 5, 3], 1, 1),
]
"""Models, blocks, groups per tile, output phases."""


ORDERS = [
    ("output_stationary", "int8", ()),
    ("lhs_stationary", "f16", ODD),
    ("rhs_stationary", "int8w4", ("local.row_bytes=16",)),
]
"""Orders, formats, settings."""


@pytest.mark.parametrize("chosen, ordered", grid(8, SCHEDULES, ORDERS))
def test_schedules_by_hand(chosen, ordered):
    model, block, groups_per_tile, output_phases = chosen
    order, quantize, settings = ordered
    settings = *settings, "matmul.n=64", "matmul.accumulator_rows=100000"
    program = compiled(model, quantize=quantize, settings=settings, level="prim")
    fields = f"order = {order}, groups_per_tile = {groups_per_tile}"
    schedule = f"schedule <block = {block}, {fields}, output_phases = {output_phases}>"
    written = re.compile(r"(prim\.matmul.*?)schedule <[^>]*>", re.DOTALL)
    text, count = written.subn(rf"\1{schedule}", str(program.module))
    assert count == 1
    assert differences(of_text(text)) == []


# instructions


SIZES = (64, 16, 12)
ROOMY = "local.banks=2", "local.rows=1000000", "matmul.accumulator_rows=65536"


@cache
def machine_attribute(n: int, row_bytes: int) -> str:
    """The target of programs of one instruction, with engines of size n."""
    sizes = [f"{engine}={n}" for engine in ("matmul.n", "sort.lanes", "vector.lanes")]
    settings = (*ROOMY, *sizes, f"local.row_bytes={row_bytes}")
    return str(xnn.compile(DIGITS, settings=settings, level="xnn").module.attributes["xnn.target"])


def of_text(text: str) -> Program:
    return xnn.compile(parse_module(BytesIO(text.encode()), make_context()))


def check_rings(seeds: Iterable[int]) -> None:
    """Cascades through rings of rows, on rows of memory of all kinds."""
    for seed in seeds:
        random = Random(seed)
        n, row_bytes = random.choice([8, 16, 64]), random.choice([64, 64, 24, 7, 128])
        text = RandomRing(seed, n // 4).text(machine_attribute(n, row_bytes))
        assert differences(of_text(text)) == [], (seed, text)


def test_rings():
    check_rings(range(3))


@pytest.mark.slow
def test_many_rings():
    check_rings(range(3, 300))


def check_instructions(primitive: str, seeds: Iterable[int]) -> None:
    for seed in seeds:
        random = Random(seed)
        n, row_bytes = random.choice(SIZES), random.choice([64, 64, 24, 7])
        text = RandomInstruction(primitive, seed, machine_attribute(n, row_bytes), n).text
        assert differences(of_text(text), chosen=False) == [], (seed, text)


@pytest.mark.parametrize("primitive", ["matmul", "sort", "map", "reduce"])
def test_instructions_in_any_layout(primitive):
    check_instructions(primitive, range(6))


@pytest.mark.slow
@pytest.mark.parametrize("primitive", ["matmul", "sort", "map", "reduce"])
def test_more_instructions(primitive):
    check_instructions(primitive, range(6, 1000))
