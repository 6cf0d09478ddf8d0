"""The import of ONNX operators, by family: every module here registers what it imports."""

from importlib import import_module
from pkgutil import iter_modules

from xnn.dialects.xnn import XNN, NetworkOperation
from xnn.tools.onnx.node import import_as

import_as(*(op for op in XNN.operations if issubclass(op, NetworkOperation) and op.ONNX))
for family in iter_modules(__path__):
    import_module(f"{__name__}.{family.name}")
