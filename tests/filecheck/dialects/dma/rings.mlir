// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --xnn-target --plan-memory --convert-to-instructions | filecheck %s --check-prefix DSA

// Of a map of 8 rows local memory holds 5: those that a pool needs for two rows of its result. Rows 5 to 7
// take the places of rows 0 to 2, so the last block reads rows 3 and 4, then 0 to 2 of the buffer.

// CHECK: %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
// DSA:      dsa.buffer "map" feature_map local at 0 ring [5, 16] : memref<1x2x5x4xf32>
// DSA:      dsa.transfer "first" "dma0" load of ["x", "map"] at affine_map<() -> (0, 0)> sizes [1, 2, 5, 4] source [64, 32, 4, 1] target [40, 20, 4, 1]
// DSA:      dsa.sort "above" {{.*}} of ["map", "above#0"] at affine_map<() -> (0, 0)>
// DSA:      dsa.transfer "then" "dma1" load of ["x", "map"] at affine_map<() -> (80, 0)> sizes [1, 2, 3, 4] source [64, 32, 4, 1] target [40, 20, 4, 1]
// DSA:      dsa.sort "below" {{.*}} of ["map", "below#0"] at affine_map<() -> (48, 0)>
func.func @main(%x: memref<1x2x8x4xf32, #dma.external> {xnn.name = "x"}) -> (memref<1x2x4x2xf32, #dma.external> {xnn.name = "y"}) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %y = dma.alloc "y" : memref<1x2x4x2xf32, #dma.external>
  dma.blocks "first" [] {
    dma.copy %x to %r at affine_map<() -> (0, 0, 0, 0)> [1, 2, 5, 4] : memref<1x2x8x4xf32, #dma.external> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  }
  dma.blocks "above" [] {
    %a = dma.slice %r at affine_map<() -> (0, 0, -1, -1)> [1, 2, 5, 5] : memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local> -> memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>
    %c = dma.buffer slots 1 : memref<1x2x2x2xf32, #dma.local>
    prim.sort "above" "max_pool" ins(%a : memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> outs(%c : memref<1x2x2x2xf32, #dma.local>)
    dma.store %c to %y at affine_map<() -> (0, 0, 0, 0)> [1, 2, 2, 2] : memref<1x2x2x2xf32, #dma.local> to memref<1x2x4x2xf32, #dma.external>
  }
  dma.blocks "then" [] {
    dma.copy %x to %r at affine_map<() -> (0, 0, 5, 0)> [1, 2, 3, 4] : memref<1x2x8x4xf32, #dma.external> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  }
  dma.blocks "below" [] {
    %a = dma.slice %r at affine_map<() -> (0, 0, 3, -1)> [1, 2, 5, 5] : memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local> -> memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>
    %c = dma.buffer slots 1 : memref<1x2x2x2xf32, #dma.local>
    prim.sort "below" "max_pool" ins(%a : memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> outs(%c : memref<1x2x2x2xf32, #dma.local>)
    dma.store %c to %y at affine_map<() -> (0, 0, 2, 0)> [1, 2, 2, 2] : memref<1x2x2x2xf32, #dma.local> to memref<1x2x4x2xf32, #dma.external>
  }
  dma.order {
    dma.run "first" ahead 0 behind 0
    dma.run "above" ahead 0 behind 0
    dma.run "then" ahead 0 behind 0
    dma.run "below" ahead 0 behind 0
  }
  func.return %y : memref<1x2x4x2xf32, #dma.external>
}
