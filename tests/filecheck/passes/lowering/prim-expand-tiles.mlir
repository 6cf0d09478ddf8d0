// RUN: xnn-opt %s --prim-expand-tiles=n=4 | filecheck %s
// RUN: xnn-opt %s --prim-expand-tiles="node=z n=4" | filecheck %s --check-prefix ONE
// RUN: xnn-opt %s --prim-expand-tiles | filecheck %s --check-prefix EDGE
// RUN: xnn-opt %s --target edge --set matmul.n=32 --prim-expand-tiles | filecheck %s --check-prefix SET
// RUN: not xnn-opt %s --prim-expand-tiles=node=conv 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: not xnn-opt %s --prim-expand-tiles=n=0 2>&1 | filecheck %s --check-prefix SIZE

// UNKNOWN:      error: prim-expand-tiles: there is no prim.matmul 'conv' on tensors
// UNKNOWN-NEXT: hint: there are: y, z
// SIZE:         error: prim-expand-tiles: n must be positive, not 0
// EDGE:         prim.accumulators : memref<16x16xf32>
// SET:          prim.accumulators : memref<8x8xf32>
// ONE:          prim.matmul "y"
// ONE-NOT:      prim.matmul
// ONE:          prim.write_tile "z"

func.func @main(%x : tensor<1x4x5x5xf32>, %w : tensor<6x2x3x3xf32>, %b : tensor<6xf32>, %v : tensor<9x54xf32>) -> tensor<1x9xf32> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<6x2x3x3xf32>, tensor<1x4x5x5xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 2> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<6xf32>) {
  ^bb0(%sum: f32, %bias: f32):
    %biased = arith.addf %sum, %bias : f32
    prim.yield %biased : f32
  } -> tensor<1x6x3x3xf32>
  %flat = prim.view "flat" %y : tensor<1x6x3x3xf32> to tensor<1x54xf32>
  %z = prim.matmul "z" "gemm" ins(%v, %flat : tensor<9x54xf32>, tensor<1x54xf32>) window <> schedule <block = [1, 1, 9, 54], outermost = rows, order = rhs_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x9xf32>
  func.return %z : tensor<1x9xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x5x5xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>, %v: tensor<9x54xf32>) -> tensor<1x9xf32> {
// CHECK-NEXT:   %c0 = arith.constant 0 : index
// CHECK-NEXT:   %c2 = arith.constant 2 : index
// CHECK-NEXT:   %c1 = arith.constant 1 : index
// CHECK-NEXT:   %c3 = arith.constant 3 : index
// CHECK-NEXT:   %c4 = arith.constant 4 : index
// CHECK-NEXT:   %c9 = arith.constant 9 : index
// CHECK-NEXT:   %c18 = arith.constant 18 : index

// 2 groups of [3, 18] by [18, 9], order outer: 2 * 1 * 5 * 3 tiles.
// CHECK-NEXT:   %out = memref.alloc() : memref<1x6x3x3xf32>
// CHECK-NEXT:   scf.for %group = %c0 to %c2 step %c1 {
// CHECK-NEXT:     scf.for %row = %c0 to %c3 step %c4 {
// CHECK-NEXT:       scf.for %column = %c0 to %c9 step %c4 {
// CHECK-NEXT:         %sums = prim.accumulators : memref<4x4xf32>
// CHECK-NEXT:         scf.for %tap = %c0 to %c18 step %c4 {
// CHECK-NEXT:           %lhs = prim.lhs_tile %w[%group, %row, %tap] groups 2 : tensor<6x2x3x3xf32> to tensor<4x4xf32>
// CHECK-NEXT:           %rhs = prim.rhs_tile %x[%group, %tap, %column] window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 2> : tensor<1x4x5x5xf32> to tensor<4x4xf32>
// CHECK-NEXT:           prim.multiply_tile %lhs, %rhs, %sums[%c0, %c0] : tensor<4x4xf32>, tensor<4x4xf32>, memref<4x4xf32>
// CHECK-NEXT:         }
// CHECK-NEXT:         prim.write_tile "y" %sums[%c0, %c0] size 4 to %out[%group, %row, %column] groups 2 post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<6xf32>) {
// CHECK-NEXT:         ^bb0(%sum: f32, %bias: f32):
// CHECK-NEXT:           %biased = arith.addf %sum, %bias : f32
// CHECK-NEXT:           prim.yield %biased : f32
// CHECK-NEXT:         } : memref<4x4xf32> to memref<1x6x3x3xf32>
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT:   %y = bufferization.to_tensor %out restrict : memref<1x6x3x3xf32> to tensor<1x6x3x3xf32>
// CHECK-NEXT:   %flat = prim.view "flat" %y : tensor<1x6x3x3xf32> to tensor<1x54xf32>
// CHECK-NEXT:   %c0_1 = arith.constant 0 : index
// CHECK-NEXT:   %c1_1 = arith.constant 1 : index
// CHECK-NEXT:   %c4_1 = arith.constant 4 : index
// CHECK-NEXT:   %c54 = arith.constant 54 : index
// CHECK-NEXT:   %c9_1 = arith.constant 9 : index

// [9, 54] by [54, 1], order rhs_stationary: a tile of the rhs stays, three tiles of sums.
// CHECK-NEXT:   %out_1 = memref.alloc() : memref<1x9xf32>
// CHECK-NEXT:   scf.for %group_1 = %c0_1 to %c1_1 step %c1_1 {
// CHECK-NEXT:     scf.for %column_1 = %c0_1 to %c1_1 step %c4_1 {
// CHECK-NEXT:       %sums_1 = prim.accumulators : memref<12x4xf32>
// CHECK-NEXT:       scf.for %tap_1 = %c0_1 to %c54 step %c4_1 {
// CHECK-NEXT:         %rhs_1 = prim.rhs_tile %flat[%group_1, %tap_1, %column_1] window <> : tensor<1x54xf32> to tensor<4x4xf32>
// CHECK-NEXT:         scf.for %row_1 = %c0_1 to %c9_1 step %c4_1 {
// CHECK-NEXT:           %lhs_1 = prim.lhs_tile %v[%group_1, %row_1, %tap_1] : tensor<9x54xf32> to tensor<4x4xf32>
// CHECK-NEXT:           prim.multiply_tile %lhs_1, %rhs_1, %sums_1[%row_1, %c0_1] : tensor<4x4xf32>, tensor<4x4xf32>, memref<12x4xf32>
// CHECK-NEXT:         }
// CHECK-NEXT:       }
// CHECK-NEXT:       scf.for %row_2 = %c0_1 to %c9_1 step %c4_1 {
// CHECK-NEXT:         prim.write_tile "z" %sums_1[%row_2, %c0_1] size 4 to %out_1[%group_1, %row_2, %column_1] : memref<12x4xf32> to memref<1x9xf32>
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT:   %z = bufferization.to_tensor %out_1 restrict : memref<1x9xf32> to tensor<1x9xf32>
// CHECK-NEXT:   func.return %z : tensor<1x9xf32>
// CHECK-NEXT: }
