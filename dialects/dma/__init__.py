"""The memory level: where everything lies and what moves.

Values are buffers in external or local memory. `dma.blocks` runs its body for every index of a grid
of blocks, in lexicographic order; in the body, windows of buffers are brought to local memory,
used by a `prim` operation, and written back. The level is declarative:

* A window is an affine map from the block's indices to offsets, and a size. It is clipped to the
  buffer; for the maps of a primitive, what is clipped off becomes that block's pads.
* A window that does not change from one block to the next is not transferred again.
* `slots` is the ping-pong depth of a window's local buffers, `pitch` (once planned) the bytes from
  one of them to the next.
* With `reduce`, the innermost blocks accumulate: sums start at the first of them, stay in the
  primitive's output buffer (or one for sums, if that is too narrow), and `post` applies at the last.

Dependencies follow from buffers. Addresses, once planned, are immediates of the operations.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from xnn.dialects.dma.operations import (
    EXTERNAL,
    LOCAL,
    AllocOp,
    BlocksOp,
    BufferOp,
    ExternalAttr,
    LoadOp,
    LocalAttr,
    NamedBuffer,
    ParameterOp,
    SliceInPlaceOp,
    SliceOp,
    StoreOp,
    ViewOp,
    buffer_type,
    is_local,
)

DMA = Dialect(
    "dma",
    [AllocOp, ParameterOp, ViewOp, LoadOp, SliceInPlaceOp, BufferOp, StoreOp, BlocksOp],
    [ExternalAttr, LocalAttr],
)
