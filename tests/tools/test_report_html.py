"""The page of a run in a browser: what it shows is the report, and all its views show one selection."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from playwright.sync_api import Browser, Page

from tests.networks.transformers import bert
from tests.runtime.random_networks import Network
from tests.samples import grid
from tests.tools.browser import needs_browser, open_browser, opened
from xnn.runtime.io.npz import write_arrays
from xnn.tools.networks import light
from xnn.tools.xnn_run import main

DIGITS = Path(__file__).parent.parent.parent / "tools" / "networks"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


def run(folder: Path, *arguments: str) -> tuple[Path, dict[str, Any]]:
    """The page of a run, and its report."""
    page, report = folder / "page.html", folder / "report.json"
    reported = ["--report", "json", "--report-file", str(report), "--report-html", str(page)]
    assert main([*arguments, *reported]) == 0
    return page, json.loads(report.read_text())


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    """In integers, compared with floats."""
    folder = tmp_path_factory.mktemp("page")
    with np.load(DIGITS / "digits.npz") as data:
        write_arrays(folder / "images.npz", {"image": data["images"][:2]})
    images = str(folder / "images.npz")
    quantized = ["--quantize", "int8", "--calibrate", images, "--inputs", images, "--compare-float"]
    return run(folder, str(DIGITS / "digits.onnx"), *quantized, "--effort", "fast")


@pytest.fixture(scope="module")
def opened_digits(browser, digits) -> tuple[Page, list[str]]:
    return opened(browser, digits[0], viewport={"width": 1280, "height": 900})


@pytest.fixture
def shown(opened_digits, digits) -> Iterator[tuple[Page, dict[str, Any]]]:
    """The page with nothing selected, and its report; the browser complains of nothing."""
    page, faults = opened_digits
    page.evaluate("selection.choose(null); theme.chosen = null; theme.apply()")
    yield page, digits[1]
    assert faults == []


def require_totals(page: Page, report: dict[str, Any]) -> None:
    found = page.eval_on_selector_all(
        "[data-total]",
        "cards => Object.fromEntries(cards.map((card) => [card.dataset.total, Number(card.dataset.value)]))",
    )
    assert found == {
        "cycles": report["cycles"],
        "gap": report["gap"],
        "macs": report["macs"],
        "energy": report["energy_pj"]["total"],
        "external": sum(report["external_bytes"].values()),
        "local": report["peak_local_bytes"],
        "general": report["general_share"]["cycles"],
    }
    for what, total in (("time", report["cycles"]), ("energy", report["energy_pj"]["total"])):
        page.select_option("#costs-of", what)
        value = page.locator("#costs-table tr.total").get_attribute("data-value")
        assert value is not None and float(value) == total
    rows = page.locator("#layer-table tbody tr").count()
    assert rows == min(1000, len(report["layers"]))


# of each chart the layers of the points that stand out, and of those that do not
STANDING_OUT = """() => Object.fromEntries(charts.map((chart) => [
  chart.place.parentElement.id,
  chart.place.data.filter((trace) => trace.customdata).flatMap((trace) =>
    trace.customdata.map((layers, point) => [
      [layers].flat(), !trace.selectedpoints || trace.selectedpoints.includes(point)])),
]))"""


def require_selected(page: Page, report: dict[str, Any], chosen: int) -> None:
    """All views show that this layer is selected."""
    layer = report["layers"][chosen]
    assert page.locator("#selected strong").inner_text() == layer["name"]
    rows = page.locator("#layer-table tr[aria-selected=true]")
    assert rows.count() == 1 and rows.get_attribute("data-item") == str(chosen)
    operator = page.locator("#costs-table tr[aria-selected=true]")
    assert operator.get_attribute("data-operator") == layer["operator"]
    assert page.locator("#texts .note").inner_text() == layer["name"]
    assert all(
        layer["name"].partition("#")[0] in text
        for text in page.locator("#texts pre").all_inner_texts()
    )
    for row in page.locator("#live tr[data-items]").all():
        among = str(chosen) in (row.get_attribute("data-items") or "").split()
        assert (row.get_attribute("aria-selected") == "true") == among
    for chart, points in page.evaluate(STANDING_OUT).items():
        assert points, chart
        assert all(stands == (chosen in layers) for layers, stands in points), chart
    seen = {
        chart for chart, points in page.evaluate(STANDING_OUT).items() if any(p[1] for p in points)
    }
    assert seen >= {"timeline", "memory", "graph", "costs"}


@needs_browser
def test_totals_are_those_of_the_report(shown):
    page, report = shown
    require_totals(page, report)
    assert page.locator("#accuracy").is_visible()


@needs_browser
@pytest.mark.parametrize(
    "point",
    [
        "#roofline .points path",
        "#timeline .bars .point path",
        "#memory .bars .point path",
        "#graph .points path",
        "#layer-table tbody tr",
        "#live tbody tr",
    ],
)
def test_a_click_in_any_view_selects_the_layer_in_all(shown, point):
    page, report = shown
    places = page.locator(point)
    sizes = [box["width"] * box["height"] for box in (each.bounding_box() for each in places.all())]
    largest = places.nth(sizes.index(max(sizes)))
    largest.scroll_into_view_if_needed()
    box = largest.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    if point.endswith("path"):
        page.locator(".hoverlayer .hovertext").first.wait_for(state="attached")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("selection.item !== null")
    require_selected(page, report, page.evaluate("selection.item"))


@needs_browser
def test_keys_select_and_change_the_theme(shown):
    page, report = shown
    page.keyboard.press("j")
    page.keyboard.press("j")
    require_selected(page, report, 1)
    page.keyboard.press("k")
    require_selected(page, report, 0)
    page.keyboard.press("z")
    assert page.evaluate("timeRange.range !== null")
    page.keyboard.press("0")
    assert page.evaluate("timeRange.range === null")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("t")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    assert page.locator("#selected").is_hidden()
    assert all(stands for points in page.evaluate(STANDING_OUT).values() for _, stands in points)


@needs_browser
def test_the_table_sorts_and_filters(shown):
    page, report = shown
    page.get_by_role("button", name="cycles", exact=True).click()
    order = [
        int(row.get_attribute("data-item")) for row in page.locator("#layer-table tbody tr").all()
    ]
    cycles = [report["layers"][number]["cycles"] for number in order]
    assert cycles == sorted(cycles, reverse=True) and len(cycles) == len(report["layers"])
    page.keyboard.press("/")
    page.keyboard.type("softmax")
    found = [layer for layer in report["layers"] if "softmax" in layer["op"]]
    assert page.locator("#layer-table tbody tr").count() == len(found) > 0
    page.locator("#filter").fill("")


@needs_browser
@pytest.mark.parametrize("width, scheme", grid(2, [400, 1280], ["dark", "light"]))
def test_the_page_is_as_wide_as_the_window(shown, width, scheme):
    page, _ = shown
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    page.wait_for_function(f"document.documentElement.scrollWidth === {width}")
    for chart in page.locator(".chart .svg-container").all():
        page.wait_for_function(
            "([one, most]) => one.clientWidth <= most", arg=[chart.element_handle(), width]
        )


@needs_browser
def test_all_is_printed_in_light_colours(shown):
    page, _ = shown
    page.evaluate("theme.chosen = true; theme.apply()")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.locator("nav").is_hidden() and page.locator("#layer-table").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def _chain(path: Path) -> None:
    """With ten times the nodes of ResNet-50: 1,700 convolutions in residual blocks."""
    net = Network(0)
    x = net.input(1, 8, 8, 8)
    for _ in range(850):
        y = net.conv(x, 8, [3, 3], pads=[1] * 4, bias=True)
        y = net.conv(net.add("Relu", [y], net.shapes[y]), 8, [3, 3], pads=[1] * 4, bias=True)
        y = net.add("Add", [x, y], net.shapes[x])
        x = net.add("Relu", [y], net.shapes[y])
    path.write_bytes(net.model(x))


LARGE = {
    "squeezenet": lambda path: light.save("squeezenet", path),
    "resnet50": lambda path: light.save("resnet50", path),
    "bert": lambda path: onnx.save(bert(), path),
    "chain": _chain,
}


@needs_browser
@pytest.mark.slow
@pytest.mark.parametrize("network", LARGE)
def test_pages_of_large_networks(browser, network, tmp_path):
    LARGE[network](tmp_path / "network.onnx")
    path, report = run(tmp_path, str(tmp_path / "network.onnx"), "--effort", "fast", "--time-only")
    assert path.stat().st_size < 10e6
    page, faults = opened(browser, path)
    require_totals(page, report)
    page.evaluate("selection.choose(2)")
    require_selected(page, report, 2)
    page.close()
    assert faults == []
