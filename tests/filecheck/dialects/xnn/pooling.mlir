// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<1x8x7x7xf32>, %n : tensor<?x8x7xf32>) {
  %max = xnn.max_pool "max" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>, pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x3x3xf32>
  %average = xnn.average_pool "average" %n {count_include_pad = true, dilations = array<i64: 2>, kernel_shape = array<i64: 3>, pads = array<i64: 1, 1>, strides = array<i64: 1>} : (tensor<?x8x7xf32>) -> tensor<?x8x5xf32>
  %global = xnn.global_average_pool "global" %x : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
  func.return
}

// CHECK:   func.func @main(%x: tensor<1x8x7x7xf32>, %n: tensor<?x8x7xf32>) {
// CHECK-NEXT:     %max = xnn.max_pool "max" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>, pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x3x3xf32>
// CHECK-NEXT:     %average = xnn.average_pool "average" %n {count_include_pad = true, dilations = array<i64: 2>, kernel_shape = array<i64: 3>, pads = array<i64: 1, 1>, strides = array<i64: 1>} : (tensor<?x8x7xf32>) -> tensor<?x8x5xf32>
// CHECK-NEXT:     %global = xnn.global_average_pool "global" %x : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %max = "xnn.max_pool"(%x) <{name = "max", dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>, pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>}> : (tensor<1x8x7x7xf32>) -> tensor<1x8x3x3xf32>
// GENERIC-NEXT: %average = "xnn.average_pool"(%n) <{name = "average", count_include_pad = true, dilations = array<i64: 2>, kernel_shape = array<i64: 3>, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : (tensor<?x8x7xf32>) -> tensor<?x8x5xf32>
// GENERIC-NEXT: %global = "xnn.global_average_pool"(%x) <{name = "global"}> : (tensor<1x8x7x7xf32>) -> tensor<1x8x1x1xf32>
