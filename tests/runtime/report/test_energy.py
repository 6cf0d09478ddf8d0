"""Energy by source, by hand; sums of it are exact."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnn.runtime.report.energy import Activity, energy_pj, total
from xnn.runtime.targets import load_target

EDGE = load_target("edge")


def test_nothing_takes_no_energy():
    assert set(energy_pj(Activity(), EDGE).values()) == {0}


@pytest.mark.parametrize(
    ("source", "activity", "expected"),
    [
        ("mac", Activity(macs={"i8": 8, "f32": 2}), 8 * 0.25 + 2 * 6),
        ("idle", Activity(idle_macs={"i8": 80, "i16": 10}), (80 * 0.25 + 10 * 1) / 10),
        ("operations", Activity(operations={"i8": 200, "f16": 10, "f64": 10}), 3 + 2 + 9),
        ("operations", Activity(operations={"i16": 40, "i32": 20, "i64": 10, "f32": 20}), 12),
        ("accumulators", Activity(accumulator_bytes=10), 3),
        ("local", Activity(local_bytes=64), 96),
        ("static", Activity(cycles=3), 60),  # 20 mW at 1 GHz
    ],
)
def test_what_takes_energy_by_hand(source: str, activity: Activity, expected: float):
    energies = energy_pj(activity, EDGE)
    assert energies.pop(source) == expected
    assert set(energies.values()) == {0}


def test_a_byte_of_external_memory_crosses_the_die_as_well():
    energies = energy_pj(Activity(bus_bytes=64), EDGE)
    assert (energies["external"], energies["wires"]) == (64 * 250, 64 * 7)


def test_static_power_goes_by_time():
    slow = replace(EDGE, clock_hz=EDGE.clock_hz // 2, static_mw=5)
    assert energy_pj(Activity(cycles=8), slow)["static"] == 8 * 5 * 2


counts = st.integers(0, 10**9)
activities = st.builds(
    Activity,
    macs=st.dictionaries(st.sampled_from(["i8", "f32"]), counts),
    operations=st.dictionaries(st.sampled_from(["i8", "f32"]), counts),
    accumulator_bytes=counts,
    local_bytes=counts,
    bus_bytes=counts,
    cycles=counts,
)


@given(st.lists(activities, max_size=20))
def test_sums_are_exact_in_any_order(layers: list[Activity]):
    energies = [energy_pj(each, EDGE) for each in layers]
    assert total(energies) == total(reversed(energies))
    parts = dict(total(energies))
    assert parts.pop("total") == sum(reversed(parts.values()))
