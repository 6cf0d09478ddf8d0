"""Quantised convolutions on the machine, against integers of Python, which have no width."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from xdsl.parser import Parser

from tests.programs import compiled
from tests.samples import examples
from xnn.tools.parsing import make_context

LAYER = """func.func @main(%x : tensor<{x}x{kind}> {{xnn.name = "x"}}) -> (tensor<{out}x{to}> {{xnn.name = "y"}}) {{
  %w = xnn.constant "w" dense<{weights}> : tensor<{w}xi8>
  %b = xnn.constant "b" dense<{biases}> : tensor<{rows}xi32>
  %m = xnn.constant "m" dense<{multipliers}> : tensor<{rows}xf32>
  %zx = xnn.constant "zx" dense<{zero_in}> : tensor<{kind}>
  %zy = xnn.constant "zy" dense<{zero_out}> : tensor<{to}>
  %c = xnn.center "c" %x, %zx : (tensor<{x}x{kind}>, tensor<{kind}>) -> tensor<{x}xi9>
  %s = xnn.conv "s" %c, %w, %b {{dilations = array<i64: 1, 1>, groups = {groups} : i64,
    pads = array<i64: {pads}>, strides = array<i64: {strides}>}}
    : (tensor<{x}xi9>, tensor<{w}xi8>, tensor<{rows}xi32>) -> tensor<{out}xi32>
  %y = xnn.requantize "y" %s, %m, %zy : (tensor<{out}xi32>, tensor<{rows}xf32>, tensor<{to}>) -> tensor<{out}x{to}>
  func.return %y : tensor<{out}x{to}>
}}"""
RANGES = {"ui8": (0, 255), "i8": (-128, 127)}


def sizes(*values: int) -> str:
    return "x".join(map(str, values))


@examples(30)
@given(st.data())
def test_a_layer_is_exact(data):
    """clip(round(multiplier * (sum of w * (x - zero point) + bias)) + zero point), whatever the sizes."""
    draw = data.draw
    groups, rows, channels = (draw(st.integers(1, 3)) for _ in range(3))
    height, width = draw(st.integers(3, 7)), draw(st.integers(3, 7))
    kh, kw, pad, stride = (
        draw(st.integers(low, high)) for low, high in ((1, 3), (1, 3), (0, 1), (1, 2))
    )
    kind, to = draw(st.sampled_from([*RANGES])), draw(st.sampled_from([*RANGES]))
    zero_in, zero_out = (draw(st.integers(*RANGES[each])) for each in (kind, to))
    out = [(size + 2 * pad - k) // stride + 1 for size, k in ((height, kh), (width, kw))]
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = random.integers(*RANGES[kind], (1, groups * channels, height, width), endpoint=True)
    w = random.integers(-128, 127, (groups * rows, channels, kh, kw), endpoint=True)
    b = random.integers(-(2**20), 2**20, groups * rows)
    m = np.exp2(random.uniform(-16, -4, groups * rows)).astype(np.float32)
    text = LAYER.format(
        x=sizes(*x.shape),
        w=sizes(*w.shape),
        out=sizes(1, groups * rows, *out),
        rows=groups * rows,
        weights=w.tolist(),
        biases=b.tolist(),
        multipliers=[float(each) for each in m],
        pads=", ".join([str(pad)] * 4),
        strides=f"{stride}, {stride}",
        **{"kind": kind, "to": to, "zero_in": zero_in, "zero_out": zero_out, "groups": groups},
    )
    module = Parser(make_context(), text).parse_module()
    program = compiled(module, settings=["local.rows=4", "local.banks=4", "matmul.n=4"])
    found = program.run({"x": x.astype(np.uint8 if kind == "ui8" else np.int8)}, sanitize=True)[0][
        "y"
    ]

    def tap(row: int, y: int, z: int, channel: int, i: int, j: int) -> int:
        at, across = y * stride + i - pad, z * stride + j - pad
        if not (0 <= at < height and 0 <= across < width):
            return 0
        source = row // rows * channels + channel
        return int(w[row, channel, i, j]) * (int(x[0, source, at, across]) - zero_in)

    low, high = RANGES[to]
    for row, y, z in product(range(groups * rows), *map(range, out)):
        taps = product(range(channels), range(kh), range(kw))
        total = int(b[row]) + sum(tap(row, y, z, *each) for each in taps)
        scaled = float(np.float32(total) * m[row])  # one product in float32, then half to even
        assert int(found[0, row, y, z]) == min(max(round(scaled) + zero_out, low), high)
