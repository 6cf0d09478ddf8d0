"""Areas of targets, by hand."""

from dataclasses import replace

import pytest

import xnn
from xnn.dialects.target import Target
from xnn.runtime.report.area import area_mm2
from xnn.runtime.targets import load_target, target_files

EDGE = load_target("edge")


def test_the_area_of_edge():
    lanes = 64 * (4 + 8) + 64 * (4 + 8) + 64 + 16
    expected = {
        "mac": 64 * 64 * 0.0012,
        "accumulators": 5,  # 4096 rows of 64 of 4 bytes: 1 MiB
        "operations": lanes * 0.003,
        "local": 4,
        "external": 16 * 0.58,
        "control": 6.6,
    }
    assert area_mm2(EDGE) == pytest.approx({**expected, "total": sum(expected.values())})


def test_array256_is_near_the_die_that_the_figures_are_from():
    """Without its host interface, its links and its blank space: 73 % of 331 mm2."""
    assert area_mm2(load_target("array256"))["total"] == pytest.approx(0.73 * 331, rel=0.05)


@pytest.mark.parametrize(
    ("setting", "part", "factor"),
    [
        ("local.rows=2048", "local", 2),
        ("external.bytes_per_cycle=32", "external", 2),
        ("clock_hz=2000000000", "external", 2),
        ("matmul.n=128", "mac", 4),
        ("matmul.n=128", "accumulators", 2),
        ("matmul.accumulator_rows=1024", "accumulators", 0.25),
        ("control.queue_depth=16", "total", 1),
    ],
)
def test_what_an_area_grows_with(setting: str, part: str, factor: float):
    changed = area_mm2(EDGE.with_field(*setting.split("=")))
    assert changed[part] == pytest.approx(factor * area_mm2(EDGE)[part])
    assert changed["total"] == sum(area for name, area in changed.items() if name != "total")


def test_engines_that_are_absent_have_no_area():
    lean = replace(EDGE, sort=None, vector=None, general=None)
    assert area_mm2(lean)["operations"] == pytest.approx(64 * 12 * 0.003)


@pytest.mark.parametrize("name", target_files())
def test_shipped_targets_have_one(name: str):
    assert area_mm2(load_target(name))["total"] > 0


def test_a_target_need_not_say(tmp_path):
    silent = tmp_path / "silent.toml"
    text = open(target_files()["edge"]).read()
    silent.write_text(text.partition("[area_mm2]")[0])
    report = xnn.compile("tools/networks/digits.onnx", target=silent).report
    assert report.area_mm2 == {} and "mm2" not in report.text()
    assert Target.of(xnn.compile("tools/networks/digits.onnx").module).area_mm2 == EDGE.area_mm2
