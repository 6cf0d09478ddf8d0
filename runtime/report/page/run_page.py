"""The page of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xnn.runtime.extras import require
from xnn.runtime.page.page import page_of

LIBRARIES = ("plotly", "igraph")
"""What draws charts, and what finds places for the nodes of a graph: the extra `report`."""


def require_libraries() -> None:
    """Raises UserError if a library that the page needs is missing."""
    require("a page", "report", *LIBRARIES)


def run_page(contents: Mapping[str, Any], title: str) -> str:
    """The page that shows `contents` (see xnn.runtime.report.page.contents)."""
    now = {name: content for name, content in contents.items() if name != "texts"}
    later = {"level-texts": contents["texts"]}
    return page_of(Path(__file__).parent / "run.html", now, title, later)
