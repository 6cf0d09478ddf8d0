// RUN: xnn-opt %s --target edge --keep-feature-maps-local | filecheck %s

// Slices of a whole operand have the strides of what is used in place of it: a part of "c" here.

// CHECK:      dma.blocks "y" [2] {
// CHECK-NEXT:   %xb_1 = dma.slice %part at affine_map<(d0) -> ((d0 * 2), 0, 0)> [2, 4, 4] : memref<4x4x4xf32, strided<[32, 4, 1]>, #dma.local> -> memref<2x4x4xf32, strided<[32, 4, 1]>, #dma.local>
// CHECK:        prim.sort "y" "max_pool" ins(%xb_1 : memref<2x4x4xf32, strided<[32, 4, 1]>, #dma.local>)

func.func @main(%x: memref<4x8x4xf32, #dma.external>) -> memref<4x4x4xf32, #dma.external> {
  %c = dma.alloc "c" : memref<4x8x4xf32, #dma.external>
  dma.blocks "c" [] {
    %xb = dma.load %x at affine_map<() -> (0, 0, 0)> [4, 8, 4] slots 1 : memref<4x8x4xf32, #dma.external> -> memref<4x8x4xf32, #dma.local>
    %yb = dma.buffer slots 1 : memref<4x8x4xf32, #dma.local>
    prim.sort "c" "max_pool" ins(%xb : memref<4x8x4xf32, #dma.local>) window <kernel = [1]> outs(%yb : memref<4x8x4xf32, #dma.local>)
    dma.store %yb to %c at affine_map<() -> (0, 0, 0)> [4, 8, 4] : memref<4x8x4xf32, #dma.local> to memref<4x8x4xf32, #dma.external>
  }
  %part = dma.view %c offset 0 : memref<4x8x4xf32, #dma.external> to memref<4x4x4xf32, strided<[32, 4, 1]>, #dma.external>
  %y = dma.alloc "y" : memref<4x4x4xf32, #dma.external>
  dma.blocks "y" [2] {
    %all = dma.load %part at affine_map<(d0) -> (0, 0, 0)> [4, 4, 4] slots 1 : memref<4x4x4xf32, strided<[32, 4, 1]>, #dma.external> -> memref<4x4x4xf32, #dma.local>
    %xb = dma.slice %all at affine_map<(d0) -> (d0 * 2, 0, 0)> [2, 4, 4] : memref<4x4x4xf32, #dma.local> -> memref<2x4x4xf32, strided<[16, 4, 1]>, #dma.local>
    %yb = dma.buffer slots 2 : memref<2x4x4xf32, #dma.local>
    prim.sort "y" "max_pool" ins(%xb : memref<2x4x4xf32, strided<[16, 4, 1]>, #dma.local>) window <kernel = [1]> outs(%yb : memref<2x4x4xf32, #dma.local>)
    dma.store %yb to %y at affine_map<(d0) -> (d0 * 2, 0, 0)> [2, 4, 4] : memref<2x4x4xf32, #dma.local> to memref<4x4x4xf32, #dma.external>
  }
  func.return %y : memref<4x4x4xf32, #dma.external>
}
