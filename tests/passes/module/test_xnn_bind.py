import numpy as np
import pytest
from onnx import TensorProto, helper
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import DYNAMIC
from xnn.passes.module.xnn_bind import XnnBind, bound, require_static
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.onnx.importer import import_bytes
from xnn.tools.xnn_opt import main


def network(*dims: int | str | None) -> ModuleOp:
    graph = helper.make_graph(
        [
            helper.make_node("MaxPool", ["x"], ["a"], kernel_shape=[2]),
            helper.make_node("Flatten", ["a"], ["y"]),
        ],
        "symbolic",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)],
        [helper.make_empty_tensor_value_info("y")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    return import_bytes(model.SerializeToString())


def test_a_static_network_needs_nothing():
    require_static(network(1, 2, 4))


def test_all_unbound_dimensions_are_named():
    with pytest.raises(UserError, match="size of dimension batch, x_2 is not known") as error:
        require_static(network("batch", 2, None))
    assert error.value.hint == "say --bind batch=... --bind x_2=..."


def test_bound_networks_run():
    module = network("batch", 2, None)
    XnnBind("batch=3,x_2=5").apply(Context(), module)
    module.verify()
    require_static(module)
    x = np.arange(30, dtype=np.float32).reshape(3, 2, 5)
    (y,) = interpreter_of(module, WeightStore()).call_op("main", (x,))
    assert y.tolist() == x[:, :, 1:].reshape(3, 8).tolist()


@pytest.mark.parametrize("dims", ["batch", "batch=", "batch=-1", "=3", "batch=1.5"])
def test_what_is_no_size(dims):
    with pytest.raises(UserError, match=f"cannot bind {dims}"):
        XnnBind(dims).apply(Context(), network("batch", 2, 4))


def test_unknown_names_come_with_the_known_ones():
    with pytest.raises(UserError, match="no dimension of unknown size called N") as error:
        XnnBind("N=1").apply(Context(), network("batch", 2, "width"))
    assert error.value.hint == "it has batch, width"


def test_a_shape_against_a_size():
    x = {"x": [("batch", DYNAMIC), ("", 2), ("width", DYNAMIC)]}
    binds = [XnnBind("batch=3"), XnnBind(shape="x=3,2,5")]
    assert bound(binds, x) == ({"batch": 3, "width": 5}, {"x": [3, 2, 5]})
    with pytest.raises(UserError, match=r"batch is bound to 3, but input x of shape \[4, 2, 5\]"):
        bound([XnnBind("batch=3"), XnnBind(shape="x=4,2,5")], x)


def test_sizes_that_do_not_fit():
    with pytest.raises(UserError, match="with width=1: xnn.max_pool .* does not fit"):
        XnnBind("width=1").apply(Context(), network("batch", 2, "width"))


@pytest.mark.parametrize("level", ["primitives", "dma", "dsa"])
def test_lowering_says_how_to_bind(level, tmp_path, capsys):
    text = """func.func @main(%x : tensor<?x4xf32> {xnn.dims = ["a b", ""], xnn.name = "x"}) -> tensor<?x4xf32> {
  %y = xnn.relu "y" %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  func.return %y : tensor<?x4xf32>
}"""
    (tmp_path / "m.mlir").write_text(text)
    assert main([str(tmp_path / "m.mlir"), f"--lower-to-{level}"]) == 1
    error = "error: the size of dimension a b is not known\nhint: say --bind 'a b'=...\n"
    assert capsys.readouterr().err == error
