// RUN: xnn-opt %s --correct-biases="samples=2" | filecheck %s
// RUN: not xnn-opt %s --correct-biases="samples=3" 2>&1 | filecheck %s --check-prefix MEANS

// Weights are zero, so that products are the bias whatever the input.
func.func @main(%x : tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  %wq = xnn.constant "wq" dense<0> : tensor<2x2x1x1xi8>
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<i8>
  %w = xnn.dequantize "w" %wq, %s, %z : (tensor<2x2x1x1xi8>, tensor<f32>, tensor<i8>) -> tensor<2x2x1x1xf32>
  %b = xnn.constant "b" dense<[0.25, 0.5]> : tensor<2xf32>
  %c = xnn.conv "c" %x, %w, %b {xnn.means = dense<[[0.5, -1.0], [0.5, -1.0]]> : tensor<2x2xf32>, dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %d = xnn.conv "d" %x, %w {xnn.means = dense<[[1.0, 1.0], [3.0, 5.0]]> : tensor<2x2xf32>, dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %e = xnn.conv "e" %x, %w {xnn.means = dense<[[1.0, -1.0], [-2.0, 0.5]]> : tensor<2x2xf32>, dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  func.return %c, %d, %e : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}

// What a bias lacks is added to it.
// CHECK: %[[M:.*]] = xnn.constant "c#correction" dense<[2.500000e-01, -1.500000e+00]>
// CHECK-NEXT: %[[B:.*]] = xnn.add "c#corrected" %b, %[[M]]
// CHECK-NEXT: xnn.conv "c" %x, %w, %[[B]] {dilations

// A product without a bias gets one. The mean, [2, 3], is in doubt: by (2 + 8) / 2 in 4 + 9.
// CHECK-NEXT: %[[D:.*]] = xnn.constant "d#correction" dense<[1.23076928, 1.84615386]>
// CHECK-NEXT: xnn.conv "d" %x, %w, %[[D]] {dilations
// Where samples contradict each other there is nothing to correct.
// CHECK-NEXT: xnn.conv "e" %x, %w {dilations

// MEANS: error: correct-biases: layer "c": xnn.means has shape [2, 2], expected [3, 2]
// MEANS: hint: run --calibrate="means=true" first, with the same inputs
