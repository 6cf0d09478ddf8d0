// RUN: xnn-opt %s --order-layers | filecheck %s
// RUN: xnn-opt %s --order-layers | xnn-opt --order-layers | filecheck %s

// As far ahead as slots reach: of three slots, two can be loaded while the third is in use. What is loaded
// once needs nothing ahead; general compute loads nothing.
func.func @main(%x: memref<1x16x8x8xf32, #dma.external>) -> memref<1x4x8x8xf32, #dma.external> {
  %w = dma.parameter "w" : memref<4x16x1x1xf32, #dma.external>
  %y = dma.alloc "y" : memref<1x4x8x8xf32, #dma.external>
  dma.blocks "y" [8] {
    %wb = dma.load %w at affine_map<(d0) -> (0, 0, 0, 0)> [4, 16, 1, 1] slots 1 : memref<4x16x1x1xf32, #dma.external> -> memref<4x16x1x1xf32, #dma.local>
    %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0, 0)> [1, 16, 1, 8] slots 3 : memref<1x16x8x8xf32, #dma.external> -> memref<1x16x1x8xf32, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x4x1x8xf32, #dma.local>
    prim.matmul "y" "conv" ins(%wb, %xb : memref<4x16x1x1xf32, #dma.local>, memref<1x16x1x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x4x1x8xf32, #dma.local>)
    dma.store %yb to %y at affine_map<(d0) -> (0, 0, d0, 0)> [1, 4, 1, 8] : memref<1x4x1x8xf32, #dma.local> to memref<1x4x8x8xf32, #dma.external>
  }
  %z = dma.alloc "z" : memref<1x4x8x8xf32, #dma.external>
  prim.general "z" ins(%y : memref<1x4x8x8xf32, #dma.external>) outs(%z : memref<1x4x8x8xf32, #dma.external>) {
  ^bb0(%0: tensor<1x4x8x8xf32>):
    %1 = xnn.relu "z" %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    prim.yield %1 : tensor<1x4x8x8xf32>
  }
  func.return %z : memref<1x4x8x8xf32, #dma.external>
}

// CHECK:      dma.order {
// CHECK-NEXT:   dma.run "y" ahead 2 behind 0
// CHECK-NEXT:   dma.run "z" ahead 0 behind 0
// CHECK-NEXT: }
// CHECK-NEXT: func.return
