// RUN: xnn-opt %s --xnn-target --plan-memory --convert-to-instructions | filecheck %s

// A copy does not wait behind a long load that came right before it.
// CHECK: dsa.transfer "large" "dma1" load
// CHECK: dsa.transfer "moved" "dma0" copy
func.func @main(%x: memref<1x4x64x64xf32, #dma.external> {xnn.name = "x"}, %s: memref<1x2x8x4xf32, #dma.external> {xnn.name = "s"}) -> (memref<1x4x64x64xf32, #dma.external> {xnn.name = "y"}, memref<1x2x8x4xf32, #dma.external> {xnn.name = "z"}) {
  %small = dma.alloc "small" : memref<1x2x8x4xf32, #dma.local>
  %moved = dma.alloc "moved" : memref<1x2x8x4xf32, #dma.local>
  %b = dma.alloc "large" : memref<1x4x64x64xf32, #dma.local>
  %y = dma.alloc "y" : memref<1x4x64x64xf32, #dma.external>
  %z = dma.alloc "z" : memref<1x2x8x4xf32, #dma.external>
  dma.blocks "small" [] {
    dma.copy %s to %small at affine_map<() -> (0, 0, 0, 0)> [1, 2, 8, 4] : memref<1x2x8x4xf32, #dma.external> to memref<1x2x8x4xf32, #dma.local>
  }
  dma.blocks "large" [] {
    dma.copy %x to %b at affine_map<() -> (0, 0, 0, 0)> [1, 4, 64, 64] : memref<1x4x64x64xf32, #dma.external> to memref<1x4x64x64xf32, #dma.local>
  }
  dma.blocks "moved" [] {
    dma.copy %small to %moved at affine_map<() -> (0, 0, 0, 0)> [1, 2, 8, 4] : memref<1x2x8x4xf32, #dma.local> to memref<1x2x8x4xf32, #dma.local>
  }
  dma.blocks "y" [] {
    dma.copy %b to %y at affine_map<() -> (0, 0, 0, 0)> [1, 4, 64, 64] : memref<1x4x64x64xf32, #dma.local> to memref<1x4x64x64xf32, #dma.external>
  }
  dma.blocks "z" [] {
    dma.copy %moved to %z at affine_map<() -> (0, 0, 0, 0)> [1, 2, 8, 4] : memref<1x2x8x4xf32, #dma.local> to memref<1x2x8x4xf32, #dma.external>
  }
  dma.order {
    dma.run "small" ahead 0 behind 0
    dma.run "large" ahead 0 behind 0
    dma.run "moved" ahead 0 behind 0
    dma.run "y" ahead 0 behind 0
    dma.run "z" ahead 0 behind 0
  }
  return %y, %z : memref<1x4x64x64xf32, #dma.external>, memref<1x2x8x4xf32, #dma.external>
}
