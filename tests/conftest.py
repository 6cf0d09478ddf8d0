"""No test depends on how fast the machine is."""

import gc

from hypothesis import settings

settings.register_profile("any-speed", deadline=None)
settings.load_profile("any-speed")


def pytest_collection_finish():
    """What is imported stays: no collection of garbage need walk through it."""
    gc.freeze()
