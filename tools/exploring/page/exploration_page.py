"""The page of an exploration."""

from __future__ import annotations

from pathlib import Path

from xnn.runtime.page.page import page_of
from xnn.tools.exploring.results import SHOWN, Results


def exploration_page(results: Results) -> str:
    """The page that shows all machines: through all axes, in the plane of each two objectives, as a table."""
    metrics = {
        name: {"unit": unit, "per_unit": factor} for name, (unit, _, factor) in SHOWN.items()
    }
    contents = {**results.json(), "metrics": metrics}
    return page_of(Path(__file__).parent / "exploration.html", contents, results.title)
