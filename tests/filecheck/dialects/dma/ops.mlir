// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// Buffers: maps and parameters with and without addresses, views of views.
func.func @buffers(%x: memref<1x4x8x8xf32, #dma.external>) {
  %w = dma.parameter "w" : memref<8x4x3x3xf32, #dma.external>
  %placed = dma.parameter "placed" {address = 4096 : i64} : memref<8xf32, #dma.external>
  %outer = dma.alloc "output_stationary" {address = 8192 : i64} : memref<1x16x8x8xf32, #dma.external>
  %inner = dma.alloc "inner" : memref<1x8x8x8xi8, #dma.local>
  %half = dma.view %outer offset 512 : memref<1x16x8x8xf32, #dma.external> to memref<1x8x8x8xf32, #dma.external>
  %flat = dma.view %half offset 0 : memref<1x8x8x8xf32, #dma.external> to memref<1x512xf32, #dma.external>
  func.return
}

// A block domain: windows that move and stay, with pads, partial sums, planned slots.
func.func @blocks(%x: memref<1x4x8x8xf32, #dma.external>, %w: memref<8x4x3x3xf32, #dma.external>, %b: memref<8xf32, #dma.external>) {
  %y = dma.alloc "y" : memref<1x8x8x8xf32, #dma.external>
  dma.blocks "y" [4, 2] reduce attributes {other} {
    %wb = dma.load %w at affine_map<(d0, d1) -> (0, (d1 * 2), 0, 0)> [8, 2, 3, 3] slots 2 {address = 0 : i64, slot_offsets = array<i64: 0, 1024>} : memref<8x4x3x3xf32, #dma.external> -> memref<8x2x3x3xf32, #dma.local>
    %xb = dma.load %x at affine_map<(d0, d1) -> (0, (d1 * 2), ((d0 * 2) + -1), -1)> [1, 2, 4, 10] slots 3 : memref<1x4x8x8xf32, #dma.external> -> memref<1x2x4x10xf32, #dma.local>
    %bb = dma.load %b at affine_map<(d0, d1) -> (0)> [8] slots 1 : memref<8xf32, #dma.external> -> memref<8xf32, #dma.local>
    %yb = dma.buffer slots 2 {address = 4096 : i64, pitch = 512 : i64} : memref<1x8x2x8xf32, #dma.local>
    prim.matmul "y" "conv" ins(%wb, %xb : memref<8x2x3x3xf32, #dma.local>, memref<1x2x4x10xf32, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%bb : memref<8xf32, #dma.local>) {
    ^bb0(%0: f32, %1: f32):
      %2 = arith.addf %0, %1 : f32
      prim.yield %2 : f32
    } outs(%yb : memref<1x8x2x8xf32, #dma.local>)
    dma.store %yb to %y at affine_map<(d0, d1) -> (0, 0, (d0 * 2), 0)> [1, 8, 2, 8] : memref<1x8x2x8xf32, #dma.local> to memref<1x8x8x8xf32, #dma.external>
  }
  func.return
}

// One block, no grid; windows of local maps used where they lie, and of an operand that is loaded whole.
func.func @in_place(%s: memref<4xf32, #dma.external>) {
  %x = dma.alloc "x" : memref<1x4x8x8xf32, #dma.local>
  %y = dma.alloc "y" : memref<1x4x4x4xf32, #dma.local>
  dma.blocks "y" [] {
    %xb = dma.slice %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
    %yb = dma.slice %y at affine_map<() -> (0, 0, 0, 0)> [1, 4, 4, 4] : memref<1x4x4x4xf32, #dma.local> -> memref<1x4x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>
    prim.sort "y" "max_pool" ins(%xb : memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>)
  }
  dma.blocks "z" [2] {
    %all = dma.load %s at affine_map<(d0) -> (0)> [4] slots 1 : memref<4xf32, #dma.external> -> memref<4xf32, #dma.local>
    %part = dma.slice %all at affine_map<(d0) -> ((d0 * 2))> [2] : memref<4xf32, #dma.local> -> memref<2xf32, strided<[1]>, #dma.local>
    %xb = dma.slice %x at affine_map<(d0) -> (0, (d0 * 2), 0, 0)> [1, 2, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x2x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
    %yb = dma.slice %y at affine_map<(d0) -> (0, (d0 * 2), 0, 0)> [1, 2, 4, 4] : memref<1x4x4x4xf32, #dma.local> -> memref<1x2x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>
    prim.sort "z" "max_pool" ins(%xb : memref<1x2x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%part : memref<2xf32, strided<[1]>, #dma.local>) {
    ^bb0(%0: f32, %1: f32):
      %2 = arith.mulf %0, %1 : f32
      prim.yield %2 : f32
    } outs(%yb : memref<1x2x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>)
  }
  func.return
}

// CHECK:   func.func @buffers(%x: memref<1x4x8x8xf32, #dma.external>) {
// CHECK-NEXT:     %w = dma.parameter "w" : memref<8x4x3x3xf32, #dma.external>
// CHECK-NEXT:     %placed = dma.parameter "placed" {address = 4096 : i64} : memref<8xf32, #dma.external>
// CHECK-NEXT:     %outer = dma.alloc "output_stationary" {address = 8192 : i64} : memref<1x16x8x8xf32, #dma.external>
// CHECK-NEXT:     %inner = dma.alloc "inner" : memref<1x8x8x8xi8, #dma.local>
// CHECK-NEXT:     %half = dma.view %outer offset 512 : memref<1x16x8x8xf32, #dma.external> to memref<1x8x8x8xf32, #dma.external>
// CHECK-NEXT:     %flat = dma.view %half offset 0 : memref<1x8x8x8xf32, #dma.external> to memref<1x512xf32, #dma.external>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @blocks(%x: memref<1x4x8x8xf32, #dma.external>, %w: memref<8x4x3x3xf32, #dma.external>, %b: memref<8xf32, #dma.external>) {
// CHECK-NEXT:     %y = dma.alloc "y" : memref<1x8x8x8xf32, #dma.external>
// CHECK-NEXT:     dma.blocks "y" [4, 2] reduce attributes {other} {
// CHECK-NEXT:       %wb = dma.load %w at affine_map<(d0, d1) -> (0, (d1 * 2), 0, 0)> [8, 2, 3, 3] slots 2 {address = 0 : i64, slot_offsets = array<i64: 0, 1024>} : memref<8x4x3x3xf32, #dma.external> -> memref<8x2x3x3xf32, #dma.local>
// CHECK-NEXT:       %xb = dma.load %x at affine_map<(d0, d1) -> (0, (d1 * 2), ((d0 * 2) + -1), -1)> [1, 2, 4, 10] slots 3 : memref<1x4x8x8xf32, #dma.external> -> memref<1x2x4x10xf32, #dma.local>
// CHECK-NEXT:       %bb = dma.load %b at affine_map<(d0, d1) -> (0)> [8] slots 1 : memref<8xf32, #dma.external> -> memref<8xf32, #dma.local>
// CHECK-NEXT:       %yb = dma.buffer slots 2 {address = 4096 : i64, pitch = 512 : i64} : memref<1x8x2x8xf32, #dma.local>
// CHECK-NEXT:       prim.matmul "y" "conv" ins(%wb, %xb : memref<8x2x3x3xf32, #dma.local>, memref<1x2x4x10xf32, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%bb : memref<8xf32, #dma.local>) {
// CHECK-NEXT:       ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:         %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:         prim.yield %2 : f32
// CHECK-NEXT:       } outs(%yb : memref<1x8x2x8xf32, #dma.local>)
// CHECK-NEXT:       dma.store %yb to %y at affine_map<(d0, d1) -> (0, 0, (d0 * 2), 0)> [1, 8, 2, 8] : memref<1x8x2x8xf32, #dma.local> to memref<1x8x8x8xf32, #dma.external>
// CHECK-NEXT:     }
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @in_place(%s: memref<4xf32, #dma.external>) {
// CHECK-NEXT:     %x = dma.alloc "x" : memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:     %y = dma.alloc "y" : memref<1x4x4x4xf32, #dma.local>
// CHECK-NEXT:     dma.blocks "y" [] {
// CHECK-NEXT:       %xb = dma.slice %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
// CHECK-NEXT:       %yb = dma.slice %y at affine_map<() -> (0, 0, 0, 0)> [1, 4, 4, 4] : memref<1x4x4x4xf32, #dma.local> -> memref<1x4x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>
// CHECK-NEXT:       prim.sort "y" "max_pool" ins(%xb : memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>)
// CHECK-NEXT:     }
// CHECK-NEXT:     dma.blocks "z" [2] {
// CHECK-NEXT:       %all = dma.load %s at affine_map<(d0) -> (0)> [4] slots 1 : memref<4xf32, #dma.external> -> memref<4xf32, #dma.local>
// CHECK-NEXT:       %part = dma.slice %all at affine_map<(d0) -> ((d0 * 2))> [2] : memref<4xf32, #dma.local> -> memref<2xf32, strided<[1]>, #dma.local>
// CHECK-NEXT:       %xb_1 = dma.slice %x at affine_map<(d0) -> (0, (d0 * 2), 0, 0)> [1, 2, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x2x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
// CHECK-NEXT:       %yb_1 = dma.slice %y at affine_map<(d0) -> (0, (d0 * 2), 0, 0)> [1, 2, 4, 4] : memref<1x4x4x4xf32, #dma.local> -> memref<1x2x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>
// CHECK-NEXT:       prim.sort "z" "max_pool" ins(%xb_1 : memref<1x2x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%part : memref<2xf32, strided<[1]>, #dma.local>) {
// CHECK-NEXT:       ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:         %2 = arith.mulf %0, %1 : f32
// CHECK-NEXT:         prim.yield %2 : f32
// CHECK-NEXT:       } outs(%yb_1 : memref<1x2x4x4xf32, strided<[64, 16, 4, 1]>, #dma.local>)
// CHECK-NEXT:     }
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
