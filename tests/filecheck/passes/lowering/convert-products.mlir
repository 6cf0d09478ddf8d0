// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

func.func @main(%q: tensor<2x3x4x8xf32>, %k: tensor<2x3x8x5xf32>, %l: tensor<2x5x3x8xf32>, %a: tensor<6x8xf32>, %b: tensor<8x7xf32>, %c: tensor<7xf32>) {
  // Matrices as they lie: a group for each pair, the columns of rhs are positions.
  %plain = xnn.einsum "plain" %q, %k {equation = "bhmk,bhkn->bhmn"} : (tensor<2x3x4x8xf32>, tensor<2x3x8x5xf32>) -> tensor<2x3x4x5xf32>
  // One operand moves, in runs of 8.
  %moved = xnn.einsum "moved" %q, %l {equation = "bhmk,bnhk->bhnm"} : (tensor<2x3x4x8xf32>, tensor<2x5x3x8xf32>) -> tensor<2x3x5x4xf32>
  %gemm = xnn.gemm "gemm" %a, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<6x8xf32>, tensor<8x7xf32>, tensor<7xf32>) -> tensor<6x7xf32>
  func.return
}

// CHECK:      func.func @main(%q: tensor<2x3x4x8xf32>, %k: tensor<2x3x8x5xf32>, %l: tensor<2x5x3x8xf32>, %a: tensor<6x8xf32>, %b: tensor<8x7xf32>, %c: tensor<7xf32>) {
// CHECK-NEXT:   %0 = prim.view "plain#lhs" %q : tensor<2x3x4x8xf32> to tensor<24x8x1xf32>
// CHECK-NEXT:   %1 = prim.view "plain#rhs" %k : tensor<2x3x8x5xf32> to tensor<1x48x5xf32>
// CHECK-NEXT:   %2 = prim.matmul "plain" "einsum" ins(%0, %1 : tensor<24x8x1xf32>, tensor<1x48x5xf32>) window <kernel = [1], groups = 6> -> tensor<1x24x5xf32>
// CHECK-NEXT:   %plain = prim.view "plain" %2 : tensor<1x24x5xf32> to tensor<2x3x4x5xf32>
// CHECK-NEXT:   %3 = prim.transfer "moved#b" "transpose" %l offset 0 sizes [5, 2, 24] strides [24, 120, 1] : tensor<2x5x3x8xf32> to tensor<5x2x3x8xf32>
// CHECK-NEXT:   %4 = prim.view "moved#lhs" %q : tensor<2x3x4x8xf32> to tensor<24x8xf32>
// CHECK-NEXT:   %5 = prim.view "moved#rhs" %3 : tensor<5x2x3x8xf32> to tensor<5x48xf32>
// CHECK-NEXT:   %6 = prim.matmul "moved#products" "einsum" ins(%4, %5 : tensor<24x8xf32>, tensor<5x48xf32>) window <groups = 6> -> tensor<5x24xf32>
// CHECK-NEXT:   %7 = prim.view "moved#turned" %6 : tensor<5x24xf32> to tensor<5x2x3x4xf32>
// CHECK-NEXT:   %moved = prim.transfer "moved" "transpose" %7 offset 0 sizes [6, 5, 4] strides [4, 24, 1] : tensor<5x2x3x4xf32> to tensor<2x3x5x4xf32>
// CHECK-NEXT:   %8 = prim.view "gemm#lhs" %a : tensor<6x8xf32> to tensor<6x8x1xf32>
// CHECK-NEXT:   %9 = prim.view "gemm#rhs" %b : tensor<8x7xf32> to tensor<1x8x7xf32>
// CHECK-NEXT:   %10 = prim.matmul "gemm" "gemm" ins(%8, %9 : tensor<6x8x1xf32>, tensor<1x8x7xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d2)>](%c : tensor<7xf32>) {
// CHECK-NEXT:   ^bb0(%11: f32, %12: f32):
// CHECK-NEXT:     %13 = arith.addf %11, %12 : f32
// CHECK-NEXT:     prim.yield %13 : f32
// CHECK-NEXT:   } -> tensor<1x6x7xf32>
// CHECK-NEXT:   %gemm = prim.view "gemm" %10 : tensor<1x6x7xf32> to tensor<6x7xf32>
// CHECK-NEXT:   func.return
// CHECK-NEXT: }
