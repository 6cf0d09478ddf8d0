// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dma.alloc "y": needs memory space #dma.external or #dma.local, not none
%0 = dma.alloc "y" : memref<4xf32>

// -----

// CHECK: dma.alloc "y": needs memory space #dma.external or #dma.local, not 1 : i64
%0 = dma.alloc "y" : memref<4xf32, 1 : i64>

// -----

// CHECK: dma.alloc "y": memref<?xf32, #dma.local> has no known number of bytes
%0 = dma.alloc "y" : memref<?xf32, #dma.local>

// -----

// CHECK: dma.alloc "y": memref<4xindex, #dma.local> has no known number of bytes
%0 = dma.alloc "y" : memref<4xindex, #dma.local>

// -----

// CHECK: dma.alloc "y": address must not be negative
%0 = dma.alloc "y" {address = -64 : i64} : memref<4xf32, #dma.local>

// -----

// CHECK: dma.parameter "w": must be external
%0 = dma.parameter "w" : memref<4xf32, #dma.local>

// -----

// CHECK: dma.view: cannot change the memory space
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.view %x offset 0 : memref<1x4x8x8xf32, #dma.external> to memref<256xf32, #dma.local>

// -----

// CHECK: dma.view: elements up to 257 are outside memref<1x4x8x8xf32, #dma.external>
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.view %x offset 1 : memref<1x4x8x8xf32, #dma.external> to memref<256xf32, #dma.external>

// -----

// CHECK: dma.view: elements up to 15 are outside memref<1x4x8x8xf32, #dma.external>
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.view %x offset -1 : memref<1x4x8x8xf32, #dma.external> to memref<16xf32, #dma.external>

// -----

// CHECK: dma.view: cannot change the size of elements
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.view %x offset 0 : memref<1x4x8x8xf32, #dma.external> to memref<16xi8, #dma.external>

// -----

// CHECK: dma.load: 'dma.load' expects parent op 'dma.blocks'
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.load %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] slots 1 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>

// -----

// CHECK: dma.slice: 'dma.slice' expects parent op 'dma.blocks'
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.slice %l at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x8x8xf32, #dma.local>

// -----

// CHECK: dma.buffer: 'dma.buffer' expects parent op 'dma.blocks'
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
%0 = dma.buffer slots 1 : memref<4xf32, #dma.local>

// -----

// CHECK: dma.store: 'dma.store' expects parent op 'dma.blocks'
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.store %l to %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> to memref<1x4x8x8xf32, #dma.external>

// -----

// CHECK: dma.load: offsets and sizes must have 4 dimensions
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: offsets and sizes must have 4 dimensions
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4))> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: buffer memref<1x4x4x8xf32, #dma.local> does not have the sizes of the slice
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 5, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: sizes must be positive
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 0, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x0x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x0x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: offsets must take 1 indices
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0, d1) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: a slice must be used in local memory
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.external>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.external>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: memref<1x4x8x8xf32, #dma.external> and memref<1x4x4x8xi8, #dma.local> differ in element type
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xi8, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xi8, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: elements of memref<1x4x4x8xf32, strided<[256, 24, 8, 1]>, #dma.local> must lie in row-major order
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, strided<[256, 24, 8, 1]>, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, strided<[256, 24, 8, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: strided<[256, 64, 8, 1], offset: 4> must have known strides, and no offset
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, strided<[256, 64, 8, 1], offset: 4>, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, strided<[256, 64, 8, 1], offset: 4>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: slots must be positive
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 0 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: pitch 256 is less than 512 bytes
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = 0 : i64, pitch = 256 : i64} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: address must not be negative
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = -4 : i64} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: source must be external; use dma.slice
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %l at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.slice: source must be local; use dma.load
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.slice %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.slice: memref<1x4x4x8xf32, #dma.local> lacks the strides of memref<1x4x8x8xf32, #dma.local>
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.slice %l at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.buffer: must be local
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.external>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.external>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.external> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.buffer: slots must be positive
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 0 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.buffer: needs exactly one dma.store
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
}

// -----

// CHECK: dma.buffer: needs exactly one dma.store
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.store: target must be external; use dma.slice
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %l at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x8x8xf32, #dma.local>
}

// -----

