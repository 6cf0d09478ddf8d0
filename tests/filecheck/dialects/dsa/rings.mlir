// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.buffer "a": a ring must be local, without slots
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map external at 4096 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.buffer "a": a ring must be local, without slots
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 slots 2 pitch 256 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.buffer "a": ring needs at least two rows, and the bytes from one to the next
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [1, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.buffer "a": ring needs at least two rows, and the bytes from one to the next
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.buffer "a": its 160 bytes are no rings of 3 x 16 bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [3, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 needs 6 rows of buffer "a": ring too small, it has 5
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 6, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 does not wrap row by row in the ring of buffer "a"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 52)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 does not wrap row by row in the ring of buffer "a"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<4x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 4] source [32, 4, 1] target [24, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 does not wrap row by row in the ring of buffer "a"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [2, 5, 2] source [32, 4, 1] target [4, 4, 1] reservations [2] : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 needs bytes 160 to 320 of buffer "a", which has 160
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 208)> sizes [2, 5, 4] source [32, 4, 1] target [20, 4, 1] reservations [2] : f32
}

// -----

// A feature map without the row dimension does not wrap.
// CHECK: dsa.transfer "y": operand 1 needs bytes 48 to 208 of buffer "a", which has 160
dsa.program {
  dsa.buffer "x" input external at 0 : memref<2x8x4xf32>
  dsa.buffer "a" feature_map local at 0 ring [5, 16] : memref<2x5x4xf32>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 48)> sizes [40] source [1] target [1] reservations [2] : f32
}
