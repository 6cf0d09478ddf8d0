// RUN: xnn-opt %s --insert-quantization | filecheck %s
// RUN: xnn-opt %s --insert-quantization="bits=12" | filecheck %s --check-prefix WIDE
// RUN: xnn-opt %s --insert-quantization="dynamic=true" | filecheck %s --check-prefix WIDE

// What is rounded to bytes needs no exact exponentials: their exponents come in 255 steps, log(100 * 4) / 255 apart.
// The probabilities that the network returns, and those of more bits, stay as they are.
func.func @main(%x : tensor<3x4xf32> {xnn.range = [-1.0 : f32, 1.55 : f32]}, %v : tensor<2x4xf32> {xnn.range = [-1.0 : f32, 1.55 : f32]}) -> (tensor<3x2xf32>, tensor<3x4xf32>) {
  %p = xnn.softmax "p" %x {xnn.range = [0.0 : f32, 1.0 : f32], axis = 1 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %y = xnn.gemm "y" %p, %v {xnn.range = [-4.0 : f32, 4.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  %last = xnn.softmax "last" %x {xnn.range = [0.0 : f32, 1.0 : f32], axis = 1 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  func.return %y, %last : tensor<3x2xf32>, tensor<3x4xf32>
}

// CHECK:     xnn.softmax "p" %x {xnn.range = [0.000000e+00 : f32, 1.000000e+00 : f32], axis = 1 : i64, exponent_step = 0.0234959386 : f32}
// CHECK:     xnn.softmax "last" %x {xnn.range = [0.000000e+00 : f32, 1.000000e+00 : f32], axis = 1 : i64} :
// WIDE-NOT:  exponent_step
