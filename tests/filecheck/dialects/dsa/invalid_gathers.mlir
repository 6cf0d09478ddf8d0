// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs three sizes, and rows that are contiguous
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 1, 4] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs three sizes, and rows that are contiguous
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [6, 4] rows 4 source [4, 1] target [4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": sizes and strides differ in length
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": rows must be positive
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 0 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": indices must be i32 or i64, not i8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i8
}

// -----

// CHECK: dsa.gather "y": needs a table, an index and a target address
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs 1 reservation(s), of its local side
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2, 2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": 'sort' is not a transfer engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "sort" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.program: dsa.gather "y": operand 0 touches bytes 0x0 to 0x50 of external memory, which no single live buffer holds
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 64, 0)> sizes [1, 6, 4] rows 5 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.program: dsa.gather "y": operand 1 touches bytes 0x48 to 0x78 of external memory, which no single live buffer holds
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 72, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.program: dsa.gather "y": operand 1 at 0x44 is not aligned to its 8-byte elements
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" at affine_map<() -> (0, 68, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}
