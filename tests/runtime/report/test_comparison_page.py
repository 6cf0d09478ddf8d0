"""The page of a comparison in a browser: totals are those of the reports, its views show one selection."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import xnn
from tests.samples import samples
from tests.tools.browser import needs_browser, open_browser, opened
from xnn.runtime.report.comparison import Comparison
from xnn.runtime.report.comparison_page.comparison_page import comparison_page
from xnn.runtime.report.stored import load_report

DIGITS = "tools/networks/digits.onnx"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


@pytest.fixture(scope="module")
def comparison(tmp_path_factory) -> Comparison:
    """A slower bus, and a layer that the first run has under a name like an element of HTML."""
    folder = tmp_path_factory.mktemp("reports")
    reports = []
    for bandwidth in (16, 4):
        settings = [f"external.bytes_per_cycle={bandwidth}"]
        report = xnn.compile(DIGITS, settings=settings, effort="fast").report.json()
        path = folder / f"{bandwidth}.json"
        path.write_text(
            json.dumps(report).replace('"relu3"', '"<b>relu3"' if bandwidth == 16 else '"relu3"')
        )
        reports.append(load_report(path))
    return Comparison(*reports)


def written(comparison: Comparison, folder: Path) -> Path:
    path = folder / "page.html"
    path.write_text(comparison_page(comparison))
    assert path.stat().st_size < 10e6
    return path


@needs_browser
@pytest.mark.parametrize("window", samples(1, [(400, "dark"), (1280, "light")]))
def test_a_page_shows_what_changed(window, browser, comparison, tmp_path):
    width, scheme = window
    path = written(comparison, tmp_path)
    page, faults = opened(
        browser, path, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert page.title() == "digits on edge → digits on edge"
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cycles = page.locator("[data-total=cycles]").get_attribute("data-value")
    assert cycles == str(comparison.after.costs.cycles)
    drawn = page.evaluate(
        "document.querySelector('#changes .chart').data.flatMap((trace) => trace.x).reduce((a, b) => a + b)"
    )
    assert drawn == comparison.total.cycles
    names = page.locator("#layer-table tbody tr td:nth-child(2)").all_inner_texts()
    assert names == [change.name for change in comparison.layers]
    lone = page.locator("#layer-table tr", has_text="<b>relu3").locator("td").all_inner_texts()
    assert lone[3] == "-"  # after
    page.keyboard.press("j")
    chosen = page.locator("#layer-table tr[aria-selected=true]")
    assert chosen.get_attribute("data-item") == "0"
    page.click("#layer-table button:has-text('layer')")
    sorted_names = page.locator("#layer-table tbody tr td:nth-child(2)").all_inner_texts()
    assert len(sorted_names) == len(names) and sorted_names != names
    assert faults == []


@needs_browser
def test_runs_that_are_alike(browser, comparison, tmp_path):
    same = Comparison(comparison.after, comparison.after)
    page, faults = opened(browser, written(same, tmp_path))
    assert "All layers take the same cycles." in page.locator("#changes .note").inner_text()
    assert "as before" in page.locator("[data-total=cycles]").inner_text() and faults == []
