"""The page of an exploration in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.tools.browser import needs_browser, open_browser, opened
from xnn.tools.exploring.evaluation import METRICS, Outcome
from xnn.tools.exploring.page.exploration_page import exploration_page
from xnn.tools.exploring.results import Result, Results


def results(*, failed: bool = False) -> Results:
    """Three machines, of which the last cannot be compiled for; if `failed` none can."""
    found = [
        Result(
            {"matmul.n": n, "local.rows": 256},
            Outcome({}, "no <room>")
            if failed or n == 64
            else Outcome(dict.fromkeys(METRICS, 1e6 / n)),
            in_front=n == 32 and not failed,
        )
        for n in (32, 16, 64)
    ]
    return Results(
        "a <b> on edge", ("matmul.n", "local.rows"), ("cycles", "energy", "area"), tuple(found)
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as found:
        yield found


def test_a_page_is_one_file():
    text = exploration_page(results())
    assert "a &lt;b&gt; on edge" in text and "src=" not in text.partition("<main>")[0]


@needs_browser
def test_machines_are_drawn_and_selected_everywhere(browser, tmp_path):
    path: Path = tmp_path / "page.html"
    path.write_text(exploration_page(results()))
    page, faults = opened(
        browser, path, viewport={"width": 400, "height": 800}, color_scheme="dark"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("#found").inner_text() == (
        "3 machines, 1 on the Pareto front, 1 that cannot be compiled for."
    )
    titles = page.locator("section h2").all_inner_texts()
    assert titles[1:4] == ["Cycles and energy", "Cycles and area", "Energy and area"]
    labels = page.evaluate(
        "document.querySelector('#axes .chart').data[0].dimensions.map(({label}) => label)"
    )
    assert labels == ["matmul.n", "local.rows", "cycles", "energy, mJ", "area, mm2"]
    page.click("#machine-table tbody tr:nth-child(2)")
    colours = page.evaluate("document.querySelector('#axes .chart').data[0].line.color")
    assert list(colours) == [1, 2]
    page.fill("#filter", "no <room>")
    assert page.locator("#filtered").inner_text() == "1 of 3 machines"
    assert faults == []


@needs_browser
def test_a_page_without_a_machine_that_works(browser, tmp_path):
    path: Path = tmp_path / "page.html"
    path.write_text(exploration_page(results(failed=True)))
    page, faults = opened(browser, path)
    assert page.locator("#machine-table tbody tr").count() == 3 and faults == []
