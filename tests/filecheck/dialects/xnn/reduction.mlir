// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<?x8x4xf32>, %b : tensor<4xi1>) {
  %0 = xnn.reduce_sum "reduce_sum" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %1 = xnn.reduce_mean "reduce_mean" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %2 = xnn.reduce_max "reduce_max" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %3 = xnn.reduce_min "reduce_min" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %4 = xnn.reduce_prod "reduce_prod" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %5 = xnn.reduce_sum_square "reduce_sum_square" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %6 = xnn.reduce_l1 "reduce_l1" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %7 = xnn.reduce_l2 "reduce_l2" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %8 = xnn.reduce_log_sum "reduce_log_sum" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %9 = xnn.reduce_log_sum_exp "reduce_log_sum_exp" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %10 = xnn.reduce_variance "reduce_variance" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
  %11 = xnn.reduce_sum "without" %x {axes = array<i64: 0>} : (tensor<?x8x4xf32>) -> tensor<8x4xf32>
  %12 = xnn.reduce_max "bytes" %b {axes = array<i64>} : (tensor<4xi1>) -> tensor<4xi1>
  %13 = xnn.cumsum "cumsum" %x {axis = 1 : i64, exclusive, reverse} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %14 = xnn.arg_max "largest" %x {axis = 1 : i64, keepdims, last} : (tensor<?x8x4xf32>) -> tensor<?x1x4xi64>
  %15 = xnn.arg_min "least" %x {axis = 1 : i64} : (tensor<?x8x4xf32>) -> tensor<?x4xi64>
  func.return
}

// CHECK:      func.func @main(%x: tensor<?x8x4xf32>, %b: tensor<4xi1>) {
// CHECK-NEXT:   %0 = xnn.reduce_sum "reduce_sum" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %1 = xnn.reduce_mean "reduce_mean" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %2 = xnn.reduce_max "reduce_max" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %3 = xnn.reduce_min "reduce_min" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %4 = xnn.reduce_prod "reduce_prod" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %5 = xnn.reduce_sum_square "reduce_sum_square" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %6 = xnn.reduce_l1 "reduce_l1" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %7 = xnn.reduce_l2 "reduce_l2" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %8 = xnn.reduce_log_sum "reduce_log_sum" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %9 = xnn.reduce_log_sum_exp "reduce_log_sum_exp" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %10 = xnn.reduce_variance "reduce_variance" %x {axes = array<i64: 1, 2>, keepdims} : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// CHECK-NEXT:   %11 = xnn.reduce_sum "without" %x {axes = array<i64: 0>} : (tensor<?x8x4xf32>) -> tensor<8x4xf32>
// CHECK-NEXT:   %12 = xnn.reduce_max "bytes" %b {axes = array<i64>} : (tensor<4xi1>) -> tensor<4xi1>
// CHECK-NEXT:   %13 = xnn.cumsum "cumsum" %x {axis = 1 : i64, exclusive, reverse} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:   %14 = xnn.arg_max "largest" %x {axis = 1 : i64, keepdims, last} : (tensor<?x8x4xf32>) -> tensor<?x1x4xi64>
// CHECK-NEXT:   %15 = xnn.arg_min "least" %x {axis = 1 : i64} : (tensor<?x8x4xf32>) -> tensor<?x4xi64>
// CHECK-NEXT:   func.return

// GENERIC:      %0 = "xnn.reduce_sum"(%x) <{name = "reduce_sum", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %1 = "xnn.reduce_mean"(%x) <{name = "reduce_mean", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %2 = "xnn.reduce_max"(%x) <{name = "reduce_max", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %3 = "xnn.reduce_min"(%x) <{name = "reduce_min", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %4 = "xnn.reduce_prod"(%x) <{name = "reduce_prod", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %5 = "xnn.reduce_sum_square"(%x) <{name = "reduce_sum_square", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %6 = "xnn.reduce_l1"(%x) <{name = "reduce_l1", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %7 = "xnn.reduce_l2"(%x) <{name = "reduce_l2", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %8 = "xnn.reduce_log_sum"(%x) <{name = "reduce_log_sum", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %9 = "xnn.reduce_log_sum_exp"(%x) <{name = "reduce_log_sum_exp", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %10 = "xnn.reduce_variance"(%x) <{name = "reduce_variance", axes = array<i64: 1, 2>, keepdims}> : (tensor<?x8x4xf32>) -> tensor<?x1x1xf32>
// GENERIC-NEXT: %11 = "xnn.reduce_sum"(%x) <{name = "without", axes = array<i64: 0>}> : (tensor<?x8x4xf32>) -> tensor<8x4xf32>
