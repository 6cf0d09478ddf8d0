// RUN: xnn-opt %s --absorb-scale-shift | filecheck %s

func.func @conv(%x : tensor<1x3x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %w = xnn.parameter "w" : tensor<8x3x1x1xf32>
  %a = xnn.parameter "a" : tensor<8x1x1xf32>
  %b = xnn.parameter "b" : tensor<1x8x1x1xf32>
  %1 = xnn.conv "1" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x4x4xf32>
  %2 = xnn.mul "2" %1, %a : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %3 = xnn.add "3" %b, %2 : (tensor<1x8x1x1xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return %3 : tensor<1x8x4x4xf32>
}

// With a bias; and one number for all channels.
func.func @bias(%x : tensor<1x3x4xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
  %w = xnn.parameter "w" : tensor<8x3x1xf32>
  %b = xnn.parameter "b" : tensor<8xf32>
  %a = xnn.parameter "a" : tensor<8x1xf32>
  %one = xnn.constant "one" dense<1.0> : tensor<f32>
  %1 = xnn.conv "1" %x, %w, %b {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x4xf32>, tensor<8x3x1xf32>, tensor<8xf32>) -> tensor<1x8x4xf32>
  %2 = xnn.mul "2" %1, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
  %3 = xnn.conv "3" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x3x4xf32>, tensor<8x3x1xf32>) -> tensor<1x8x4xf32>
  %4 = xnn.add "4" %3, %one : (tensor<1x8x4xf32>, tensor<f32>) -> tensor<1x8x4xf32>
  func.return %2, %4 : tensor<1x8x4xf32>, tensor<1x8x4xf32>
}

