// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.max_pool "y": expected x of rank 3 or more, but it has type tensor<1x8xf32>
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.max_pool "y" %x {dilations = array<i64>, kernel_shape = array<i64>, pads = array<i64>, strides = array<i64>} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.max_pool "y": kernel_shape has 1 entries, expected 2
func.func @main(%x : tensor<1x8x7x7xf32>) {
  %0 = xnn.max_pool "y" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.max_pool "y": pads [3, 0, 0, 0] leave windows of [3, 3] without an element
func.func @main(%x : tensor<1x8x7x7xf32>) {
  %0 = xnn.max_pool "y" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>, pads = array<i64: 3, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x8x5xf32>
  func.return
}

// -----

// CHECK: xnn.average_pool "y": kernel_shape must be at least 1, but is [0, 3]
func.func @main(%x : tensor<1x8x7x7xf32>) {
  %0 = xnn.average_pool "y" %x {count_include_pad = false, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 0, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x8x5xf32>
  func.return
}

// -----

// CHECK: xnn.average_pool "y": window [9, 3] does not fit the padded [7, 7]
func.func @main(%x : tensor<1x8x7x7xf32>) {
  %0 = xnn.average_pool "y" %x {count_include_pad = false, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 9, 3>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x7x7xf32>) -> tensor<1x8x8x5xf32>
  func.return
}

// -----

// CHECK: xnn.global_average_pool "y": result has type tensor<1x8xf32>, expected tensor<1x8x1x1xf32>
func.func @main(%x : tensor<1x8x7x7xf32>) {
  %0 = xnn.global_average_pool "y" %x : (tensor<1x8x7x7xf32>) -> tensor<1x8xf32>
  func.return
}
