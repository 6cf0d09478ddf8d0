"""The machine level: instructions for engines, on buffers with addresses. Nothing is left to decide.

* `dsa.program` holds buffers, configurations, layers and instructions in program order.
* An instruction names the buffer of each operand and where in it that lies, in bytes.
* Control issues the instructions in order into the engines' queues; each waits for the tokens it
  names (`after`) and for what it reserves of its banks. The timing contract is in
  `xnn.runtime.machine.timeline`.
* A token is named by its engine and how many nodes back it is, not by an SSA value: engines finish in
  order, so one per engine is enough, and its text is the same in every iteration of a repeat.
* `dsa.repeat` is defined as its expansion (`xnn.dialects.dsa.expansion`).
"""

from __future__ import annotations

from xdsl.ir import Dialect

from xnn.dialects.dsa.attributes import (
    AfterAttr,
    Direction,
    DirectionAttr,
    Role,
    RoleAttr,
    Space,
    SpaceAttr,
)
from xnn.dialects.dsa.buffers import BufferOp, OutputOp
from xnn.dialects.dsa.configurations import ConfigOp, LayerOp
from xnn.dialects.dsa.instructions import (
    GatherOp,
    GeneralInstruction,
    MatmulInstruction,
    RepeatOp,
    SortInstruction,
    TransferOp,
    VectorInstruction,
)
from xnn.dialects.dsa.program import ProgramOp

DSA = Dialect(
    "dsa",
    [
        ProgramOp,
        BufferOp,
        OutputOp,
        ConfigOp,
        LayerOp,
        TransferOp,
        GatherOp,
        MatmulInstruction,
        SortInstruction,
        VectorInstruction,
        GeneralInstruction,
        RepeatOp,
    ],
    [AfterAttr, SpaceAttr, RoleAttr, DirectionAttr],
)
