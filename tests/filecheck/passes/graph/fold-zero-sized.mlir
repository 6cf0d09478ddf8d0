// RUN: xnn-opt %s --fold-zero-sized | filecheck %s
// RUN: xnn-opt %s --fold-zero-sized --canonicalize | filecheck %s --check-prefix CANONICAL

// Nothing uses an argument without elements; reductions have the values of no elements.
func.func @main(%x : tensor<0x2xf32>, %w : tensor<3x2xf32>, %b : tensor<2xf32>) -> (tensor<0x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2x2xf32>, tensor<0x2xf32>) {
  %y = xnn.relu "y" %x : (tensor<0x2xf32>) -> tensor<0x2xf32>
  %z = xnn.reduce_sum "z" %y {axes = array<i64: 0>} : (tensor<0x2xf32>) -> tensor<2xf32>
  %m = xnn.reduce_max "m" %y {axes = array<i64: 0>} : (tensor<0x2xf32>) -> tensor<2xf32>
  %c = xnn.concat "c" %x, %w, %y {axis = 0 : i64} : (tensor<0x2xf32>, tensor<3x2xf32>, tensor<0x2xf32>) -> tensor<3x2xf32>
  %g = xnn.gemm "g" %x, %y, %b {alpha = 1.0 : f32, beta = 2.0 : f32, trans_a = true, trans_b = false} : (tensor<0x2xf32>, tensor<0x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  func.return %y, %z, %m, %c, %g, %x : tensor<0x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2x2xf32>, tensor<0x2xf32>
}

// CHECK:      %x_1 = xnn.constant "arg0#empty" dense<> : tensor<0x2xf32>
// CHECK-NEXT: %y = xnn.constant "y" dense<> : tensor<0x2xf32>
// CHECK-NEXT: %z = xnn.constant "z" dense<0.000000e+00> : tensor<2xf32>
// CHECK-NEXT: %m = xnn.constant "m" dense<"0x000080FF"> : tensor<2xf32>
// CHECK-NEXT: %c = xnn.concat "c" %x_1, %w, %y
// CHECK-NEXT: %g = xnn.gemm "g" %x_1, %y, %b
// CHECK-NEXT: func.return %y, %z, %m, %c, %g, %x_1

// Joined with others they change nothing, and sums of no products are what is added to them.
// CANONICAL:      %g = xnn.constant "g#beta" dense<2.000000e+00> : tensor<f32>
// CANONICAL-NEXT: %g_1 = xnn.mul "g#scaled" %b, %g
// CANONICAL-NEXT: %g_2 = xnn.expand "g" %g_1
// CANONICAL-NEXT: func.return %y, %z, %m, %w, %g_2, %x_1
