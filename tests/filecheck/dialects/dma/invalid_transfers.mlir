// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dma.view: strides must not be negative
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[-1, 6]>, #dma.external>

// -----

// CHECK: dma.view: strided<[1, 6], offset: 1> must have known strides, and no offset
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6], offset: 1>, #dma.external>

// -----

// CHECK: dma.view: strided<[1, ?]> must have known strides, and no offset
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, ?]>, #dma.external>

// -----

// CHECK: dma.view: layout affine_map<(d0, d1) -> (d1, d0)> is not strided
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, affine_map<(d0, d1) -> (d1, d0)>, #dma.external>

// -----

// CHECK: dma.view: elements up to 25 are outside memref<4x6xf32, #dma.external>
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<7x4xf32, strided<[1, 6]>, #dma.external>

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  %b = dma.load %t at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  %b = dma.load %t at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
  dma.store %b to %y at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<2x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
  dma.store %b to %y at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<2x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  %b = dma.load %t at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
  dma.store %b to %y at affine_map<(d0) -> (d0 * 2, 1)> [2, 4] : memref<2x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
%z = dma.alloc "z" : memref<8x4xf32, #dma.external>
dma.blocks "y" [3] {
  %b = dma.load %t at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
  dma.store %b to %z at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<2x4xf32, #dma.local> to memref<8x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": reduce needs a primitive
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] reduce {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.blocks "y": dma.copy at (d0) -> ((d0 * 2), 0) [2, 4] of memref<6x4xf32, #dma.local> does not hold what block 3 needs
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [4] {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.copy: source or target must be local; use dma.load and dma.store
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  dma.copy %t to %y at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.external>
}

// -----

// CHECK: dma.copy: memref<6x4xf32, strided<[1, 6]>, #dma.external> and memref<4x6xf32, #dma.local> differ in shape
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
%k = dma.alloc "k" : memref<4x6xf32, #dma.local>
dma.blocks "y" [3] {
  dma.copy %t to %k at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<4x6xf32, #dma.local>
}

// -----

// CHECK: dma.copy: memref<6x4xi32, #dma.local> and memref<6x4xf32, strided<[1, 6]>, #dma.external> differ in element type
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
%k = dma.alloc "k" : memref<6x4xi32, #dma.local>
dma.blocks "y" [3] {
  dma.copy %t to %k at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xi32, #dma.local>
}

// -----

// CHECK: dma.copy: offsets and sizes must have 2 dimensions
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.copy: sizes must be positive
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3] {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [0, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.copy: offsets must take 2 indices
%x, %y, %l = "test.op"() : () -> (memref<4x6xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6x4xf32, #dma.local>)
%t = dma.view %x offset 0 : memref<4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
dma.blocks "y" [3, 1] {
  dma.copy %t to %l at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
}

// -----

// CHECK: dma.gather: needs a table of 3 dimensions, indices of 1, a target of 3
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %f by %i to %s : memref<6x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.gather: table and indices must be external, target local
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %l to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.local> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.gather: memref<1x9x4xf32, #dma.external> and memref<1x3x4xi32, #dma.local> differ in element type
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xi32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xi32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xi32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xi32, #dma.local> to memref<1x6x4xi32, #dma.external>
}

// -----

// CHECK: dma.gather: indices must be i32 or i64, not i8
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %b to %s : memref<1x9x4xf32, #dma.external>, memref<6xi8, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice; or a dma.gather into a slice
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": needs one primitive, and slices and buffers for it; or one dma.copy; or a dma.load and a dma.store of the same slice; or a dma.gather into a slice
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<5xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<5xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.blocks "y": dma.store at (d0) -> (0, (d0 * 6), 0) [1, 3, 4] of memref<1x6x4xf32, #dma.external> does not hold what block 1 needs
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
dma.blocks "y" [2] {
  %s = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
  dma.store %s to %y at affine_map<(d0) -> (0, d0 * 6, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
}

// -----

// CHECK: dma.gather: 'dma.gather' expects parent op 'dma.blocks'
%x, %i, %b, %y, %f, %l = "test.op"() : () -> (memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external>, memref<6xi8, #dma.external>, memref<1x6x4xf32, #dma.external>, memref<6x4xf32, #dma.external>, memref<6xi64, #dma.local>)
%s = dma.alloc "s" : memref<1x3x4xf32, #dma.local>
  dma.gather %x by %i to %s : memref<1x9x4xf32, #dma.external>, memref<6xi64, #dma.external> to memref<1x3x4xf32, #dma.local>
