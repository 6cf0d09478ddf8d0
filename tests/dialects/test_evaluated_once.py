"""What is worked out about an operation is worked out again where it has changed, and only there."""

from xdsl.dialects.builtin import UnitAttr
from xdsl.parser import Parser

from xnn.dialects.dma import BlocksOp, LoadOp
from xnn.dialects.dma.layer_blocks import layer_blocks
from xnn.dialects.xnn.operation import integer, integers
from xnn.tools.parsing import make_context

TEXT = """
func.func @main(%x : memref<8xf32, #dma.external>, %y : memref<8xf32, #dma.external>) {
  dma.blocks "y" [2] {
    %b = dma.load %x at affine_map<(d0) -> (d0 * 4)> [4] slots 1
      : memref<8xf32, #dma.external> -> memref<4xf32, #dma.local>
    dma.store %b to %y at affine_map<(d0) -> (d0 * 4)> [4] : memref<4xf32, #dma.local> to memref<8xf32, #dma.external>
  }
  func.return
}"""


def test_blocks_are_evaluated_again_where_a_slice_has_changed():
    module = Parser(make_context(), TEXT).parse_module()
    (blocks,) = (op for op in module.walk() if isinstance(op, BlocksOp))
    (load,) = (op for op in module.walk() if isinstance(op, LoadOp))
    first = layer_blocks(blocks)
    load.properties |= {"address": integer(64), "pitch": integer(16), "slots": integer(2)}
    assert layer_blocks(blocks) is first and first.loads[0].slots == 2
    blocks.properties["bounds"] = integers([1])
    second = layer_blocks(blocks)
    assert second is not first and (first.count, second.count) == (2, 1)
    blocks.properties["reduce"] = UnitAttr()
    assert layer_blocks(blocks) is not second
