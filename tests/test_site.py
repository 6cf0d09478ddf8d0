"""The documents build into a site, and all links in it lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents.commands import DOCUMENTS, ROOT
from tests.documents.notebooks import NOTEBOOKS


@pytest.fixture(scope="module", params=["", pytest.param("yes", marks=pytest.mark.slow)])
def site(request, tmp_path_factory) -> tuple[Path, str]:
    """The folder of the site, built without and with the outputs of notebooks; warnings are faults."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "SITE_OUTPUTS": request.param, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "not included in the" not in done.stderr, done.stderr
    return folder, request.param


def test_every_document_is_a_page(site):
    folder, _ = site
    for path in (*DOCUMENTS, *NOTEBOOKS):
        name = path.relative_to(ROOT).with_suffix(".html")
        assert (folder / ("index.html" if path.name == "README.md" else name)).exists()


def test_the_python_api_has_its_docstrings(site):
    page = (site[0] / "docs" / "api.html").read_text()
    for name in ("xnn.compile", "xnn.parse", "xnn.advise", "xnn.tools.program.Program.run"):
        assert f'id="{name}"' in page
    assert "Compile a network down to" in page


def test_notebooks_have_outputs_where_asked_for(site):
    folder, outputs = site
    page = (folder / "docs" / "tutorial" / "1-products.html").read_text()
    text = re.sub(r"<[^>]+>", "", page)
    assert ("960 bytes of tiles" in text) == bool(outputs)
    assert page.count("<details") == page.count("Show</summary>") == 3
    pictures = (folder / "docs" / "tutorial" / "3-memory.html").read_text().count("<img")
    assert (pictures == 2) == bool(outputs)


def test_pictures_and_files_are_there(site):
    for page in site[0].rglob("*.html"):
        for file in re.findall(
            r'<(?:img|script|link)[^>]+(?:src|href)="([^":]+)"', page.read_text()
        ):
            if page.name != "404.html":  # its links are from the top
                assert (page.parent / file.partition("?")[0]).exists(), f"{page.name}: {file}"


def test_nothing_is_fetched_from_elsewhere(site):
    fetched = re.compile(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"')
    pages = site[0].rglob("*.html")
    assert not [url for page in pages for url in fetched.findall(page.read_text())]
