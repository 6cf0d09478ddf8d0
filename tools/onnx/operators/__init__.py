"""The import of ONNX operators, by family: a module here registers what it imports."""

from xnn.tools.onnx.node import IMPORTS
from xnn.tools.onnx.operators import constants, elementwise, linear, normalization, shape, windows

__all__ = [
    "IMPORTS",
    "constants",
    "elementwise",
    "linear",
    "normalization",
    "shape",
    "windows",
]
