"""The import of ONNX operators, by family: a module here registers what it imports."""

from xnn.tools.onnx.node import IMPORTS, import_of
from xnn.tools.onnx.operators import (
    constants,
    elementwise,
    integer_products,
    linear,
    normalization,
    quantization,
    quantized,
    shape,
    windows,
)

__all__ = [
    "IMPORTS",
    "constants",
    "elementwise",
    "import_of",
    "integer_products",
    "linear",
    "normalization",
    "quantization",
    "quantized",
    "shape",
    "windows",
]
