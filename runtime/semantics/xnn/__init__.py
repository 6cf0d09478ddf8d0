"""What the graph level means: each operator on whole tensors, in the type of the tensors, by operator family."""

from xdsl.interpreter import Interpreter

from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.xnn.constants import ConstantFunctions
from xnn.runtime.semantics.xnn.convolution import ConvolutionFunctions
from xnn.runtime.semantics.xnn.elementwise import ElementwiseFunctions
from xnn.runtime.semantics.xnn.linear import LinearFunctions
from xnn.runtime.semantics.xnn.normalization import NormalizationFunctions
from xnn.runtime.semantics.xnn.pooling import PoolingFunctions
from xnn.runtime.semantics.xnn.quantization import QuantizationFunctions
from xnn.runtime.semantics.xnn.shape import ShapeFunctions

FAMILIES = (
    ConvolutionFunctions,
    ElementwiseFunctions,
    LinearFunctions,
    NormalizationFunctions,
    PoolingFunctions,
    QuantizationFunctions,
    ShapeFunctions,
)


def register_xnn(interpreter: Interpreter, store: WeightStore) -> None:
    """Give `interpreter` the meaning of the operators of `xnn`; weights come from `store`."""
    interpreter.register_implementations(ConstantFunctions(store))
    for family in FAMILIES:
        interpreter.register_implementations(family())
