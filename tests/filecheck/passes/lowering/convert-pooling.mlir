// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// The largest of a window is a sort; sums and averages are products with a row of ones, whose pads count or not.
func.func @main(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> {
  %max = xnn.max_pool "max" %x {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %sum = xnn.sum_pool "sum" %x {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %mean = xnn.average_pool "mean" %x {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %all = xnn.global_average_pool "all" %x : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  func.return %max : tensor<1x2x2x2xf32>
}

// CHECK:      func.func @main(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> {
// CHECK-NEXT:   %max = prim.sort "max" "max_pool" ins(%x : tensor<1x2x4x4xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x2x2x2xf32>
// CHECK-NEXT:   %0 = xnn.constant "sum#taps" dense<1.000000e+00> : tensor<1x1x2x2xf32>
// CHECK-NEXT:   %sum = prim.matmul "sum" "sum_pool" ins(%0, %x : tensor<1x1x2x2xf32>, tensor<1x2x4x4xf32>) window <kernel = [2, 2], strides = [2, 2], groups = 2> -> tensor<1x2x2x2xf32>
// CHECK-NEXT:   %1 = xnn.constant "mean#taps" dense<2.500000e-01> : tensor<1x1x2x2xf32>
// CHECK-NEXT:   %mean = prim.matmul "mean" "average_pool" ins(%1, %x : tensor<1x1x2x2xf32>, tensor<1x2x4x4xf32>) window <kernel = [2, 2], strides = [2, 2], groups = 2> -> tensor<1x2x2x2xf32>
// CHECK-NEXT:   %2 = xnn.constant "all#taps" dense<6.250000e-02> : tensor<1x1x4x4xf32>
// CHECK-NEXT:   %all = prim.matmul "all" "average_pool" ins(%2, %x : tensor<1x1x4x4xf32>, tensor<1x2x4x4xf32>) window <kernel = [4, 4], groups = 2> -> tensor<1x2x1x1xf32>
// CHECK-NEXT:   func.return %max : tensor<1x2x2x2xf32>
