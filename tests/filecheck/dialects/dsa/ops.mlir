// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// A program with everything in it: all roles of buffers, all engines, all directions of transfers, repeats in
// repeats, slots, tokens, reservations, partial sums, layers that share a configuration.

dsa.program attributes {predicted_cycles = 1234 : i64} {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "w" parameter external at 1024 : memref<8x4x3x3xf32>
  dsa.buffer "y" feature_map external at 2304 : memref<1x8x8x8xf32>
  dsa.buffer "z" feature_map external at 4352 : memref<1x8x8x8xf32>
  dsa.buffer "kept" feature_map local at 65536 : memref<1x8x8x8xf32>
  dsa.buffer "y#0" slice local at 0 slots 2 pitch 4096 : memref<8x2x3x3xf32>
  dsa.buffer "y#1" slice local at 8192 slots 2 pitch 1024 : memref<1x2x8x8xf32>
  dsa.buffer "pool#0" slice local at 0 : memref<1x8x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x8x8x8xf32>
  dsa.output "flat" of "y" at 0 : memref<1x512xf32>
  dsa.layer "y" @y {xnn.work = {macs = 1 : i64}}
  dsa.config @y {
  ^bb0(%0: memref<8x2x3x3xf32, #dma.local>, %1: memref<1x2x8x8xf32, #dma.local>, %2: memref<1x8x8x8xf32, #dma.local>):
    prim.matmul "y" "conv" ins(%0, %1 : memref<8x2x3x3xf32, #dma.local>, memref<1x2x8x8xf32, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 1, 8, 2, 8, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> outs(%2 : memref<1x8x8x8xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (0, 0)> sizes [8, 2, 3, 3] source [36, 9, 3, 1] target [18, 9, 3, 1] reservations [2] : f32
  dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (0, 0)> sizes [128] source [1] target [1] reservations [2] : f32
  dsa.matmul "y" [1, 1, 8, 2, 8, 8] pads [1, 1, 1, 1] first of ["y#0", "y#1", "kept"] at affine_map<() -> (0, 0, 0)> reservations [2, 2, 2] after <dma0 1, dma1 1>
  dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (72, 4096)> sizes [8, 2, 3, 3] source [36, 9, 3, 1] target [18, 9, 3, 1] reservations [2] : f32
  dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (512, 1024)> sizes [128] source [1] target [1] reservations [2] : f32
  dsa.matmul "y" [1, 1, 8, 2, 8, 8] pads [1, 1, 1, 1] last of ["y#0", "y#1", "kept"] at affine_map<() -> (4096, 1024, 0)> reservations [2, 2, 2] after <dma0 1, dma1 1, matmul 1>
  dsa.layer "pool" @pool
  dsa.config @pool {
  ^bb0(%3: memref<1x8x8x8xf32, #dma.local>, %4: memref<1x8x4x4xf32, #dma.local>):
    prim.sort "pool" "max_pool" ins(%3 : memref<1x8x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%4 : memref<1x8x4x4xf32, #dma.local>)
  }
  dsa.repeat 4 {
    dsa.repeat 2 attributes {other} {
      dsa.sort "pool" [1, 1, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["kept", "pool#0"] at affine_map<(d0, d1) -> (((d0 * 512) + (d1 * 256)), ((d0 * 128) + (d1 * 64)))> reservations [4, 4] after <matmul 1>
    }
    dsa.transfer "pool" "dma0" store of ["pool#0", "y"] at affine_map<(d0) -> ((d0 * 128), (((1 + d0) mod 2) * 128))> sizes [32] source [1] target [1] reservations [1] after <sort 1> : f32
    dsa.transfer "pool" "dma1" copy of ["pool#0", "pool#0"] at affine_map<(d0) -> ((d0 * 128), ((d0 * 128) floordiv 1))> sizes [32] source [1] target [1] reservations [1, 8] after <sort 2> {other} : f32
  }
  dsa.layer "relu" @relu
  dsa.config @relu {
  ^bb0(%5: memref<1x8x8x8xf32, #dma.external>, %6: memref<1x8x8x8xf32, #dma.external>):
    prim.general "relu" ins(%5 : memref<1x8x8x8xf32, #dma.external>) outs(%6 : memref<1x8x8x8xf32, #dma.external>) {
    ^bb1(%7: tensor<1x8x8x8xf32>):
      %8 = xnn.relu "relu" %7 : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
      prim.yield %8 : tensor<1x8x8x8xf32>
    }
  }
  dsa.general "relu" of ["y", "z"] at affine_map<() -> (0, 0)> after <dma0 1> {other}
  dsa.layer "again" @relu
  dsa.general "again" of ["y", "z"] at affine_map<() -> (0, 0)>
  dsa.layer "clip" @clip
  dsa.config @clip {
  ^bb0(%9: memref<1x8x8x8xf32, #dma.local>, %10: memref<1x8x8x8xf32, #dma.local>):
    prim.map "clip" "clip" ins(%9 : memref<1x8x8x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%10 : memref<1x8x8x8xf32, #dma.local>)
  }
  dsa.vector "clip" [1, 8, 1, 1, 2, 8] pads [0, 0, 0, 0] first last of ["kept", "kept"] at affine_map<() -> (0, 0)> reservations [4, 4] after <matmul 1>
}

// CHECK:   dsa.program attributes {predicted_cycles = 1234 : i64} {
// CHECK-NEXT:     dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
// CHECK-NEXT:     dsa.buffer "w" parameter external at 1024 : memref<8x4x3x3xf32>
// CHECK-NEXT:     dsa.buffer "y" feature_map external at 2304 : memref<1x8x8x8xf32>
// CHECK-NEXT:     dsa.buffer "z" feature_map external at 4352 : memref<1x8x8x8xf32>
// CHECK-NEXT:     dsa.buffer "kept" feature_map local at 65536 : memref<1x8x8x8xf32>
// CHECK-NEXT:     dsa.buffer "y#0" slice local at 0 slots 2 pitch 4096 : memref<8x2x3x3xf32>
// CHECK-NEXT:     dsa.buffer "y#1" slice local at 8192 slots 2 pitch 1024 : memref<1x2x8x8xf32>
// CHECK-NEXT:     dsa.buffer "pool#0" slice local at 0 : memref<1x8x4x4xf32>
// CHECK-NEXT:     dsa.output "y" of "y" at 0 : memref<1x8x8x8xf32>
// CHECK-NEXT:     dsa.output "flat" of "y" at 0 : memref<1x512xf32>
// CHECK-NEXT:     dsa.layer "y" @y {xnn.work = {macs = 1 : i64}}
// CHECK-NEXT:     dsa.config @y {
// CHECK-NEXT:     ^bb0(%0: memref<8x2x3x3xf32, #dma.local>, %1: memref<1x2x8x8xf32, #dma.local>, %2: memref<1x8x8x8xf32, #dma.local>):
// CHECK-NEXT:       prim.matmul "y" "conv" ins(%0, %1 : memref<8x2x3x3xf32, #dma.local>, memref<1x2x8x8xf32, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 1, 8, 2, 8, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> outs(%2 : memref<1x8x8x8xf32, #dma.local>)
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (0, 0)> sizes [8, 2, 3, 3] source [36, 9, 3, 1] target [18, 9, 3, 1] reservations [2] : f32
// CHECK-NEXT:     dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (0, 0)> sizes [128] source [1] target [1] reservations [2] : f32
// CHECK-NEXT:     dsa.matmul "y" [1, 1, 8, 2, 8, 8] pads [1, 1, 1, 1] first of ["y#0", "y#1", "kept"] at affine_map<() -> (0, 0, 0)> reservations [2, 2, 2] after <dma0 1, dma1 1>
// CHECK-NEXT:     dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (72, 4096)> sizes [8, 2, 3, 3] source [36, 9, 3, 1] target [18, 9, 3, 1] reservations [2] : f32
// CHECK-NEXT:     dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (512, 1024)> sizes [128] source [1] target [1] reservations [2] : f32
// CHECK-NEXT:     dsa.matmul "y" [1, 1, 8, 2, 8, 8] pads [1, 1, 1, 1] last of ["y#0", "y#1", "kept"] at affine_map<() -> (4096, 1024, 0)> reservations [2, 2, 2] after <dma0 1, dma1 1, matmul 1>
// CHECK-NEXT:     dsa.layer "pool" @pool
// CHECK-NEXT:     dsa.config @pool {
// CHECK-NEXT:     ^bb0(%3: memref<1x8x8x8xf32, #dma.local>, %4: memref<1x8x4x4xf32, #dma.local>):
// CHECK-NEXT:       prim.sort "pool" "max_pool" ins(%3 : memref<1x8x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%4 : memref<1x8x4x4xf32, #dma.local>)
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.repeat 4 {
// CHECK-NEXT:       dsa.repeat 2 attributes {other} {
// CHECK-NEXT:         dsa.sort "pool" [1, 1, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["kept", "pool#0"] at affine_map<(d0, d1) -> (((d0 * 512) + (d1 * 256)), ((d0 * 128) + (d1 * 64)))> reservations [4, 4] after <matmul 1>
// CHECK-NEXT:       }
// CHECK-NEXT:       dsa.transfer "pool" "dma0" store of ["pool#0", "y"] at affine_map<(d0) -> ((d0 * 128), (((d0 + 1) mod 2) * 128))> sizes [32] source [1] target [1] reservations [1] after <sort 1> : f32
// CHECK-NEXT:       dsa.transfer "pool" "dma1" copy of ["pool#0", "pool#0"] at affine_map<(d0) -> ((d0 * 128), ((d0 * 128) floordiv 1))> sizes [32] source [1] target [1] reservations [1, 8] after <sort 2> {other} : f32
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.layer "relu" @relu
// CHECK-NEXT:     dsa.config @relu {
// CHECK-NEXT:     ^bb0(%5: memref<1x8x8x8xf32, #dma.external>, %6: memref<1x8x8x8xf32, #dma.external>):
// CHECK-NEXT:       prim.general "relu" ins(%5 : memref<1x8x8x8xf32, #dma.external>) outs(%6 : memref<1x8x8x8xf32, #dma.external>) {
// CHECK-NEXT:       ^bb0(%7: tensor<1x8x8x8xf32>):
// CHECK-NEXT:         %8 = xnn.relu "relu" %7 : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
// CHECK-NEXT:         prim.yield %8 : tensor<1x8x8x8xf32>
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.general "relu" of ["y", "z"] at affine_map<() -> (0, 0)> after <dma0 1> {other}
// CHECK-NEXT:     dsa.layer "again" @relu
// CHECK-NEXT:     dsa.general "again" of ["y", "z"] at affine_map<() -> (0, 0)>
// CHECK-NEXT:     dsa.layer "clip" @clip
// CHECK-NEXT:     dsa.config @clip {
// CHECK-NEXT:     ^bb0(%7: memref<1x8x8x8xf32, #dma.local>, %8: memref<1x8x8x8xf32, #dma.local>):
// CHECK-NEXT:       prim.map "clip" "clip" ins(%7 : memref<1x8x8x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%8 : memref<1x8x8x8xf32, #dma.local>)
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.vector "clip" [1, 8, 1, 1, 2, 8] pads [0, 0, 0, 0] first last of ["kept", "kept"] at affine_map<() -> (0, 0)> reservations [4, 4] after <matmul 1>
// CHECK-NEXT:   }
// CHECK-NEXT: }
