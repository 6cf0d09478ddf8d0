"""What concerns all tests: how many examples are tried, and when garbage is collected."""

import gc

from hypothesis import settings

import tests.samples  # noqa: F401 - it registers the profiles


def pytest_configure(config):
    """All examples are tried where slow tests are run."""
    settings.load_profile("some" if config.option.markexpr == "not slow" else "all")


def pytest_collection_finish():
    """What is imported stays: no collection of garbage need walk through it, and IR is worth few of them."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
