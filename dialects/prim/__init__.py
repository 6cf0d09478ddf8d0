"""The primitive level: each node is one use of a compute primitive: pre, compute, post.

* `pre` forms the primitive's operands from what lies in memory. The `window` attribute says how rhs
  is read off the feature map (kernel, strides, dilations, pads, groups), the `packed` attribute how
  weights of few bits are expanded from rows of bytes; the `pre` region is a scalar function of
  each element of the feature map, applied before the pads.
* `post` is a scalar function of each result element.
* Both regions may use further operands, each with an affine map from the indices of the element to
  the operand's indices, as in linalg. An operand of 256 elements whose map is the constant 0 is a
  table, which the region has whole. They hold what `xnn.dialects.scalar` lists.
* What only moves data is `prim.transfer` or, by indices, `prim.gather`, for the transfer engines.
* Where elements lie is `prim.view`, part of a tensor, or `prim.place`, a tensor of parts.
* What maps to no primitive is `prim.general`, which still holds operators of the network.

One operation serves tensors and buffers: exactly one of a result or `outs`. Only the
`schedule` attribute, every choice of the node for the target, depends on the target.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from xnn.dialects.prim.attributes import (
    Domain,
    Order,
    Outermost,
    PackedAttr,
    ScheduleAttr,
    SliceLayout,
    WindowAttr,
)
from xnn.dialects.prim.node import NamedOp, NodeOp
from xnn.dialects.prim.operations import GeneralOp, MatmulOp, SortOp
from xnn.dialects.prim.placement import PlaceAttr, PlaceOp, ViewOp
from xnn.dialects.prim.primitive import Primitive, RegionOperand
from xnn.dialects.prim.regions import YieldOp, argument_type
from xnn.dialects.prim.tiles import (
    AccumulatorsOp,
    LhsTileOp,
    MultiplyTileOp,
    RhsTileOp,
    WriteTileOp,
)
from xnn.dialects.prim.top_k import First, FirstAttr, TopKOp
from xnn.dialects.prim.transfers import (
    DataMovement,
    GatherOp,
    TransferOp,
    TransferScheduleAttr,
)
from xnn.dialects.prim.vector import MapOp, ReduceOp, Reduction, ReductionAttr
from xnn.dialects.scalar import BitcastOp, ConvertOp, LookupOp, RemainderOp, RoundingShiftOp
from xnn.dialects.values import element_type, shape

PRIM = Dialect(
    "prim",
    [
        MatmulOp,
        SortOp,
        TopKOp,
        MapOp,
        ReduceOp,
        GeneralOp,
        ViewOp,
        PlaceOp,
        TransferOp,
        GatherOp,
        YieldOp,
        ConvertOp,
        BitcastOp,
        RoundingShiftOp,
        RemainderOp,
        LookupOp,
        LhsTileOp,
        RhsTileOp,
        AccumulatorsOp,
        MultiplyTileOp,
        WriteTileOp,
    ],
    [
        WindowAttr,
        PackedAttr,
        ScheduleAttr,
        ReductionAttr,
        FirstAttr,
        TransferScheduleAttr,
        PlaceAttr,
    ],
)
