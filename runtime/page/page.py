"""One file of HTML that needs no other: the page's own style and scripts, plotly, and the data as one JSON object."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SHELL = Path(__file__).parent / "shell.html"


def page_of(
    document: Path, contents: Mapping[str, Any], title: str, later: Mapping[str, Any] | None = None
) -> str:
    """The page that shows `contents`: the shell of all pages, with what `document` has in it.

    The document has the views, in HTML, and then its scripts. Plotly, and what is to be shown `later` by the names of
    the elements for it, is packed, and not unpacked before the parts that need none of it are on the screen.
    """
    views, script, scripts = _with_files(document).partition("<script")
    page = _with_files(SHELL).replace("<!-- views -->\n", views)
    page = page.replace("<!-- scripts -->\n", script + scripts)
    page = page.replace("<title></title>", f"<title>{html.escape(title)}</title>")
    # no text of the data ends the element that holds it
    page = _filled(page, "data", _json(contents).replace("<", "\\u003c"))
    for element, content in (later or {}).items():
        page = _filled(page, element, _packed(_json(content)))
    return _filled(page, "plotly", _packed(_plotly()))


def _with_files(document: Path) -> str:
    """The HTML of a document, with the files that it refers to in their places."""

    def inlined(reference: re.Match[str]) -> str:
        element, content = "script", reference["script"]
        if content is None:
            element, content = "style", reference["style"]
        text = (document.parent / content).read_text(encoding="utf-8")
        return f"<{element}>\n{text}</{element}>"

    return re.sub(
        r'<script src="(?P<script>[^"]+)"></script>|<link rel="stylesheet" href="(?P<style>[^"]+)" />',
        inlined,
        document.read_text(encoding="utf-8"),
    )


def _json(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"))


def _filled(page: str, element: str, content: str) -> str:
    """The page with the empty script element of this id filled."""
    before, tag, after = re.split(rf'(<script id="{element}"[^>]*>)', page, maxsplit=1)
    return f"{before}{tag}{content}{after}"


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # a run without a page need not have it

    return get_plotlyjs()


def _packed(text: str) -> str:
    """By gzip, as text: of Plotly's JavaScript a third of the bytes that it has as it is."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
