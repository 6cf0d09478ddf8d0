"""The machine that a module is compiled for: one frozen dataclass per section, units in the field names.

A module carries its target as the dictionary attribute `xnn.target`, so that the text of any level
is complete in itself.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm
from typing import Any

from xdsl.dialects.builtin import DictionaryAttr, ModuleOp
from xdsl.ir import Attribute, Operation

from xnn.dialects.diagnostics import UserError
from xnn.dialects.plain_values import attribute_of, value_of
from xnn.dialects.target_fields import number_of, read_section

ATTRIBUTE = "xnn.target"

COMPUTE = ("matmul", "sort", "vector", "general")
"""The engines that compute, each a section of its name."""

MAX_RESERVATION = 8
"""Eighths of a bank of local memory."""
LARGEST_ELEMENT = 8
"""Bytes: what is aligned to it holds whole elements of any type."""


@dataclass(frozen=True)
class Control:
    """Issues machine nodes in program order, `issue_cycles` each, into queues of `queue_depth`."""

    issue_cycles: int
    queue_depth: int


@dataclass(frozen=True)
class Matmul:
    """Size of the matrix multiplication primitive at 8 bits, and its rows of n accumulators.

    `pre_operations` and `post_operations`: units of price that a lane computes in a cycle.
    `idle_fraction`: energy of a multiplier that idles in a tile, of one that multiplies.
    """

    n: int
    accumulator_rows: int
    pre_operations: int
    post_operations: int
    idle_fraction: float


@dataclass(frozen=True)
class Sort:
    """Elements of the sort primitive's vectors at 8 bits, and its units of `pre` and `post` as of Matmul.

    `key_rows`: vectors of keys that it holds while it merges them; without it windows are all that it does.
    """

    lanes: int
    pre_operations: int
    post_operations: int
    key_rows: int | None


@dataclass(frozen=True)
class Vector:
    """Elements of the vector engine's vectors at 8 bits."""

    lanes: int


@dataclass(frozen=True)
class OperationCycles:
    """Price of an elementary operation by its class: cycles of a lane of vector or general compute."""

    cheap: int
    divide: int
    transcendental: int


@dataclass(frozen=True)
class General:
    """Lanes of the control processor's general compute, which works in external memory."""

    lanes: int


@dataclass(frozen=True)
class Dma:
    """Transfer engines, and the bytes per cycle of a transfer within local memory."""

    channels: int
    local_bytes_per_cycle: int


@dataclass(frozen=True)
class External:
    """External memory (DRAM). What is misaligned or short wastes the rest of its burst."""

    bytes_per_cycle: float
    latency_cycles: int
    burst_bytes: int
    capacity_bytes: int

    @property
    def alignment(self) -> int:
        """Bytes of which addresses of buffers are multiples: whole bursts and whole elements."""
        return lcm(self.burst_bytes, LARGEST_ELEMENT)

    @cached_property
    def cycles_per_byte(self) -> Fraction:
        """Exactly q / p for a bandwidth of p / q bytes per cycle."""
        return 1 / Fraction(str(self.bytes_per_cycle))


@dataclass(frozen=True)
class Local:
    """Local memory (SRAM): `banks` x `rows` x `row_bytes`, one row per bank and cycle."""

    banks: int
    rows: int
    row_bytes: int

    @property
    def bank_bytes(self) -> int:
        return self.rows * self.row_bytes

    @property
    def alignment(self) -> int:
        """Bytes of which addresses of buffers are multiples: whole rows and whole elements."""
        return lcm(self.row_bytes, LARGEST_ELEMENT)

    @property
    def bank_alignment(self) -> int:
        """Bytes after which a bank begins with a whole element."""
        return lcm(self.bank_bytes, LARGEST_ELEMENT)

    @property
    def capacity_bytes(self) -> int:
        return self.banks * self.bank_bytes


@dataclass(frozen=True)
class EnergyPj:
    """Picojoules: of a multiply-accumulate and of a unit of price by format, and of a byte by where it moves.

    A target without an energy for a multiply-accumulate has no multipliers for it. A byte of external
    memory also takes the wires across the die.
    """

    mac_i8: float | None
    mac_i16: float | None
    mac_i32: float | None
    mac_f16: float | None
    mac_f32: float | None
    mac_f64: float | None
    op_i8: float
    op_i16: float
    op_i32: float
    op_i64: float
    op_f16: float
    op_f32: float
    op_f64: float
    accumulator_byte: float
    local_byte: float
    external_byte: float
    wire_byte: float


