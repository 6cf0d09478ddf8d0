"""The page of a comparison."""

from __future__ import annotations

from pathlib import Path

from xnn.runtime.extras import require
from xnn.runtime.page.page import page_of
from xnn.runtime.report.comparison import Comparison


def require_libraries() -> None:
    """Raises UserError if a library that the page needs is missing."""
    require("a page", "report", "plotly")


def comparison_page(comparison: Comparison) -> str:
    """The page that shows what changed: in all, by cause, and in each layer."""
    contents = comparison.json()
    title = f"{comparison.before.title} → {comparison.after.title}"
    return page_of(Path(__file__).parent / "comparison.html", contents, title)
