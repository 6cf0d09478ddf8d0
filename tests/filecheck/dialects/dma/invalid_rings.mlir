// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dma.ring: needs a local dma.alloc
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.external>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.external> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: needs a local dma.alloc
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %v = dma.view %b offset 0 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x5x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %r = dma.ring %v dim 2 : memref<1x2x5x4xf32, strided<[40, 20, 4, 1]>, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: memref<1x2x5x4xf32, strided<[40, 20, 4, 1]>, #dma.local> must be dense
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, strided<[40, 20, 4, 1]>, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: dim must be 2 or more, of at most 4 dimensions
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 1 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: memref<1x2x8x4xf32, strided<[64, 32, 4, 1]>, #dma.local> is not memref<1x2x5x4xf32, #dma.local> with other rows
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[64, 32, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: memref<1x3x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local> is not memref<1x2x5x4xf32, #dma.local> with other rows
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x3x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: has 5 rows for a map of 4
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x4x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.view: there are no views of a ring
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %v = dma.view %r offset 0 : memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local> to memref<1x2x5x4xf32, #dma.local>
  func.return
}

// -----

// CHECK: dma.ring: its buffer is a ring along another dimension too
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %s = dma.ring %b dim 3 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x5x8xf32, strided<[40, 20, 4, 1]>, #dma.local>
  func.return
}

// -----

// CHECK: dma.copy: ring too small: layer "y" needs 6 rows of buffer "map", which has 5
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  dma.blocks "y" [] {
    dma.copy %x to %r at affine_map<() -> (0, 0, 0, 0)> [1, 2, 6, 4] : memref<1x2x8x4xf32, #dma.external> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  }
  func.return
}

// -----

// CHECK: dma.slice: ring too small: layer "y" needs 6 rows of buffer "map", which has 5
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  %y = dma.alloc "y" : memref<1x2x6x4xf32, #dma.external>
  dma.blocks "y" [] {
    %a = dma.slice %r at affine_map<() -> (0, 0, 2, 0)> [1, 2, 6, 4] : memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local> -> memref<1x2x6x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
    %c = dma.buffer slots 1 : memref<1x2x6x4xf32, #dma.local>
    prim.map "y" "relu" ins(%a : memref<1x2x6x4xf32, strided<[40, 20, 4, 1]>, #dma.local>) window <kernel = [1, 1]> outs(%c : memref<1x2x6x4xf32, #dma.local>)
    dma.store %c to %y at affine_map<() -> (0, 0, 0, 0)> [1, 2, 6, 4] : memref<1x2x6x4xf32, #dma.local> to memref<1x2x6x4xf32, #dma.external>
  }
  func.return
}

// -----

// A slice that is clipped fits.
// CHECK: dma.blocks "y"
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x5x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x5x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  dma.blocks "y" [] {
    dma.copy %x to %r at affine_map<() -> (0, 0, -1, 0)> [1, 2, 6, 4] : memref<1x2x8x4xf32, #dma.external> to memref<1x2x8x4xf32, strided<[40, 20, 4, 1]>, #dma.local>
  }
  func.return
}

// -----

// CHECK: dma.ring: memref<1x2x8x4xf32, strided<[0, 0, 4, 1]>, #dma.local> in memref<1x2x0x4xf32, #dma.local> needs rows, and no offset
func.func @f(%x: memref<1x2x8x4xf32, #dma.external>) {
  %b = dma.alloc "map" : memref<1x2x0x4xf32, #dma.local>
  %r = dma.ring %b dim 2 : memref<1x2x0x4xf32, #dma.local> to memref<1x2x8x4xf32, strided<[0, 0, 4, 1]>, #dma.local>
  func.return
}
