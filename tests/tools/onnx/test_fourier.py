"""Fourier transforms on the matrix primitive at every level, against NumPy and onnxruntime."""

from typing import Any

import numpy as np
import pytest

from tests.tools.onnx.levels import agree, floats, model_of, node


def parts(spectrum: np.ndarray) -> np.ndarray:
    return np.stack([np.real(spectrum), np.imag(spectrum)], -1).astype(np.float32)


@pytest.mark.parametrize(
    "opset, axis, length, inverse, onesided, is_complex",
    [
        (17, 1, None, 0, 0, False),
        (17, 2, 8, 0, 1, False),
        (20, -2, 5, 0, 0, True),
        (20, 1, 12, 1, 0, True),
        (20, 0, None, 0, 1, False),
    ],
)
def test_a_transform_is_one_product(opset, axis, length, inverse, onesided, is_complex):
    x = floats(0, 3, 9, 7, 2 if is_complex else 1)
    inputs, constants = "xn" if length else "x_", {}
    if length:
        constants["n"] = np.array(length, np.int64)
    attributes = {"inverse": inverse, "onesided": onesided}
    if opset < 20:
        attributes["axis"] = axis
    else:
        inputs, constants["a"] = f"{inputs}a", np.array(axis, np.int64)
    model = model_of([node("DFT", inputs, **attributes)], {"x": x}, ["y"], constants, opset)
    signal = x[..., 0] + 1j * x[..., 1] if is_complex else x[..., 0]
    along = axis if axis >= 0 else axis + 1
    transform: Any = np.fft.ifft if inverse else np.fft.fft
    spectrum = transform(signal, length, along)
    if onesided:
        half = spectrum.shape[along] // 2 + 1
        spectrum = np.take(spectrum, np.arange(half), along)
    agree(model, {"x": x}, expected=[parts(spectrum)], rtol=1e-4, atol=2e-5)


def test_frames_of_a_signal_without_an_axis_of_parts():
    """Half a spectrum if nothing else is said."""
    x, constants = floats(1, 2, 40), {"s": np.array(5), "w": np.hanning(12).astype(np.float32)}
    model = model_of([node("STFT", "xsw")], {"x": x}, ["y"], constants)
    agree(model, {"x": x}, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("onesided", [0, 1])
@pytest.mark.parametrize("is_computed", [False, True])
def test_a_transform_of_frames_is_a_convolution(onesided: int, is_computed: bool):
    x, window = floats(1, 2, 40, 1), np.hanning(12).astype(np.float32)
    constants = {"s": np.array(5, np.int64), "n": np.array(12, np.int64)}
    inputs = {"x": x} | ({"w": window} if is_computed else {})
    constants |= {} if is_computed else {"w": window}
    model = model_of([node("STFT", "xswn", onesided=onesided)], inputs, ["y"], constants)
    agree(model, inputs, rtol=1e-4, atol=2e-5)
