"""Real networks at the graph level: right before and after optimisation, and as simple as they should be."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.xnn.interface import argument_names, main_function, result_names
from xnn.passes import pass_named
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.networks import light
from xnn.tools.onnx.importer import import_model

SMALL = {"squeezenet", "shufflenet"}
TOLERANCE = 1e-4
"""Of the largest absolute value of an output."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in SMALL else pytest.mark.slow)
        for name in light.names()
    ],
)
def network(request, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The name of a network and the file that it is in."""
    path = tmp_path_factory.mktemp("network") / f"{request.param}.onnx"
    light.save(request.param, path)
    yield request.param, path
    path.unlink()


def largest_error(module: ModuleOp, inputs: dict, expected: dict) -> float:
    main = main_function(module)
    arrays = [inputs[name] for name in argument_names(main)]
    outputs = dict(
        zip(
            result_names(main), interpreter_of(module, WeightStore()).call_op("main", tuple(arrays))
        )
    )
    assert outputs.keys() == expected.keys()
    return max(np.abs(outputs[k] - y).max() / np.abs(y).max() for k, y in expected.items())


def test_network(network):
    name, path = network
    session = onnxruntime.InferenceSession(path)
    inputs = light.sample_input(onnx.load(path, load_external_data=False))
    names = [output.name for output in session.get_outputs()]
    expected = dict(zip(names, session.run(names, inputs)))

    module = import_model(path)
    module.verify()
    assert largest_error(module, inputs, expected) < TOLERANCE

    pass_named("optimize-graph")().apply(Context(), module)
    module.verify()
    assert largest_error(module, inputs, expected) < TOLERANCE

    counts = Counter(op.name for op in main_function(module).walk())
    # Only DenseNet normalises before the activation, where no convolution takes it in.
    per_channel = 62 if name == "densenet121" else 0
    assert counts["xnn.batch_norm"] == counts["xnn.dropout"] == 0
    assert counts["xnn.mul"] == per_channel
    if name not in ("resnet50", "shufflenet"):  # which have residuals
        assert counts["xnn.add"] == per_channel
    constants = {"xnn.constant", "xnn.weight"}
    assert not constants & counts.keys()
