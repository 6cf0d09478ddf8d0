"""The networks that we ship or generate run in onnxruntime, and their outputs mean something."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from xnn.tools import networks
from xnn.tools.networks import light

NINE = {
    "bvlc_alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
    "zfnet512",
}


def outputs_of(model: onnx.ModelProto, inputs: dict) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return {n: np.asarray(y) for n, y in zip(names, session.run(names, inputs), strict=True)}


def test_the_nine_networks_are_there():
    assert set(light.names()) == NINE


def test_unknown_network_is_refused_with_the_names():
    with pytest.raises(ValueError, match="no network 'lenet'; there are .*squeezenet"):
        light.build("lenet")


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "densenet121"])
def test_outputs_tell_one_class_from_another(name: str):
    model = light.build(name)
    onnx.checker.check_model(model)
    assert "ConstantOfShape" not in {node.op_type for node in model.graph.node}
    assert len(model.graph.input) == 1
    *_, logits = outputs_of(model, light.sample_input(model)).values()
    assert np.isfinite(logits).all()
    assert len(np.unique(logits)) > 500  # of 1000


def test_logits_are_an_output_beside_the_probabilities():
    model = light.build("squeezenet")
    probabilities, logits = outputs_of(model, light.sample_input(model)).values()
    exponentials = np.exp(logits - logits.max())
    np.testing.assert_allclose(
        probabilities.ravel(), (exponentials / exponentials.sum()).ravel(), rtol=1e-4, atol=1e-7
    )


def test_the_seed_decides_the_weights():
    first, same, other = (light.build("squeezenet", seed).SerializeToString() for seed in (3, 3, 4))
    assert first == same
    assert first != other


def test_the_digits_network_reads_held_out_digits():
    folder = Path(networks.__file__).parent
    session = onnxruntime.InferenceSession(folder / "digits.onnx")
    digits = np.load(folder / "digits.npz")
    right = [
        np.asarray(session.run(["logits"], {"image": image[None]})[0]).argmax() == label
        for image, label in zip(digits["images"], digits["labels"], strict=True)
    ]
    assert len(right) == 360
    assert np.mean(right) >= 0.985
