"""Lower bounds of layers whose work is counted by hand; target edge moves 16 bytes a cycle."""

from dataclasses import replace

from xnn.runtime.engines.formats import Formats
from xnn.runtime.engines.work import Work
from xnn.runtime.report.bounds import Bounds, bounds_of, layer_bound, least_cycles
from xnn.runtime.targets import load_target

EDGE = load_target("edge")
N = EDGE.matmul_n(8)
SMALL = replace(EDGE, local=replace(EDGE.local, banks=1, rows=10, row_bytes=16))


def work(
    engine: str, cycles: int, *, constant_bytes: int = 0, feature_map_bytes: int = 0, macs: int = 0
) -> Work:
    return Work(
        engine=engine,
        operator="conv",
        window=(),
        layers=(),
        shape=(1,),
        macs=macs,
        auxiliary_macs=0,
        operations=macs,
        constant_bytes=constant_bytes,
        feature_map_bytes=feature_map_bytes,
        precision=8,
        formats=Formats(operands=("i8",), arithmetic="i32", result="i8"),
        computation_cycles=cycles,
    )


def test_nothing_takes_no_time():
    assert bounds_of([], 0, EDGE) == Bounds(0, 0, 0, 0, 0)


def test_the_bound_of_a_layer_is_the_larger_of_its_two_sides():
    assert layer_bound(work("matmul", 100, constant_bytes=160, feature_map_bytes=16), EDGE) == 100
    assert layer_bound(work("matmul", 5, constant_bytes=160, feature_map_bytes=17), EDGE) == 12


def test_sums_and_the_busiest_engine():
    works = [
        work("matmul", 100, feature_map_bytes=16 * 30, macs=50 * N * N),
        work("sort", 10, feature_map_bytes=16 * 40),
        work("matmul", 20, feature_map_bytes=16 * 60, macs=5 * N * N + 1),
    ]
    bounds = bounds_of(works, 16 * 7, EDGE)
    assert bounds == Bounds(
        ideal=56, network=120, order_floor=120, parallel=100 + 40 + 60, serial=130 + 130
    )
    assert least_cycles(works, 16 * 7, EDGE) == {"bus": 7, "matmul": 120, "sort": 10}
    assert bounds_of(works, 16 * 500, EDGE).network == 500  # the bus is the busiest then


def test_the_order_floor_streams_what_local_memory_cannot_hold():
    """160 bytes are local: of 480 bytes of weights 320 come after the first products, at least."""
    first = work("matmul", 100, macs=1)
    second = work("matmul", 1, constant_bytes=480, macs=1)
    assert bounds_of([first, second], 0, SMALL).order_floor == 100 + 320 // 16
    assert bounds_of([second, first], 0, SMALL).order_floor == 101
