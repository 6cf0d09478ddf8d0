// RUN: xnn-opt %s --split-input-file --verify-diagnostics | filecheck %s

// A layer that only moves data needs no configuration.
// CHECK:      dsa.layer "y" {xnn.work = {macs = 0 : i64}}
// CHECK-NEXT: dsa.transfer "y" "dma0" load
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4x8xf32>
  dsa.buffer "y" feature_map external at 128 : memref<8x4xf32>
  dsa.buffer "y#0" slice local at 0 : memref<8x4xf32>
  dsa.output "y" of "y" at 0 : memref<8x4xf32>
  dsa.layer "y" {xnn.work = {macs = 0 : i64}}
  dsa.transfer "y" "dma0" load of ["x", "y#0"] at affine_map<() -> (0, 0)> sizes [4, 8] source [8, 1] target [1, 4] reservations [2] : f32
  dsa.transfer "y" "dma1" store of ["y#0", "y"] at affine_map<() -> (0, 0)> sizes [8, 4] source [4, 1] target [4, 1] reservations [2] after <dma0 1> : f32
}

// -----

// CHECK: dsa.sort "y": its layer has no configuration
dsa.program {
  dsa.buffer "x" feature_map local at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map local at 1024 : memref<1x4x4x4xf32>
  dsa.layer "y"
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["x", "y"] at affine_map<() -> (0, 0)> reservations [2, 2]
}