// CHECK: dma.blocks "y": bounds must be positive
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2, 0] {
  %xb = dma.load %x at affine_map<(d0, d1) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0, d1) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": reduce needs an innermost dimension
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [] reduce {
  %xb = dma.load %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<() -> (0, 0, 0, 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": partial sums must stay in place, innermost
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] reduce {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
  %0 = arith.constant 0.0 : f32
}

// -----

// CHECK: dma.blocks "y": its primitive must read slices of the body
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%l : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": its primitive must read slices of the body
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%yb : memref<1x4x2x4xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": its primitive must write a dma.buffer or dma.slice
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%xb : memref<1x4x4x8xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": its primitive must write a dma.buffer or dma.slice
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  %t = prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x2x4xf32>
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": stores what its primitive does not write
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.slice %l at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x2x4xf32, strided<[256, 64, 8, 1]>, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, strided<[256, 64, 8, 1]>, #dma.local>)
  dma.store %xb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 4, 8] : memref<1x4x4x8xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: several slots at an address need a pitch, or slot_offsets
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = 0 : i64} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: slot_offsets need an address, and no pitch
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = 0 : i64, pitch = 512 : i64, slot_offsets = array<i64: 0, 512>} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: slot_offsets need an address, and no pitch
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {slot_offsets = array<i64: 0, 512>} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: slot_offsets must be 2 numbers, none negative
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = 0 : i64, slot_offsets = array<i64: 0, 512, 1024>} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: slot_offsets must be 2 numbers, none negative
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 {address = 512 : i64, slot_offsets = array<i64: 0, -512>} : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.load at (d0) -> (0, 1, (d0 * 4), 0) [1, 4, 4, 8] of memref<1x4x8x8xf32, #dma.external> does not hold what block 0 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 1, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.load at (d0) -> (0, 99, (d0 * 4), 0) [1, 4, 4, 8] of memref<1x4x8x8xf32, #dma.external> does not hold what block 0 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 99, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.load at (d0) -> (0, 0, ((d0 * 4) + 1), 0) [1, 4, 4, 8] of memref<1x4x8x8xf32, #dma.external> does not hold what block 1 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, ((d0 * 4) + 1), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.load at (d0) -> (0, 0, ((d0 * 4) + -1), 0) [1, 4, 4, 8] of memref<1x4x8x8xf32, #dma.external> does not hold what block 0 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, ((d0 * 4) + -1), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.store at (d0) -> (0, 0, (d0 * 4), 0) [1, 4, 2, 4] of memref<1x4x4x4xf32, #dma.external> does not hold what block 1 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.store at (d0) -> (0, -1, (d0 * 2), 0) [1, 4, 2, 4] of memref<1x4x4x4xf32, #dma.external> does not hold what block 0 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, -1, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.load: offsets (d0) -> (0, 0, (d0 * 4294967296), 0) are far outside memref<1x4x8x8xf32, #dma.external>
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4294967296), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.store: offsets (d0) -> (1180591620717411303424, 0, 0, 0) are far outside memref<1x4x4x4xf32, #dma.external>
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (1180591620717411303424, 0, 0, 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.load at (d0) -> (0, 0, (d0 * 4), 0) [1, 4, 4, 8] of memref<1x4x8x8xf32, #dma.external> does not hold what block 0 needs
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [9223372036854775807, 2], strides = [2, 2]> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: prim.sort "y": groups_per_tile 2 is not in 0 to 1
%x, %l, %e = "test.op"() : () -> (memref<1x4x8x8xf32, #dma.external>, memref<1x4x8x8xf32, #dma.local>, memref<1x4x4x4xf32, #dma.external>)
dma.blocks "y" [2] {
  %xb = dma.load %x at affine_map<(d0) -> (0, 0, (d0 * 4), 0)> [1, 4, 4, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x4x8xf32, #dma.local>
  %yb = dma.buffer slots 2 : memref<1x4x2x4xf32, #dma.local>
  prim.sort "y" "max_pool" ins(%xb : memref<1x4x4x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> schedule <block = [1, 4, 1, 1, 2, 4], groups_per_tile = 2> outs(%yb : memref<1x4x2x4xf32, #dma.local>)
  dma.store %yb to %e at affine_map<(d0) -> (0, 0, (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
}

// -----

// CHECK: dma.alloc "y": only an external buffer without an address is dynamic
%0 = dma.alloc "y" dynamic : memref<4xf32, #dma.local>

// -----

// CHECK: dma.parameter "w": only an external buffer without an address is dynamic
%0 = dma.parameter "w" dynamic {address = 0 : i64} : memref<4xf32, #dma.external>

// -----

// CHECK: dma.alloc "y": only a dynamic buffer can be borrowed
%0 = dma.alloc "y" borrowed : memref<4xf32, #dma.external>
