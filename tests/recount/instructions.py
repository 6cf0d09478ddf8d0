"""Random programs of one instruction: layouts, forms and operands of regions that no lowering makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from random import Random

BYTES = {"i8": 1, "ui8": 1, "f16": 2, "i32": 4, "f32": 4}
SUMS = {"i8": "i32", "f16": "f32", "f32": "f32"}
ORDERS = ("output_stationary", "lhs_stationary", "rhs_stationary")
PACKED = {"binary": 1, "i2": 2, "i4": 4, "power_of_two": 4}
"""Bits of a weight."""
WORK = """operator = "conv", window = [], layers = [], shape = [],
  formats = {operands = [], arithmetic = "f32", result = "f32"}""" + "".join(
    f", {key} = 0 : i64"
    for key in (
        *("macs", "auxiliary_macs", "operations", "constant_bytes", "feature_map_bytes"),
        *("precision", "computation_cycles"),
    )
)
"""What reports need of a layer, none of which is compared here."""
ENGINES = {"map": "vector", "reduce": "vector"}


@dataclass
class Buffer:
    """An operand of the node of a configuration: its place there, dimensions, layout."""

    role: str
    shape: list[int]
    strides: list[int]
    element: str
    dimensions: list[int]
    """Of the element that streams by, for an operand of a region."""
    number: int = 0
    address: int = 0

    @property
    def type(self) -> str:
        sizes = "".join(f"{size}x" for size in self.shape)
        return f"memref<{sizes}{self.element}, strided<{self.strides}>, #dma.local>"

    @property
    def bytes(self) -> int:
        steps = ((size - 1) * stride for size, stride in zip(self.shape, self.strides))
        return (sum(steps) + 1) * BYTES[self.element]


class RandomInstruction:
    """The text of a module with one instruction, for a target with room for any."""

    def __init__(self, primitive: str, seed: int, target: str, n: int):
        """`target` is the attribute of a target, `n` the size of its engines at 8 bits."""
        self.random, self.primitive, self.target = Random(f"{primitive} {seed}"), primitive, target
        choose = self.random.choice
        sums = primitive in ("matmul", "reduce")
        self.element = choose(["f32", "f16", "i8"])
        self.n = n * BYTES["i8"] // BYTES[self.element]
        ranks = [0, 1, 2, 2, 2, 3] if sums else [1, 2, 2, 3]
        self.rank = choose(ranks)
        self.batch = choose([1, 1, 2, 3])
        self.groups = choose([1, 1, 2, 3, 5, 8]) if primitive != "reduce" else 1
        self.rows = choose([1, 1, 2, 3, 7, 20]) if primitive == "matmul" else 1
        self.channels = choose([1, 2, 3, 9, 20, 40]) if sums else 1
        self.positions = self._each([1, 1, 2, 3, 5, 9])
        ones = primitive == "map" or primitive == "reduce" and choose([True, False, False])
        self.kernel = self._each([1] if ones else [1, 1, 2, 3])
        self.strides = self._each([1] if ones else [1, 1, 2, 3])
        self.dilations = self._each([1] if ones else [1, 1, 2])
        if ones and primitive == "reduce":
            self.positions = [1] * self.rank
        # pads alone in a reduction along channels have a test of their own
        ones |= primitive == "reduce" and prod([*self.positions, *self.kernel]) == 1
        self.pads = [0 if ones else choose([0, 0, 1, 2]) for _ in range(2 * self.rank)]
        there = [
            (count - 1) * stride + dilation * (kernel - 1) + 1 - before - after
            for count, stride, dilation, kernel, before, after in zip(
                *(self.positions, self.strides, self.dilations, self.kernel),
                *(self.pads[::2], self.pads[1::2]),
            )
        ]
        if min(there, default=1) < 0:  # pads that do not fit
            there = [size + sum(self.pads[2 * i : 2 * i + 2]) for i, size in enumerate(there)]
            self.pads = [0] * len(self.pads)
        there = [max(size, 1) for size in there]  # of the buffer, where all is pads
        self.rhs_shape = [self.batch, self.groups * self.channels, *there]
        self.out_shape = [self.batch, self.groups * self.rows, *self.positions]
        self.first, self.last = choose([(1, 1), (1, 1), (1, 0), (0, 0), (0, 1)]) if sums else (1, 1)
        self.sums = SUMS[self.element] if primitive == "matmul" else self.element
        self.shared = primitive == "matmul" and self.groups > 1 and choose([True, False])
        self.packed = ""
        self.buffers = self._operands()

    @property
    def text(self) -> str:
        arguments = ", ".join(f"%{each.number}: {each.type}" for each in self.buffers)
        separate = any(each.role == "sums" for each in self.buffers)
        touched = [
            each
            for each in self.buffers
            if self.last or each.role != "post" and not (each.role == "out" and separate)
        ]
        places = ", ".join(str(each.address) for each in touched)
        names = ", ".join(['"memory"'] * len(touched))
        sizes = [self.batch, self.groups, self.rows, self.channels, *self.positions]
        marks = "first " * self.first + "last " * self.last
        engine = ENGINES.get(self.primitive, self.primitive)
        end = max(each.address + each.bytes for each in self.buffers)
        return f"""
