"""Discrete Fourier transforms, as products with the matrices of sines and cosines."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import shown
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.operators.linear import gemm_of

PARTS = 2
"""Real and imaginary part, along the last axis; a real signal has the first alone."""


def fourier_matrix(taken: int, length: int, made: int, parts: int, inverse: bool) -> np.ndarray:
    """[taken, parts, made, PARTS]: what part of each of `taken` elements adds to each of `made` frequencies.

    The transform is of `length` elements, of which the rest are 0.
    """
    steps = np.outer(np.arange(taken), np.arange(made)) % length
    angles = (1 if inverse else -1) * 2 * np.pi * steps / length
    real, imaginary = np.cos(angles), np.sin(angles)
    rows = np.array([[real, imaginary], [-imaginary, real]][:parts])
    return rows.transpose(2, 0, 3, 1) / (length if inverse else 1)


def _number(node: Node, index: int, what: str) -> int | None:
    array = node.elements(index, what)
    return None if array is None else int(array.item())


@imports("DFT")
def dft(node: Node) -> SSAValue:
    """The axis is an attribute before opset 20, by default 1; then an input, by default the last but one."""
    x, shape = node.value(0), node.shape()
    inverse, is_half = bool(node.attribute("inverse", 0)), bool(node.attribute("onesided", 0))
    if xnn.DYNAMIC in shape or len(shape) < 2 or shape[-1] not in (1, PARTS):
        raise Unsupported(f"a signal of shape {shown(shape)}")
    if inverse and is_half:
        raise Unsupported("the inverse of half a spectrum")
    given = node.attribute("axis", 1) if node.opset < 20 else _number(node, 2, "axis")
    axis = node.axis(-2 if given is None else given, len(shape))
    length = _number(node, 1, "dft_length") or shape[axis]
    taken, parts, made = min(shape[axis], length), shape[-1], length // 2 + 1 if is_half else length
    if taken < shape[axis]:
        fields = {"axes": [axis], "starts": [0], "ends": [taken], "steps": [1]}
        bounds = {name: xnn.integers(values) for name, values in fields.items()}
        x = node.build(xnn.SliceOp, [x], bounds, part="taken")
    order = [*(i for i in range(len(shape) - 1) if i != axis), axis, len(shape) - 1]
    others = [shape[i] for i in order[:-2]]
    rows = node.transposed(x, order, "last") if order != sorted(order) else x
    rows = node.reshaped(rows, (int(np.prod(others)), taken * parts), "rows")
    matrix = fourier_matrix(taken, length, made, parts, inverse)
    weights = matrix.reshape(taken * parts, made * PARTS)
    factor = node.stored(weights, xnn.tensor_type(x).element_type, "matrix")
    products = gemm_of(node.of("products"), rows, factor)
    if order == sorted(order):
        return node.reshaped(products, (*others, made, PARTS))
    spectra = node.reshaped(products, (*others, made, PARTS), "spectra")
    return node.transposed(spectra, [order.index(i) for i in range(len(order))], "")


@imports("STFT")
def stft(node: Node) -> SSAValue:
    """A convolution: its channels are the parts of the frequencies, its taps times the window those of a frame."""
    x, step, window = node.value(0), _number(node, 1, "frame_step"), node.optional_value(2)
    if len(sizes := xnn.shape_of(x)) == 2 and xnn.DYNAMIC not in sizes:
        x = node.reshaped(x, (*sizes, 1), "real")
    shape = xnn.shape_of(x)
    length = _number(node, 3, "frame_length")
    if length is None:
        length = shape[1] if window is None else xnn.shape_of(window)[0]
    if xnn.DYNAMIC in shape or len(shape) != 3 or shape[-1] not in (1, PARTS) or step is None:
        raise Unsupported(f"a signal of shape {shown(shape)}")
    if window is not None and xnn.shape_of(window) != (length,):
        raise Unsupported(f"a window of shape {shown(xnn.shape_of(window))} for {length} elements")
    parts, made = shape[-1], length // 2 + 1 if node.attribute("onesided", 1) else length
    matrix = fourier_matrix(length, length, made, parts, inverse=False)
    taps = matrix.transpose(2, 3, 1, 0).reshape(made * PARTS, parts, length)
    weights = node.stored(taps, xnn.tensor_type(x).element_type, "matrix")
    if window is not None:
        weights = node.build(xnn.MulOp, [weights, window], part="weights")
    channels = node.transposed(x, [0, 2, 1], "channels")
    properties = {
        "groups": xnn.integer(1),
        "dilations": xnn.integers([1]),
        "pads": xnn.integers([0, 0]),
        "strides": xnn.integers([step]),
    }
    sums = node.build(xnn.ConvOp, [channels, weights, None], properties, part="products")
    frames = xnn.shape_of(sums)[-1]
    split = node.reshaped(sums, (shape[0], made, PARTS, frames), "spectra")
    return node.transposed(split, [0, 3, 1, 2], "")