@dataclass(frozen=True)
class AreaMm2:
    """Square millimetres of what a target consists of."""

    mac_i8: float
    """A multiplier of the array, at 8 bits, with its adder."""
    operation: float
    """A lane that computes one unit of price per cycle, of pre, post, sort, vector or general compute."""
    accumulator_mib: float
    local_mib: float
    external_gb_per_s: float
    """The interface to external memory, for each 10^9 bytes per second."""
    control: float
    """What does not grow with any of them."""


@dataclass(frozen=True)
class Target:
    """A primitive-defined accelerator. It has no engine of a section that is absent."""

    name: str
    clock_hz: int
    static_mw: float
    control: Control
    matmul: Matmul
    sort: Sort | None
    vector: Vector | None
    general: General | None
    dma: Dma
    external: External
    local: Local
    operation_cycles: OperationCycles
    energy_pj: EnergyPj
    area_mm2: AreaMm2 | None

    def matmul_n(self, bits: int) -> int:
        """Size of the primitive for operands of so many bits: precisions share the bandwidth."""
        return max(1, self.matmul.n * 8 // max(8, bits))

    def sort_lanes(self, bits: int) -> int:
        """Elements of the sort primitive's vectors for elements of so many bits."""
        assert self.sort is not None
        return max(1, self.sort.lanes * 8 // max(8, bits))

    def vector_lanes(self, bits: int) -> int:
        """Elements of the vector engine's vectors if its widest operand has elements of so many bits."""
        assert self.vector is not None
        return max(1, self.vector.lanes * 8 // max(8, bits))

    def operation_pj(self, format: str) -> float:
        """Picojoules of a unit of price in a format such as i8."""
        return getattr(self.energy_pj, f"op_{format}")

    def mac_pj(self, format: str) -> float | None:
        """Picojoules of a multiply-accumulate in a format such as i8; None if the target has none for it."""
        return getattr(self.energy_pj, f"mac_{format}")

    @property
    def mac_formats(self) -> list[str]:
        """The formats that the target multiplies."""
        names = (f.name.removeprefix("mac_") for f in fields(EnergyPj) if f.name.startswith("mac_"))
        return [name for name in names if self.mac_pj(name) is not None]

    @property
    def engines(self) -> tuple[str, ...]:
        """Engines with a queue, in the order of their indices."""
        transfer = (f"dma{i}" for i in range(self.dma.channels))
        own = (engine for engine in COMPUTE if getattr(self, engine) is not None)
        return (*transfer, *own)

    @staticmethod
    def from_fields(values: dict[str, Any]) -> Target:
        """A target of nested fields as read from TOML.

        Raises UserError for an unknown, missing or impossible field, which it names as
        'section.field'.
        """
        return read_section(Target, values, "")

    def with_field(self, path: str, value: str) -> Target:
        """This target with one field, named 'section.field', set to the number in `value`."""
        values = dataclasses.asdict(self)
        node = values
        *sections, last = path.split(".")
        for section in sections:
            node = node.get(section)
            if not isinstance(node, dict):
                raise UserError(f"target has no section '{section}' (in '{path}')")
        if last not in node or isinstance(node[last], dict):
            raise UserError(f"target has no field '{path}'", hint=f"fields: {', '.join(node)}")
        node[last] = number_of(value, path) if last != "name" else value
        return Target.from_fields(values)

    def with_setting(self, setting: str) -> Target:
        """This target with one field changed, as `--set SECTION.KEY=VALUE` says; raises UserError."""
        path, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"'{setting}' sets nothing", hint="write SECTION.KEY=VALUE")
        return self.with_field(path.strip(), value.strip())

    @staticmethod
    def of(module: ModuleOp) -> Target:
        """The target that a module carries; raises UserError if it carries none."""
        attribute = module.attributes.get(ATTRIBUTE)
        if not isinstance(attribute, DictionaryAttr):
            raise UserError("the module has no target", hint="add --target=NAME, for example edge")
        return _of_attribute(attribute)

    @staticmethod
    def above(op: Operation) -> Target | None:
        """The target of the module around an operation; None if there is none."""
        above = op.parent_op()
        while above is not None and not isinstance(above, ModuleOp):
            above = above.parent_op()
        return Target.of(above) if above is not None and Target.has(above) else None

    @staticmethod
    def has(module: ModuleOp) -> bool:
        return ATTRIBUTE in module.attributes

    @cached_property
    def _attribute(self) -> Attribute:
        return attribute_of(dataclasses.asdict(self))

    def attach(self, module: ModuleOp) -> None:
        """Make this the target of a module."""
        module.attributes[ATTRIBUTE] = self._attribute


@lru_cache
def _of_attribute(attribute: DictionaryAttr) -> Target:
    return Target.from_fields(value_of(attribute, ATTRIBUTE))
