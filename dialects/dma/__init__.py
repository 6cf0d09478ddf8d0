"""The memory level: where values lie and what is transferred.

Values are buffers in external or local memory. `dma.blocks` runs its body for every index of a grid
of blocks, in lexicographic order; in the body, slices of buffers are loaded into local memory,
used by a `prim` operation, and stored; or slices only move. The level is declarative:

* A slice has offsets, an affine map of the block's indices, and sizes. It is clipped to the buffer;
  of the rhs of a primitive, what is clipped off becomes that block's pads.
* A slice that does not change from one block to the next is not transferred again.
* `dma.ring` is a feature map of which a buffer holds some rows at a time.
* `slots` is the ping-pong depth of a slice's local buffers. Once planned they are `pitch` bytes apart, or
  `slot_offsets` says for each how many bytes it is from the address.
* With `reduce`, the innermost blocks accumulate: sums start at the first of them, stay in the
  primitive's output buffer (or one for sums, if that is too narrow), and `post` applies at the last.

`dma.order` is the order in which blocks run and slices move; a program for the machine needs one.
Without it, the interpreter runs layers as they stand in the text, and moves a slice when its block
needs it; all rows of a ring exist then. Dependencies follow from buffers. Addresses, once planned, are
immediates of the operations.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from xnn.dialects.dma.buffers import (
    BORROWED,
    DYNAMIC,
    EXTERNAL,
    LOCAL,
    AddressedBuffer,
    AllocOp,
    ExternalAttr,
    LocalAttr,
    ParameterOp,
    RingOp,
    ViewOp,
    buffer_type,
    is_borrowed,
    is_dynamic,
    is_local,
    offset_of,
    ring_in,
    root_of,
)
from xnn.dialects.dma.operations import (
    BlocksOp,
    BufferOp,
    CopyOp,
    GatherOp,
    LoadOp,
    SliceInPlaceOp,
    SliceOp,
    SlottedBuffer,
    StoreOp,
)
from xnn.dialects.dma.order import OrderOp, PrefetchOp, RepeatOp, RunOp, WriteBackOp

DMA = Dialect(
    "dma",
    [
        AllocOp,
        ParameterOp,
        ViewOp,
        RingOp,
        LoadOp,
        SliceInPlaceOp,
        BufferOp,
        StoreOp,
        CopyOp,
        GatherOp,
        BlocksOp,
        OrderOp,
        RunOp,
        PrefetchOp,
        WriteBackOp,
        RepeatOp,
    ],
    [ExternalAttr, LocalAttr],
)
