"""Feature maps that a run keeps: at every level those of the graph, in its shapes; what cannot be kept is refused."""

import numpy as np
import pytest
from onnx.parser import parse_model

from tests.programs import compiled
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.tools.program import Program

NETWORK = """
    <ir_version: 8, opset_import: ["" : 13]>
    small (float[1, 3, 16, 16] x) => (float[1, 16, 14, 14] y) <
        float[8, 3, 3, 3] v = {WEIGHTS}, float[16, 11, 3, 3] w = {WEIGHTS}
    > { BODY }
"""
X = np.random.default_rng(0).standard_normal((1, 3, 16, 16), np.float32)
PADS = "pads = [1, 1, 1, 1]"
CHAIN = f"a = Conv<{PADS}>(x, v)  r = Relu(a)  p = MaxPool<kernel_shape = [3, 3]>(r)  y = Concat<axis = 1>(p, p)"
PLACED = (
    f"a = Conv<{PADS}>(x, v)  r = Relu(a)  z = Concat<axis = 1>(r, x)  s = Relu(z)  y = Conv(s, w)"
)
IN_ROWS = {
    "r": "block=[1, 1, 4, 3, 2, 16], outermost=positions, local, rows=7",
    "p": "block=[1, 8, 1, 1, 3, 14], outermost=positions",
}


def network(body: str):
    """A network whose weights are drawn from a seed; those that it does not use are left out."""
    random = np.random.default_rng(1)
    text = NETWORK.replace("BODY", body)
    for elements in (216, 1584):
        drawn = ", ".join(f"{each:.3f}" for each in random.standard_normal(elements))
        text = text.replace("WEIGHTS", drawn, 1)
    return parse_model(text)


def kept(program: Program, *more: str) -> dict[str, np.ndarray]:
    return program.run({"x": X}, keep=[*program.feature_maps, *more])[0]


@pytest.mark.parametrize("body, schedules", [(CHAIN, {}), (CHAIN, IN_ROWS), (PLACED, {})])
def test_all_levels_keep_what_the_graph_has(body, schedules):
    model = network(body)
    expected = kept(compiled(model, level="xnn"))
    for level in LEVELS[1:]:
        program = compiled(model, level=level, schedules=schedules)
        found = kept(program)
        assert set(program.feature_maps) <= found.keys()
        same = [name for name in found if name in expected]
        assert "y" in same and ("r" in same or "z" in same or level == "dma")
        for name in same:
            np.testing.assert_allclose(found[name], expected[name], 1e-4, 1e-4, err_msg=name)


def test_a_ring_is_kept_row_by_row():
    program = compiled(network(CHAIN), schedules=IN_ROWS)
    machine = program.session.machine
    assert machine is not None
    (ring,) = [buffer for buffer in machine.buffers if buffer.ring is not None]
    assert (ring.shown_name, ring.type.get_shape()) == ("r", (1, 8, 7, 16))
    first = kept(program)["r"]
    assert first.shape == (1, 8, 16, 16)
    np.testing.assert_array_equal(kept(program)["r"], first)  # rows are counted anew


def test_samples_are_gathered_as_the_outputs_are():
    program = compiled(network(CHAIN))
    both = program.run({"x": np.concatenate([X, 2 * X])}, keep="r")[0]
    assert both["r"].shape == (2, 8, 16, 16)
    np.testing.assert_array_equal(both["r"][:1], program.run({"x": X}, keep="r")[0]["r"])


def test_what_is_kept_is_the_callers():
    program = compiled(network(CHAIN), level="xnn")
    maps = kept(program)
    for each in maps.values():
        each[...] = 0
    assert kept(program)["r"].any()


@pytest.mark.parametrize(
    "level, body, name, message",
    [
        ("dsa", CHAIN, "a", "layer 'a' has no feature map here: it is fused into 'r'"),
        ("prim", CHAIN, "a", "layer 'a' has no feature map here: it is fused into 'r'"),
        ("dsa", PLACED, "r", "layer 'r' has no feature map of its own: it is a part of 'z'"),
        ("dma", PLACED, "r", "layer 'r' has no feature map of its own, or of some rows at a time only"),
        ("xnn", CHAIN, "v", "no layer is called 'v'"),
        ("dsa", CHAIN, "x", "no layer is called 'x'"),
    ],
)  # fmt: skip
def test_what_no_run_can_keep(level, body, name, message):
    program = compiled(network(body), level=level)
    with pytest.raises(UserError, match=f"^{message}") as error:
        program.run({"x": X}, keep=[name, "y"])
    assert error.value.hint == f"there are {', '.join(program.feature_maps)}"


def test_all_that_is_wrong_is_said_at_once_with_the_nearest_names():
    program = compiled("tools/networks/digits.onnx", level="xnn")
    with pytest.raises(UserError) as error:
        program.run({"image": np.zeros((1, 1, 8, 8), np.float32)}, keep=["rellu1", "", "pool1"])
    assert error.value.message.splitlines() == [
        "no layer is called 'rellu1': did you mean relu1 or relu4 or relu3?",
        "no layer is called ''",
    ]
