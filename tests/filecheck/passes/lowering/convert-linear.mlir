// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// A product of matrices is one of a kernel of no dimensions; bias and transposed operands stay with it. An einsum of
// letters that both operands have is a batch of products.
func.func @main(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<4xf32>, %p: tensor<2x3x4xf32>, %q: tensor<2x4x5xf32>) -> tensor<2x4xf32> {
  %gemm = xnn.gemm "gemm" %x, %w, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %batched = xnn.einsum "batched" %p, %q {equation = "bij,bjk->bik"} : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  func.return %gemm : tensor<2x4xf32>
}

// CHECK:      func.func @main(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>, %b: tensor<4xf32>, %p: tensor<2x3x4xf32>, %q: tensor<2x4x5xf32>) -> tensor<2x4xf32> {
// CHECK-NEXT:   %gemm = prim.matmul "gemm" "gemm" ins(%w, %x : tensor<4x3xf32>, tensor<2x3xf32>) window <> post [affine_map<(d0, d1) -> (d1)>](%b : tensor<4xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } -> tensor<2x4xf32>
// CHECK-NEXT:   %0 = prim.view "batched#lhs" %p : tensor<2x3x4xf32> to tensor<6x4x1xf32>
// CHECK-NEXT:   %1 = prim.view "batched#rhs" %q : tensor<2x4x5xf32> to tensor<1x8x5xf32>
// CHECK-NEXT:   %2 = prim.matmul "batched" "einsum" ins(%0, %1 : tensor<6x4x1xf32>, tensor<1x8x5xf32>) window <kernel = [1], groups = 2> -> tensor<1x6x5xf32>
// CHECK-NEXT:   %batched = prim.view "batched" %2 : tensor<1x6x5xf32> to tensor<2x3x5xf32>
// CHECK-NEXT:   func.return %gemm : tensor<2x4xf32>
