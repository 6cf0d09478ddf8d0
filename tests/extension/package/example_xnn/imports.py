"""The import of the ONNX domain `example.ops`."""

from example_xnn.dialect import BoundOp, EndsOp, Scale2Op
from xnn.tools.onnx.node import Node, import_as, imports

import_as(Scale2Op, EndsOp, BoundOp)


@imports("example.ops.Faulty")
def faulty(node: Node):
    raise KeyError("what an import function forgot")
