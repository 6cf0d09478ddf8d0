"""Random cascades at level dma: rows of a feature map are made and used by turns, in a ring of few of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from random import Random

import numpy as np

WORK = 'operator = "", window = [], layers = [], shape = []' + "".join(
    f", {key} = 0 : i64"
    for key in (
        *("macs", "auxiliary_macs", "operations", "constant_bytes", "feature_map_bytes"),
        *("precision", "computation_cycles"),
    )
)
WORK += ', formats = {operands = [], arithmetic = "f32", result = "f32"}'
"""What reports need of a layer, none of which matters here."""
PRODUCERS = ("conv", "copy")
CONSUMERS = ("conv", "pool", "residual", "map", "reduce", "copy")
ORDERS = ("output_stationary", "lhs_stationary", "rhs_stationary")


def external(*shape: int) -> str:
    return f"memref<{'x'.join(map(str, shape))}xf32, #dma.external>"


class RandomRing:
    """A producer writes rows of a map of [1, K, H, W] to a ring, from which a consumer reads them.

    x [1, C, H, W] -> map -> y. A 3 x 3 convolution or a copy makes the map. A convolution, a pool, the sum
    with another one, an elementwise maximum, a sum of channels, or a copy uses it.
    """

    def __init__(self, seed: int, n: int, producer: str = "", consumer: str = ""):
        """`n` is the size of the machine's matrices at 32 bits."""
        self.seed, self.random, self.n = seed, Random(seed), n
        choose = self.random.choice
        self.producer = producer or choose(PRODUCERS)
        self.consumer = consumer or choose(CONSUMERS)
        self.C, self.K = choose([1, 2, 3, 5]), choose([1, 2, 4, 7])
        if self.producer == "copy":
            self.K = self.C
        self.H, self.W = choose([7, 8, 13]), choose([1, 3, 8, 17])
        windowed = self.consumer in ("conv", "pool")
        self.kernel, self.pad = (3, 1) if windowed else (1, 0)
        self.stride = choose([1, 2]) if self.consumer == "pool" else 1
        self.out_rows = (self.H + 2 * self.pad - self.kernel) // self.stride + 1
        self.out_columns = (self.W + 2 * self.pad - self.kernel) // self.stride + 1
        self.M = {"conv": self.C, "reduce": 1}.get(self.consumer, self.K)
        self.blocks = self._out_blocks()
        least = max(high - low for low, high in (self._needs(p, q) for p, q, _ in self.blocks))
        self.rows = self.random.randint(least, min(self.H, least + 2))
        """Of the ring."""
        self.lines: list[str] = []
        """Of the order."""

    # the order

    def _out_blocks(self) -> list[tuple[int, int, int]]:
        """Rows of y that are made together, and in how many blocks."""
        blocks, start = [], 0
        while start < self.out_rows:
            rows, count = self.random.choice([1, 2, 2, 3]), self.random.choice([1, 1, 2, 3])
            end = start + rows * count
            if end > self.out_rows:
                end, count = min(start + rows, self.out_rows), 1
            blocks.append((start, end, count))
            start = end
        return blocks

    def _needs(self, start: int, end: int) -> tuple[int, int]:
        """The rows of the map that rows of y need."""
        low = start * self.stride - self.pad
        return max(0, low), min(self.H, (end - 1) * self.stride - self.pad + self.kernel)

    def _body(self) -> Iterator[str]:
        """Rows are made as they are needed, some earlier; none in place of one that is needed still."""
        made = 0
        for start, end, count in self.blocks:
            low, high = self._needs(start, end)
            while made < high:
                until = self.random.randint(made + 1, min(self.H, low + self.rows))
                divisors = [n for n in range(1, until - made + 1) if (until - made) % n == 0]
                yield self._produce(made, until, self.random.choice(divisors))
                made = until
            yield self._consume(start, end, count)

    # text

    @property
    def map_type(self) -> str:
        strides = [self.K * self.rows * self.W, self.rows * self.W, self.W, 1]
        sizes = f"1x{self.K}x{self.H}x{self.W}xf32"
        return f"memref<{sizes}, strided<{strides}>, #dma.local>"

    def text(self, target: str = "") -> str:
        """A module, for the target that an attribute says."""
        x = external(1, self.C, self.H, self.W)
        y = external(1, self.M, self.out_rows, self.out_columns)
        buffer = f"memref<1x{self.K}x{self.rows}x{self.W}xf32, #dma.local>"
        body = "".join(self._body())
        return f"""
builtin.module attributes {{xnn.level = #xnn<level dma>{target and f", xnn.target = {target}"}}} {{
  func.func @main(%x: {x} {{xnn.name = "x"}}, %v: {external(self.K, self.C, 3, 3)} {{xnn.name = "v"}},
      %w: {self._weights} {{xnn.name = "w"}}) -> ({y} {{xnn.name = "y"}}) {{
    %rows = dma.alloc "map" : {buffer}
    %r = dma.ring %rows dim 2 : {buffer} to {self.map_type}
    %y = dma.alloc "y" : {y}
    {body}
    dma.order {{
      {"".join(self.lines)}
    }}
    func.return %y : {y}
  }}
}}
"""

    @property
    def _weights(self) -> str:
        if self.consumer == "residual":
            return external(self.K, self.C, 1, 1)
        return external(self.C, self.K, 3, 3)

    def _layer(self, kind: str, engine: str, count: int, body: str) -> str:
        name = f"{kind}{len(self.lines) + 1}"
        ahead = self.random.choice([0, 1]) if count > 1 and engine == "matmul" else 0
        self.lines.append(f'dma.run "{name}" ahead {ahead} behind 0\n')
        grid = f"[{count}]" if count > 1 else "[]"
        work = f'{{xnn.work = {{engine = "{engine}", {WORK}}}}}'
        return f'dma.blocks "{name}" {grid} attributes {work} {{\n{body}}}\n'

    @staticmethod
    def _at(count: int, row: int, step: int, column: int = 0) -> str:
        dims = "(d0)" if count > 1 else "()"
        place = f"d0 * {step} + {row}" if count > 1 else str(row)
        return f"at affine_map<{dims} -> (0, 0, {place}, {column})>"

    def _slice(
        self, name: str, count: int, row: int, step: int, sizes: list[int], column: int = 0
    ) -> tuple[str, str]:
        """A slice in place of the map, and its type."""
        strides = [self.K * self.rows * self.W, self.rows * self.W, self.W, 1]
        type = f"memref<{'x'.join(map(str, sizes))}xf32, strided<{strides}>, #dma.local>"
        at = self._at(count, row, step, column)
        return f"%{name} = dma.slice %r {at} {sizes} : {self.map_type} -> {type}\n", type

    def _load(
        self, name: str, of: str, whole: str, at: str, sizes: list[int], slots: int = 1
    ) -> tuple[str, str]:
        type = f"memref<{'x'.join(map(str, sizes))}xf32, #dma.local>"
        return f"%{name} = dma.load %{of} {at} {sizes} slots {slots} : {whole} -> {type}\n", type

    def _whole(self, name: str, of: str, type: str, count: int) -> tuple[str, str]:
        sizes = [int(each) for each in type[7:].split("xf32")[0].split("x")]
        return self._load(name, of, type, self._at(count, 0, 0), sizes)

    def _schedule(self, rows: int, channels: int, height: int, width: int) -> str:
        phases = self.random.choice([1, 1, 2, 3])
        phases = phases if phases <= width and phases * rows <= self.n else 1
        block = [1, 1, rows, channels, height, width]
        order = f"order = {self.random.choice(ORDERS)}, groups_per_tile = 1"
        return f" schedule <block = {block}, {order}, output_phases = {phases}>"

    def _produce(self, start: int, end: int, count: int) -> str:
        rows = (end - start) // count
        whole = external(1, self.C, self.H, self.W)
        if self.producer == "copy":
            at = self._at(count, start, rows)
            sizes = [1, self.K, rows, self.W]
            text = f"dma.copy %x to %r {at} {sizes} : {whole} to {self.map_type}\n"
            return self._layer("made", "dma", count, text)
        at = self._at(count, start - 1, rows, -1)
        x, xt = self._load("a", "x", whole, at, [1, self.C, rows + 2, self.W + 2], 2)
        v, vt = self._whole("b", "v", external(self.K, self.C, 3, 3), count)
        out, ot = self._slice("c", count, start, rows, [1, self.K, rows, self.W])
        form = self._schedule(self.K, self.C, rows, self.W)
        text = f'prim.matmul "m" "conv" ins(%b, %a : {vt}, {xt}) window <kernel = [3, 3], pads = [1, 1, 1, 1]>'
        return self._layer("made", "matmul", count, f"{x}{v}{out}{text}{form} outs(%c : {ot})\n")

    def _consume(self, start: int, end: int, count: int) -> str:
        rows, width = (end - start) // count, self.out_columns
        whole = external(1, self.M, self.out_rows, width)
        sizes = [1, self.M, rows, width]
        if self.consumer == "copy":
            at = self._at(count, start, rows)
            text = f"dma.copy %r to %y {at} {sizes} : {self.map_type} to {whole}\n"
            return self._layer("used", "dma", count, text)
        high = (rows - 1) * self.stride + self.kernel
        wide = (width - 1) * self.stride + self.kernel
        low, step = start * self.stride - self.pad, rows * self.stride
        text, read = self._slice("a", count, low, step, [1, self.K, high, wide], -self.pad)
        out = f"memref<{'x'.join(map(str, sizes))}xf32, #dma.local>"
        text += f"%c = dma.buffer slots 2 : {out}\n"
        engine, node = self._node(start, rows, count, read)
        at = self._at(count, start, rows)
        store = f"dma.store %c to %y {at} {sizes} : {out} to {whole}\n"
        return self._layer("used", engine, count, f"{text}{node} outs(%c : {out})\n{store}")

    def _node(self, start: int, rows: int, count: int, read: str) -> tuple[str, str]:
        """The consumer's engine, and its loads and node without `outs`."""
        dims = "(d0, d1, d2, d3) -> (d0, d1, d2, d3)"
        window = f"window <kernel = [{self.kernel}, {self.kernel}], strides = [{self.stride}, {self.stride}], "
        window += f"pads = {[self.pad] * 4}>"
        match self.consumer:
            case "conv":
                load, type = self._whole("b", "w", self._weights, count)
                form = self._schedule(self.C, self.K, rows, self.W)
                text = f'prim.matmul "n" "conv" ins(%b, %a : {type}, {read}) {window}{form}'
                return "matmul", load + text
            case "pool":
                return "sort", f'prim.sort "n" "max_pool" ins(%a : {read}) {window}'
            case "residual":
                load, type = self._whole("b", "w", self._weights, count)
                whole, at = external(1, self.C, self.H, self.W), self._at(count, start, rows)
                x, xt = self._load("d", "x", whole, at, [1, self.C, rows, self.W], 2)
                text = f'prim.matmul "n" "conv" ins(%b, %d : {type}, {xt}) window <kernel = [1, 1]>'
                add = "%2 = arith.addf %0, %1 : f32"
                region = f"^bb0(%0: f32, %1: f32):\n{add}\nprim.yield %2 : f32\n"
                form = self._schedule(self.K, self.C, rows, self.W)
                text += f" post [affine_map<{dims}>](%a : {read}) {{\n{region}}}{form}"
                return "matmul", load + x + text
            case "map":
                largest = "%z = arith.constant 0.0 : f32\n%1 = arith.maximumf %0, %z : f32"
                region = f"post []( : ) {{\n^bb0(%0: f32):\n{largest}\nprim.yield %1 : f32\n}}"
                return "vector", f'prim.map "n" "relu" ins(%a : {read}) {window} {region}'
            case _:
                return "vector", f'prim.reduce "n" "sum" sum ins(%a : {read}) {window}'

    # values

    def inputs(self) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(self.random.randrange(1000))
        shapes = {"x": (1, self.C, self.H, self.W), "v": (self.K, self.C, 3, 3)}
        shapes["w"] = (self.C, self.K, 3, 3)
        if self.consumer == "residual":
            shapes["w"] = (self.K, self.C, 1, 1)
        return {key: rng.standard_normal(shape).astype(np.float32) for key, shape in shapes.items()}

    def expected(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """y, with NumPy alone."""
        x, v, w = (inputs[name] for name in "xvw")
        made = convolution(x, v) if self.producer == "conv" else x
        match self.consumer:
            case "conv":
                return convolution(made, w)
            case "pool":
                edges = [(0, 0), (0, 0), (1, 1), (1, 1)]
                padded = np.pad(made, edges, constant_values=-np.inf)
                step = self.stride
                taps = [
                    padded[:, :, i : i + made.shape[2] : step, j : j + made.shape[3] : step]
                    for i in range(3)
                    for j in range(3)
                ]
                return np.maximum.reduce(taps)
            case "residual":
                return np.einsum("kc,nchw->nkhw", w[:, :, 0, 0], x) + made
            case "map":
                return np.maximum(made, 0)
            case "reduce":
                return made.sum(axis=1, keepdims=True)
            case _:
                return made

    @property
    def wraps(self) -> bool:
        """Whether the map is larger than the ring."""
        return ceil(self.H / self.rows) > 1


def convolution(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """3 x 3, of as many positions as `x`."""
    height, width = x.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    taps = [
        np.einsum("kc,nchw->nkhw", w[:, :, i, j], padded[:, :, i : i + height, j : j + width])
        for i in range(3)
        for j in range(3)
    ]
    return np.sum(taps, axis=0)