builtin.module attributes {{xnn.level = #xnn<level dsa>, xnn.target = {self.target}}} {{
  dsa.program {{
    dsa.buffer "memory" feature_map local at 0 : memref<{end}xi8>
    dsa.config @c {{
    ^bb0({arguments}):
      {self._node(sizes)}
    }}
    dsa.layer "y" @c {{xnn.work = {{engine = "{engine}", {WORK}}}}}
    dsa.{engine} "y" {sizes} pads {self.pads} {marks}of [{names}] at affine_map<() -> ({places})>
      reservations {[1] * len(touched)}
  }}
}}
"""

    def _each(self, sizes: Sequence[int]) -> list[int]:
        return [self.random.choice(sizes) for _ in range(self.rank)]

    # operands

    def _operands(self) -> list[Buffer]:
        buffers = self._lhs() if self.primitive == "matmul" else []
        buffers.append(self._buffer("rhs", self.rhs_shape, self.element))
        self.has_pre, self.has_post = (self.random.random() < 0.5 for _ in "pq")
        buffers += self._of_region("pre", self.rhs_shape) if self.has_pre else []
        self.has_post |= self.sums != self.element
        buffers += self._of_region("post", self.out_shape) if self.has_post else []
        if self.sums != self.element:
            buffers.append(self._buffer("sums", self.out_shape, self.sums))
        buffers.append(self._buffer("out", self.out_shape, self.element))
        end = 0
        for number, each in enumerate(buffers):
            size = BYTES[each.element]
            each.number = number
            each.address = -(-end // size) * size + size * self.random.choice([0, 0, 1, 5, 16])
            end = each.address + each.bytes
        return buffers

    def _lhs(self) -> list[Buffer]:
        rows = self.rows if self.shared else self.groups * self.rows
        taps = self.channels * prod(self.kernel)
        if self.element == "i8" and self.random.random() < 0.5:
            name = self.random.choice([*PACKED])
            self.packed = f"packed <format = {name}, taps = {taps}> "
            count = -(-taps * PACKED[name] // 8)
            stride = count + self.random.choice([0, 3])
            return [Buffer("lhs", [rows, count], [stride, 1], "ui8", [])]
        shape = [rows, self.channels, *self.kernel]
        strides = [prod(shape[i + 1 :]) for i in range(len(shape))]
        return [Buffer("lhs", shape, strides, self.element, [])]

    def _of_region(self, role: str, shape: list[int]) -> list[Buffer]:
        """Up to two operands, of some of the dimensions."""
        every = [*range(len(shape))]
        some = sorted(self.random.sample(every, self.random.randint(1, len(every))))
        choices = [[], [1], [1], every, [0, 1], some]
        found = list[Buffer]()
        for dimensions in self.random.choices(choices, k=self.random.randint(0, 2)):
            element = self.random.choice([self.element, self.sums])
            sizes = [shape[dimension] for dimension in dimensions]
            found.append(self._buffer(role, sizes, element, dimensions))
        return found

    def _buffer(
        self, role: str, shape: list[int], element: str, dimensions: Sequence[int] = ()
    ) -> Buffer:
        """In a layout of its own: dimensions in any order, gaps between them."""
        strides, step, choose = [0] * len(shape), 1, self.random.choice
        order = [*reversed(range(len(shape)))]
        if choose([True, False]):
            self.random.shuffle(order)
        for dimension in order:
            strides[dimension] = step
            step = step * shape[dimension] + choose([0, 0, 0, 0, 1, 5])
        return Buffer(role, shape, strides, element, [*dimensions])

    # text

    def _node(self, sizes: list[int]) -> str:
        inputs = [each for each in self.buffers if each.role in ("lhs", "rhs")]
        groups = self.groups if self.primitive == "matmul" else 1
        window = f"groups = {groups}"
        if self.rank:
            window += f", kernel = {self.kernel}, strides = {self.strides}"
            window += f", dilations = {self.dilations}"
        text = f'prim.{self.primitive} "c" "conv" ' + "max " * (self.primitive == "reduce")
        text += f"ins({_values(inputs)}) {self.packed}window <{window}>"
        for each in self.buffers:
            if each.role == "sums":
                text += f" sums({_values([each])})"
        if self.has_pre:
            text += self._region("pre", self.element)
        if self.has_post:
            text += self._region("post", self.sums)
        if self.primitive == "matmul":
            text += f" schedule <block = {sizes}, {self._form()}>"
        return text + f" outs({_values(self.buffers[-1:])})"

    def _region(self, role: str, element: str) -> str:
        """From the element that streams by and the operands to an element of the result."""
        operands = [each for each in self.buffers if each.role == role]
        dimensions = ", ".join(f"d{i}" for i in range(2 + self.rank))
        maps = ", ".join(
            f"affine_map<({dimensions}) -> ({', '.join(f'd{i}' for i in each.dimensions)})>"
            for each in operands
        )
        arguments = [f"%x: {element}", *(f"%y{i}: {b.element}" for i, b in enumerate(operands))]
        lines, value = [f"^bb0({', '.join(arguments)}):"], "%x"
        kind = "i" if element[0] == "i" else "f"
        for i, each in enumerate(operands):
            other = f"%y{i}"
            if each.element != element:
                lines.append(f"%c{i} = prim.convert {other} : {each.element} to {element}")
                other = f"%c{i}"
            name = self.random.choice(["add", "mul"] if kind == "i" else ["add", "div"])
            lines.append(f"%z{i} = arith.{name}{kind} {value}, {other} : {element}")
            value = f"%z{i}"
        if kind == "f" and self.random.random() < 0.4:
            lines.append(f"%f = math.{self.random.choice(['exp', 'sqrt'])} {value} : {element}")
            value = "%f"
        if element != self.element:
            lines.append(f"%r = prim.convert {value} : {element} to {self.element}")
            value = "%r"
        lines.append(f"prim.yield {value} : {self.element}")
        body = "\n".join(lines)
        return f" {role} [{maps}]({_values(operands)}) {{\n{body}\n}}"

    def _form(self) -> str:
        """Any order, groups in a tile and phases that fit."""
        taps, choose = prod(self.kernel), self.random.choice
        phases = [1]
        if self.rank:
            phases += [p for p in (2, 3, 4) if p * self.rows <= self.n and p <= self.positions[-1]]
        phase = choose(phases)
        if phase > 1:
            *outer, kernel = self.kernel
            span = self.dilations[-1] * (kernel - 1) + 1
            taps = prod(outer) * ((phase - 1) * self.strides[-1] + span)
        groups = [1, *([0] * self.shared)] + [
            r
            for r in range(2, self.groups + 1)
            if r * phase * self.rows <= self.n and r * self.channels * taps <= self.n
        ]
        return (
            f"order = {choose(ORDERS)}, groups_per_tile = {choose(groups)}, output_phases = {phase}"
        )


def _values(buffers: Sequence[Buffer]) -> str:
    names, types = ", ".join(f"%{b.number}" for b in buffers), ", ".join(b.type for b in buffers)
    return f"{names} : {types}"
