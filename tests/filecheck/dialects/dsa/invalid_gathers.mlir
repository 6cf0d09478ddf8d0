// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs three sizes, and rows that are contiguous
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 1, 4] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs three sizes, and rows that are contiguous
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [6, 4] rows 4 source [4, 1] target [4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": sizes and strides differ in length
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": rows must be positive
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 0 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": indices must be i32 or i64, not i8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i8
}

// -----

// CHECK: dsa.gather "y": needs a table, indices and a target
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i"] at affine_map<() -> (0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": needs 1 reservation(s), of its local side
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2, 2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": 'sort' is not a transfer engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "sort" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": operand 0 needs bytes 0 to 80 of buffer "x", which has 64
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 0, 0)> sizes [1, 6, 4] rows 5 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": operand 1 needs bytes 8 to 56 of buffer "i", which has 48
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 8, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}

// -----

// CHECK: dsa.gather "y": operand 1 in buffer "i" begins at 0x44, which is not aligned to its 8-byte elements
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x4xf32>
  dsa.buffer "i" input external at 64 : memref<6xi64>
  dsa.buffer "y" feature_map local at 0 : memref<6x4xf32>
  dsa.layer "y"
  dsa.gather "y" "dma0" of ["x", "i", "y"] at affine_map<() -> (0, 4, 0)> sizes [1, 6, 4] rows 4 source [16, 4, 1] target [24, 4, 1] reservations [2] : f32 by i64
}
