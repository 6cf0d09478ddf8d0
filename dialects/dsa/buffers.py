"""Buffers of the machine's program, and the outputs that lie in them."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import MemRefType, StringAttr, UnitAttr
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.attributes import Role, RoleAttr, Space, SpaceAttr
from xnn.dialects.names import NamedOperation
from xnn.dialects.values import INTEGER, INTEGERS, type_bytes, verify_bytes

MAX_SLOTS = 2**16
"""Of a buffer: they are verified one by one."""


@irdl_op_definition
class BufferOp(NamedOperation):
    """A range of memory with a name: `slots` buffers of a type, `pitch` bytes apart.

    Buffers may share addresses if they are never live at once. A byte is live from its first access to
    its last, in program order: of inputs from the start, of outputs to the end, of parameters and state
    all the time. Slices are local; inputs, parameters and state external. A session ties an external
    buffer that is `dynamic` to an address, a multiple of the alignment of external memory, when it starts.
    The bytes of one that is `borrowed` too, no parameter, may be those of an array of the caller.

    `ring` says how many rows a local buffer has, and the bytes from one to the next: of an operand, the
    dimension of that stride goes on in the first row after the last.

    `dsa.buffer "relu1#0" slice local at 4096 slots 2 pitch 8192 : memref<1x64x16x16xf32>`
    `dsa.buffer "relu1" feature_map local at 4096 ring [12, 224] : memref<1x64x12x56xf32>`
    """

    name = "dsa.buffer"
    SPACE_OF_ROLE: ClassVar = {
        Role.INPUT: Space.EXTERNAL,
        Role.STATE: Space.EXTERNAL,
        Role.PARAMETER: Space.EXTERNAL,
        Role.SLICE: Space.LOCAL,
    }

    role = prop_def(RoleAttr)
    space = prop_def(SpaceAttr)
    address = opt_prop_def(INTEGER)
    dynamic = opt_prop_def(UnitAttr)
    borrowed = opt_prop_def(UnitAttr)
    slots = opt_prop_def(INTEGER)
    pitch = opt_prop_def(INTEGER)
    ring = opt_prop_def(INTEGERS)
    type = prop_def(MemRefType)
    assembly_format = (
        "$name $role $space (`at` $address^)? (`dynamic` $dynamic^)? (`borrowed` $borrowed^)? "
        "(`slots` $slots^)? (`pitch` $pitch^)? (`ring` $ring^)? attr-dict `:` $type"
    )

    @property
    def is_local(self) -> bool:
        return self.space.data == Space.LOCAL

    @property
    def known_address(self) -> int:
        """Its address; 0 if it is dynamic, for what depends on the place in a burst alone."""
        return self.address.value.data if self.address is not None else 0

    @property
    def bytes(self) -> int:
        """Bytes of one slot."""
        return type_bytes(self.type)

    @property
    def slot_offsets(self) -> tuple[int, ...]:
        """Bytes from its address to each of its slots."""
        pitch = self.pitch.value.data if self.pitch else 0
        return tuple(slot * pitch for slot in range(self.slots.value.data if self.slots else 1))

    def placed(self, access: Access, offset: int) -> Access:
        """What an operand touches from an offset on: its ring may wrap."""
        if self.ring is None:
            return access
        rows, step = self.ring.get_values()
        return access.in_ring(rows, step, offset)

    def verify_(self) -> None:
        if self.SPACE_OF_ROLE.get(self.role.data, self.space.data) != self.space.data:
            raise fault(self, f"{self.role.data} cannot be {self.space.data}")
        verify_bytes(self, self.type)
        if self.known_address < 0:
            raise fault(self, "address must not be negative")
        if (self.address is None) == (self.dynamic is None):
            raise fault(self, "needs an address, or to be dynamic")
        if self.dynamic is not None and (self.is_local or self.slots is not None):
            raise fault(self, "only an external buffer without slots can be dynamic")
        is_parameter = self.role.data == Role.PARAMETER
        if self.borrowed is not None and (self.dynamic is None or is_parameter):
            raise fault(self, "only a dynamic buffer that is no parameter can be borrowed")
        if self.slots is not None and self.slots.value.data < 1:
            raise fault(self, "slots must be positive")
        if self.slots is not None and self.slots.value.data > MAX_SLOTS:
            raise fault(self, f"slots must be at most {MAX_SLOTS}")
        if (self.slots is None) != (self.pitch is None):
            raise fault(self, "slots and pitch belong together")
        if self.pitch is not None and self.pitch.value.data < self.bytes:
            raise fault(self, f"pitch {self.pitch.value.data} is less than its {self.bytes} bytes")
        if self.ring is not None:
            self._verify_ring(self.ring.get_values())

    def _verify_ring(self, ring: tuple[int, ...]) -> None:
        if not self.is_local or self.slots is not None:
            raise fault(self, "a ring must be local, without slots")
        if len(ring) != 2 or ring[0] < 2 or ring[1] < 1:
            raise fault(self, "ring needs at least two rows, and the bytes from one to the next")
        if self.bytes % (ring[0] * ring[1]):
            raise fault(self, f"its {self.bytes} bytes are no rings of {ring[0]} x {ring[1]} bytes")


@irdl_op_definition
class OutputOp(NamedOperation):
    """An output of the network, and where in an external buffer it lies when the program has ended, in bytes.

    `dsa.output "prob" of "scores" at 4096 : memref<1x10xf32>`
    """

    name = "dsa.output"
    buffer = prop_def(StringAttr)
    offset = prop_def(INTEGER)
    type = prop_def(MemRefType)
    assembly_format = "$name `of` $buffer `at` $offset attr-dict `:` $type"

    def verify_(self) -> None:
        verify_bytes(self, self.type)
