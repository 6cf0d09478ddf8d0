"""The Python interface."""

import gc

import pytest

import xnn
from xnn.dialects.diagnostics import UserError


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_of_garbage_stays_as_it_was(enabled: bool):
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(UserError):
            xnn.compile("tools/networks/digits.onnx", level="none")
        assert gc.isenabled() == enabled
    finally:
        gc.enable()
