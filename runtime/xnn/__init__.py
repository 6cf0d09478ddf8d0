"""What the graph level means: each operator on whole tensors, in the type of the tensors, by operator family."""

from xdsl.interpreter import Interpreter

from xnn.runtime.weights import WeightStore
from xnn.runtime.xnn.constants import ConstantFunctions
from xnn.runtime.xnn.convolution import ConvolutionFunctions
from xnn.runtime.xnn.elementwise import ElementwiseFunctions
from xnn.runtime.xnn.linear import LinearFunctions
from xnn.runtime.xnn.normalization import NormalizationFunctions
from xnn.runtime.xnn.pooling import PoolingFunctions
from xnn.runtime.xnn.quantization import QuantizationFunctions
from xnn.runtime.xnn.shape import ShapeFunctions

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
