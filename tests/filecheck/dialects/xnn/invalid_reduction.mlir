// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.reduce_sum "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_sum "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_mean "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_mean "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_max "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_max "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_min "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_min "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_prod "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_prod "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_sum_square "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_sum_square "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_l1 "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_l1 "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_l2 "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_l2 "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_log_sum "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_log_sum "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_log_sum_exp "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_log_sum_exp "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_variance "y": axes [1, 2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_variance "y" %x {axes = array<i64: 1, 2>} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.reduce_sum "y": axes [1, 0] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_sum "y" %x {axes = array<i64: 1, 0>} : (tensor<1x8xf32>) -> tensor<f32>
  func.return
}

// -----

// CHECK: xnn.reduce_l2 "y": works on floats of 16 bits or more, not elements of type i32
func.func @main(%x : tensor<1x8xi32>) {
  %0 = xnn.reduce_l2 "y" %x {axes = array<i64: 1>} : (tensor<1x8xi32>) -> tensor<1xi32>
  func.return
}

// -----

// CHECK: xnn.reduce_sum "y": result has type tensor<1xf32>, expected tensor<1x1xf32>
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.reduce_sum "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8xf32>) -> tensor<1xf32>
  func.return
}

// -----

// CHECK: xnn.cumsum "y": axes [2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.cumsum "y" %x {axis = 2 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.arg_max "y": axes [2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.arg_max "y" %x {axis = 2 : i64} : (tensor<1x8xf32>) -> tensor<1xi64>
  func.return
}

// -----

// CHECK: xnn.arg_min "y": axes [2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.arg_min "y" %x {axis = 2 : i64} : (tensor<1x8xf32>) -> tensor<1xi64>
  func.return
}
