"""A browser without a screen, for pages that a test opens."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def ours(message: str) -> bool:
    """Whether a message is of the page; without a graphics card the driver says that it is slow."""
    return "GL Driver Message" not in message


def opened(browser: Browser, path: Path, **settings) -> tuple[Page, list[str]]:
    """A page once all its charts are drawn, and a list to which go errors, and what it asks the network for."""
    page = browser.new_page(**settings)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if ours(message.text) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: faults.append(request.url) if path.name not in request.url else None,
    )
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=120_000)
    return page, faults
