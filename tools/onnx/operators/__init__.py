"""The import of ONNX operators, by family: a module here registers what it imports."""

from xnn.tools.onnx.node import IMPORTS, import_of
from xnn.tools.onnx.operators import (
    constants,
    elementwise,
    linear,
    normalization,
    quantization,
    shape,
    windows,
)

__all__ = [
    "IMPORTS",
    "constants",
    "elementwise",
    "linear",
    "import_of",
    "normalization",
    "quantization",
    "shape",
    "windows",
]