// The weights of a product have the result's columns last, or first if they are transposed.
func.func @gemm(%x : tensor<2x3xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  %v = xnn.parameter "v" : tensor<3x8xf32>
  %w = xnn.parameter "w" : tensor<8x3xf32>
  %a = xnn.parameter "a" : tensor<8xf32>
  %1 = xnn.gemm "1" %x, %v {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<2x3xf32>, tensor<3x8xf32>) -> tensor<2x8xf32>
  %2 = xnn.mul "2" %1, %a : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %3 = xnn.gemm "3" %x, %w, %a {alpha = 1.0 : f32, beta = 0.5 : f32, trans_a = false, trans_b = true} : (tensor<2x3xf32>, tensor<8x3xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %4 = xnn.mul "4" %3, %a : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %5 = xnn.add "5" %4, %a : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  func.return %2, %5 : tensor<2x8xf32>, tensor<2x8xf32>
}

// A residual, a result needed elsewhere, weights that are not constant: all stay.
func.func @left(%x : tensor<1x8x4xf32>, %v : tensor<8x8x1xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
  %w = xnn.parameter "w" : tensor<8x8x1xf32>
  %a = xnn.parameter "a" : tensor<8x1xf32>
  %1 = xnn.conv "1" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x8x4xf32>, tensor<8x8x1xf32>) -> tensor<1x8x4xf32>
  %2 = xnn.add "2" %1, %x : (tensor<1x8x4xf32>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  %3 = xnn.add "3" %1, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
  %4 = xnn.conv "4" %x, %v {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x8x4xf32>, tensor<8x8x1xf32>) -> tensor<1x8x4xf32>
  %5 = xnn.mul "5" %4, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
  func.return %2, %3, %5 : tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>
}

// CHECK:   func.func @conv(%x: tensor<1x3x4x4xf32>) -> tensor<1x8x4x4xf32> {
// CHECK-NEXT:     %w = xnn.parameter "w" : tensor<8x3x1x1xf32>
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8x1x1xf32>
// CHECK-NEXT:     %b = xnn.parameter "b" : tensor<1x8x1x1xf32>
// CHECK-NEXT:     %0 = xnn.reshape "2#weight_scale" %a {shape = array<i64: 8, 1, 1, 1>} : (tensor<8x1x1xf32>) -> tensor<8x1x1x1xf32>
// CHECK-NEXT:     %1 = xnn.mul "2#weights" %w, %0 : (tensor<8x3x1x1xf32>, tensor<8x1x1x1xf32>) -> tensor<8x3x1x1xf32>
// CHECK-NEXT:     %2 = xnn.reshape "3#bias" %b {shape = array<i64: 8>} : (tensor<1x8x1x1xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %3 = xnn.conv "3" %x, %1, %2 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, layers = ["1", "2"]} : (tensor<1x3x4x4xf32>, tensor<8x3x1x1xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     func.return %3 : tensor<1x8x4x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @bias(%x: tensor<1x3x4xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
// CHECK-NEXT:     %w = xnn.parameter "w" : tensor<8x3x1xf32>
// CHECK-NEXT:     %b = xnn.parameter "b" : tensor<8xf32>
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8x1xf32>
// CHECK-NEXT:     %one = xnn.constant "one" dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT:     %0 = xnn.reshape "2#weight_scale" %a {shape = array<i64: 8, 1, 1>} : (tensor<8x1xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %1 = xnn.mul "2#weights" %w, %0 : (tensor<8x3x1xf32>, tensor<8x1x1xf32>) -> tensor<8x3x1xf32>
// CHECK-NEXT:     %2 = xnn.reshape "2#bias_scale" %a {shape = array<i64: 8>} : (tensor<8x1xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %3 = xnn.mul "2#bias" %b, %2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %4 = xnn.conv "2" %x, %1, %3 {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>, layers = ["1"]} : (tensor<1x3x4xf32>, tensor<8x3x1xf32>, tensor<8xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %5 = xnn.reshape "4#bias" %one {shape = array<i64: 1>} : (tensor<f32>) -> tensor<1xf32>
// CHECK-NEXT:     %6 = xnn.constant "4#no_bias" dense<0.000000e+00> : tensor<8xf32>
// CHECK-NEXT:     %7 = xnn.add "4#bias" %6, %5 : (tensor<8xf32>, tensor<1xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %8 = xnn.conv "4" %x, %w, %7 {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>, layers = ["3"]} : (tensor<1x3x4xf32>, tensor<8x3x1xf32>, tensor<8xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     func.return %4, %8 : tensor<1x8x4xf32>, tensor<1x8x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @gemm(%x: tensor<2x3xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>) {
// CHECK-NEXT:     %v = xnn.parameter "v" : tensor<3x8xf32>
// CHECK-NEXT:     %w = xnn.parameter "w" : tensor<8x3xf32>
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8xf32>
// CHECK-NEXT:     %0 = xnn.reshape "2#weight_scale" %a {shape = array<i64: 1, 8>} : (tensor<8xf32>) -> tensor<1x8xf32>
// CHECK-NEXT:     %1 = xnn.mul "2#weights" %v, %0 : (tensor<3x8xf32>, tensor<1x8xf32>) -> tensor<3x8xf32>
// CHECK-NEXT:     %2 = xnn.gemm "2" %x, %1 {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false, layers = ["1"]} : (tensor<2x3xf32>, tensor<3x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:     %3 = xnn.reshape "4#weight_scale" %a {shape = array<i64: 8, 1>} : (tensor<8xf32>) -> tensor<8x1xf32>
// CHECK-NEXT:     %4 = xnn.mul "4#weights" %w, %3 : (tensor<8x3xf32>, tensor<8x1xf32>) -> tensor<8x3xf32>
// CHECK-NEXT:     %5 = xnn.mul "4#bias" %a, %a : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %6 = xnn.constant "5#beta" dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT:     %7 = xnn.mul "5#bias_without_beta" %5, %6 : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
// CHECK-NEXT:     %8 = xnn.add "5#bias" %7, %a : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %9 = xnn.gemm "5" %x, %4, %8 {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true, layers = ["3", "4"]} : (tensor<2x3xf32>, tensor<8x3xf32>, tensor<8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:     func.return %2, %9 : tensor<2x8xf32>, tensor<2x8xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @left(%x: tensor<1x8x4xf32>, %v: tensor<8x8x1xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
// CHECK-NEXT:     %w = xnn.parameter "w" : tensor<8x8x1xf32>
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8x1xf32>
// CHECK-NEXT:     %0 = xnn.conv "1" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x8x4xf32>, tensor<8x8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %1 = xnn.add "2" %0, %x : (tensor<1x8x4xf32>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %2 = xnn.add "3" %0, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %3 = xnn.conv "4" %x, %v {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x8x4xf32>, tensor<8x8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %4 = xnn.mul "5" %3, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     func.return %1, %2, %4 : tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>
// CHECK-NEXT:   }
