// RUN: xnn-opt %s --xnn-target --convert-to-instructions | filecheck %s
// RUN: xnn-opt %s --xnn-target --convert-to-instructions | xnn-opt --convert-to-instructions | filecheck %s
// RUN: not xnn-opt %s --convert-to-instructions 2>&1 | filecheck %s --check-prefix TARGET
// RUN: sed "s/, pitch = 64 : i64//; s/address = 0 : i64//" %s | not xnn-opt --xnn-target --convert-to-instructions 2>&1 | filecheck %s --check-prefix ADDRESS

// RUN: sed "/^  dma.order {/,/^  }/d" %s | not xnn-opt --xnn-target --convert-to-instructions 2>&1 | filecheck %s --check-prefix ORDER

// ORDER:        error: the module has no dma.order
// ORDER-NEXT:   hint: run --order-layers first
// TARGET:       error: the module has no target
// ADDRESS:      error: a buffer of type memref<4x4x1x1xf32, #dma.local> has no address
// ADDRESS-NEXT: hint: run --plan-memory first

// 8 blocks of positions, 4 of input channels: windows of weights in 2 slots, of maps in 3, of results in 2.
func.func @main(%x: memref<1x16x8x8xf32, #dma.external> {xnn.name = "x", dma.address = 0 : i64}) -> (memref<1x4x8x8xf32, #dma.external> {xnn.name = "v"}) {
  %w = dma.parameter "w" {address = 4096 : i64} : memref<4x16x1x1xf32, #dma.external>
  %y = dma.alloc "y" {address = 8192 : i64} : memref<1x4x8x8xf32, #dma.external>
  dma.blocks "y" [8, 4] reduce {
    %wb = dma.load %w at affine_map<(d0, d1) -> (0, d1 * 4, 0, 0)> [4, 4, 1, 1] slots 2 {address = 0 : i64, pitch = 64 : i64} : memref<4x16x1x1xf32, #dma.external> -> memref<4x4x1x1xf32, #dma.local>
    %xb = dma.load %x at affine_map<(d0, d1) -> (0, d1 * 4, d0, 0)> [1, 4, 1, 8] slots 3 {address = 1024 : i64, pitch = 128 : i64} : memref<1x16x8x8xf32, #dma.external> -> memref<1x4x1x8xf32, #dma.local>
    %yb = dma.buffer slots 2 {address = 2048 : i64, pitch = 256 : i64} : memref<1x4x1x8xf32, #dma.local>
    prim.matmul "y" "conv" ins(%wb, %xb : memref<4x4x1x1xf32, #dma.local>, memref<1x4x1x8xf32, #dma.local>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 4, 1, 8], outermost = positions, order = output_stationary, groups_per_tile = 1, slots = 2> outs(%yb : memref<1x4x1x8xf32, #dma.local>)
    dma.store %yb to %y at affine_map<(d0, d1) -> (0, 0, d0, 0)> [1, 4, 1, 8] : memref<1x4x1x8xf32, #dma.local> to memref<1x4x8x8xf32, #dma.external>
  }
  %z = dma.alloc "z" {address = 12288 : i64} : memref<1x4x8x8xf32, #dma.external>
  prim.general "z" ins(%y : memref<1x4x8x8xf32, #dma.external>) outs(%z : memref<1x4x8x8xf32, #dma.external>) {
  ^bb0(%0: tensor<1x4x8x8xf32>):
    %1 = xnn.relu "z" %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    prim.yield %1 : tensor<1x4x8x8xf32>
  }
  %v = dma.alloc "v" {address = 16384 : i64} : memref<1x4x8x8xf32, #dma.external>
  prim.general "v" ins(%z : memref<1x4x8x8xf32, #dma.external>) outs(%v : memref<1x4x8x8xf32, #dma.external>) {
  ^bb0(%2: tensor<1x4x8x8xf32>):
    %a = xnn.relu "v" %2 {layers = ["a"]} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    prim.yield %a : tensor<1x4x8x8xf32>
  }
  dma.order {
    dma.run "y" ahead 1 behind 0
    dma.run "z" ahead 0 behind 0
    dma.run "v" ahead 0 behind 0
  }
  func.return %v : memref<1x4x8x8xf32, #dma.external>
}

// CHECK:      dsa.program attributes {predicted_cycles = {{[0-9]+}} : i64} {
// CHECK-NEXT:   dsa.buffer "x" input external at 0 : memref<1x16x8x8xf32>
// CHECK-NEXT:   dsa.buffer "w" parameter external at 4096 : memref<4x16x1x1xf32>
// CHECK-NEXT:   dsa.buffer "y" feature_map external at 8192 : memref<1x4x8x8xf32>
// CHECK-NEXT:   dsa.buffer "z" feature_map external at 12288 : memref<1x4x8x8xf32>
// CHECK-NEXT:   dsa.buffer "v" feature_map external at 16384 : memref<1x4x8x8xf32>
// CHECK-NEXT:   dsa.buffer "y#0" slice local at 0 slots 2 pitch 64 : memref<4x4x1x1xf32>
// CHECK-NEXT:   dsa.buffer "y#1" slice local at 1024 slots 3 pitch 128 : memref<1x4x1x8xf32>
// CHECK-NEXT:   dsa.buffer "y#2" slice local at 2048 slots 2 pitch 256 : memref<1x4x1x8xf32>
// CHECK-NEXT:   dsa.output "v" of "v" at 0 : memref<1x4x8x8xf32>

// CHECK-NEXT:   dsa.config @matmul0 {
// CHECK-NEXT:   ^bb0(%0: memref<4x4x1x1xf32, #dma.local>, %1: memref<1x4x1x8xf32, #dma.local>, %2: memref<1x4x1x8xf32, #dma.local>):
// CHECK-NEXT:     prim.matmul "matmul0" "conv" ins(%0, %1 : memref<4x4x1x1xf32, #dma.local>, memref<1x4x1x8xf32, #dma.local>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 4, 1, 8], outermost = positions, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> outs(%2 : memref<1x4x1x8xf32, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   dsa.layer "y" @matmul0

// The first block of positions: loads run ahead of the product, where their slot is free. The first of
// four products begins the sums, the last ends them; each but the first waits for the one before.
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (0, 0)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (0, 0)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (16, 64)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (1024, 128)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] first of ["y#0", "y#1", "y#2"] at affine_map<() -> (0, 0, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2>
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (32, 0)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (2048, 256)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] of ["y#0", "y#1", "y#2"] at affine_map<() -> (64, 128, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (48, 64)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (3072, 0)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] of ["y#0", "y#1", "y#2"] at affine_map<() -> (0, 256, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (0, 0)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (32, 128)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] last of ["y#0", "y#1", "y#2"] at affine_map<() -> (64, 0, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:   dsa.transfer "y" "dma0" store of ["y#2", "y"] at affine_map<() -> (0, 0)> sizes [1, 4, 1, 8] source [32, 8, 8, 1] target [256, 64, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32

// Six alike: addresses grow with the counter, those of slots turn in a ring.
// CHECK-NEXT:   dsa.repeat 6 {
// CHECK-NEXT:     dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<(d0) -> (16, 64)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:     dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<(d0) -> (((d0 * 32) + 1056), (((d0 + 2) mod 3) * 128))> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:     dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] first of ["y#0", "y#1", "y#2"] at affine_map<(d0) -> (0, (((d0 + 1) mod 3) * 128), (((d0 + 1) mod 2) * 256))> reservations {{\[[0-9, ]*\]}} after <dma0 3, dma1 2>
// CHECK-NEXT:     dsa.repeat 2 {
// CHECK-NEXT:       dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<(d0, d1) -> (((d1 * 16) + 32), ((d1 mod 2) * 64))> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:       dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<(d0, d1) -> ((((d0 * 32) + 2080) + (d1 * 1024)), (((d0 + d1) mod 3) * 128))> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:       dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] of ["y#0", "y#1", "y#2"] at affine_map<(d0, d1) -> ((((d1 + 1) mod 2) * 64), ((((d0 + 2) + d1) mod 3) * 128), (((d0 + 1) mod 2) * 256))> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:     }
// CHECK-NEXT:     dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<(d0) -> (0, 0)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:     dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<(d0) -> (((d0 * 32) + 64), (((d0 + 2) mod 3) * 128))> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:     dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] last of ["y#0", "y#1", "y#2"] at affine_map<(d0) -> (64, (((d0 + 1) mod 3) * 128), (((d0 + 1) mod 2) * 256))> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:     dsa.transfer "y" "dma0" store of ["y#2", "y"] at affine_map<(d0) -> ((((d0 + 1) mod 2) * 256), ((d0 * 32) + 32))> sizes [1, 4, 1, 8] source [32, 8, 8, 1] target [256, 64, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:   }

// The last one, which has nothing left to load ahead.
// CHECK-NEXT:   dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<() -> (16, 64)> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:   dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<() -> (1248, 256)> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] first of ["y#0", "y#1", "y#2"] at affine_map<() -> (0, 128, 256)> reservations {{\[[0-9, ]*\]}} after <dma0 3, dma1 2>
// CHECK-NEXT:   dsa.repeat 2 {
// CHECK-NEXT:     dsa.transfer "y" "dma0" load of ["w", "y#0"] at affine_map<(d0) -> (((d0 * 16) + 32), ((d0 mod 2) * 64))> sizes [4, 4, 1, 1] source [16, 1, 1, 1] target [4, 1, 1, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:     dsa.transfer "y" "dma1" load of ["x", "y#1"] at affine_map<(d0) -> (((d0 * 1024) + 2272), ((d0 mod 3) * 128))> sizes [1, 4, 1, 8] source [1024, 64, 8, 1] target [32, 8, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 2> : f32
// CHECK-NEXT:     dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] of ["y#0", "y#1", "y#2"] at affine_map<(d0) -> ((((d0 + 1) mod 2) * 64), (((d0 + 2) mod 3) * 128), 256)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2, matmul 1>
// CHECK-NEXT:   }
// CHECK-NEXT:   dsa.matmul "y" [1, 1, 4, 4, 1, 8] pads [0, 0, 0, 0] last of ["y#0", "y#1", "y#2"] at affine_map<() -> (64, 128, 256)> reservations {{\[[0-9, ]*\]}} after <dma0 1, dma1 1, matmul 1>
// CHECK-NEXT:   dsa.transfer "y" "dma0" store of ["y#2", "y"] at affine_map<() -> (256, 224)> sizes [1, 4, 1, 8] source [32, 8, 8, 1] target [256, 64, 8, 1] reservations {{\[[0-9, ]*\]}} after <matmul 1> : f32
// CHECK-NEXT:   dsa.config @general1 {
// CHECK-NEXT:   ^bb0(%3: memref<1x4x8x8xf32, #dma.external>, %4: memref<1x4x8x8xf32, #dma.external>):
// CHECK-NEXT:     prim.general "general1" ins(%3 : memref<1x4x8x8xf32, #dma.external>) outs(%4 : memref<1x4x8x8xf32, #dma.external>) {
// CHECK-NEXT:     ^bb0(%5: tensor<1x4x8x8xf32>):
// CHECK-NEXT:       %6 = xnn.relu "general1" %5 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:       prim.yield %6 : tensor<1x4x8x8xf32>
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT:   dsa.layer "z" @general1
// CHECK-NEXT:   dsa.general "z" of ["y", "z"] at affine_map<() -> (0, 0)> after <dma0 1>

// Equal but for names: the configuration is shared.
// CHECK-NEXT:   dsa.layer "v" @general1
// CHECK-NEXT:   dsa.general "v" of ["z", "v"] at affine_map<() -> (0, 0)>
// CHECK-NEXT: }
