"""The tutorial's notebooks, which are Markdown (jupytext's form): executed by the tests, and for the site.

mkdocs.yml names this file as a hook.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import jupytext
from nbclient import NotebookClient
from nbconvert.exporters import MarkdownExporter
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "tutorial").glob("[0-9]*.md"))
PYTHON = {"language_info": {"name": "python"}}
INLINE = Config({"ExtractOutputPreprocessor": {"enabled": False}})
"""Pictures stand in the page: no files beside it."""


def execute(notebook: NotebookNode) -> None:
    """Run all cells, in a folder of their own; raises nbclient's CellExecutionError."""
    config = Config()
    with tempfile.TemporaryDirectory() as folder:
        # sockets that are files, which nobody else can reach
        config.ConnectionFileMixin.transport = "ipc"
        config.ConnectionFileMixin.ip = f"{folder}/kernel"
        place = {"metadata": {"path": folder}}
        NotebookClient(notebook, resources=place, config=config, timeout=300).execute()


def is_answer(cell: NotebookNode) -> bool:
    """Whether its source is hidden until it is asked for."""
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """A page of the site: of a notebook its Markdown, with the outputs if `SITE_OUTPUTS` is set."""
    if Path(page.file.abs_src_path).resolve() not in NOTEBOOKS:
        return markdown
    notebook = jupytext.reads(markdown, "md")
    if os.environ.get("SITE_OUTPUTS"):
        execute(notebook)
    exporter = MarkdownExporter(config=INLINE)
    return "\n\n".join(_as_markdown(cell, exporter) for cell in notebook.cells)


def _as_markdown(cell: NotebookNode, exporter: MarkdownExporter) -> str:
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=PYTHON, cells=[cell])
    text, _ = exporter.from_notebook_node(notebook)
    if not is_answer(cell):
        return text
    return '??? example "Show"\n\n' + re.sub("^", "    ", text.strip(), flags=re.MULTILINE)
