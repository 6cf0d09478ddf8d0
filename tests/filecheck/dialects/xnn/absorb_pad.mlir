// RUN: xnn-opt %s --canonicalize | filecheck %s

// Zeros around a feature map become pads of the convolution; other values stay, and so do zeros between channels.
func.func @main(%x : tensor<1x4x5x5xf32>, %w : tensor<2x4x3x3xf32>, %v : tensor<2x5x3x3xf32>) -> (tensor<1x2x6x5xf32>, tensor<1x2x5x5xf32>, tensor<1x2x3x3xf32>) {
  %zero = xnn.constant "zero" dense<0.0> : tensor<f32>
  %one = xnn.constant "one" dense<1.0> : tensor<f32>
  %a = xnn.pad "a" %x, %zero {mode = "constant", pads = array<i64: 0, 0, 2, 0, 0, 0, 1, 1>} : (tensor<1x4x5x5xf32>, tensor<f32>) -> tensor<1x4x8x6xf32>
  %y = xnn.conv "y" %a, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x6xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x6x5xf32>
  %b = xnn.pad "b" %x, %one {mode = "constant", pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>} : (tensor<1x4x5x5xf32>, tensor<f32>) -> tensor<1x4x7x7xf32>
  %z = xnn.conv "z" %b, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x7x7xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x5x5xf32>
  %c = xnn.pad "c" %x {mode = "constant", pads = array<i64: 0, 1, 0, 0, 0, 0, 0, 0>} : (tensor<1x4x5x5xf32>) -> tensor<1x5x5x5xf32>
  %u = xnn.conv "u" %c, %v {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x5x5x5xf32>, tensor<2x5x3x3xf32>) -> tensor<1x2x3x3xf32>
  func.return %y, %z, %u : tensor<1x2x6x5xf32>, tensor<1x2x5x5xf32>, tensor<1x2x3x3xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x5x5xf32>, %w: tensor<2x4x3x3xf32>, %v: tensor<2x5x3x3xf32>) -> (tensor<1x2x6x5xf32>, tensor<1x2x5x5xf32>, tensor<1x2x3x3xf32>) {
// CHECK-NEXT:   %one = xnn.constant "one" dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT:   %y = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 2, 1, 1, 1>, strides = array<i64: 1, 1>, layers = ["a"]} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x6x5xf32>
// CHECK-NEXT:   %b = xnn.pad "b" %x, %one {mode = "constant", pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>} : (tensor<1x4x5x5xf32>, tensor<f32>) -> tensor<1x4x7x7xf32>
// CHECK-NEXT:   %z = xnn.conv "z" %b, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x7x7xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x5x5xf32>
// CHECK-NEXT:   %c = xnn.pad "c" %x {mode = "constant", pads = array<i64: 0, 1, 0, 0, 0, 0, 0, 0>} : (tensor<1x4x5x5xf32>) -> tensor<1x5x5x5xf32>
// CHECK-NEXT:   %u = xnn.conv "u" %c, %v {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x5x5x5xf32>, tensor<2x5x3x3xf32>) -> tensor<1x2x3x3xf32>
// CHECK-NEXT:   func.return %y, %z, %u : tensor<1x2x6x5xf32>, tensor<1x2x5x5xf32>, tensor<1x2x3x3xf32>
// CHECK-NEXT: }
