// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.batch_norm "y": shift has shape [8, 1], expected [8]
func.func @main(%x : tensor<1x8x4xf32>, %c : tensor<8xf32>, %d : tensor<8x1xf32>) {
  %0 = xnn.batch_norm "y" %x, %c, %d, %c, %c {epsilon = 1.0e-5 : f32} : (tensor<1x8x4xf32>, tensor<8xf32>, tensor<8x1xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.batch_norm "y": works on floats of 16 bits or more, not elements of type i8
func.func @main(%x : tensor<1x8x4xi8>, %c : tensor<8xi8>) {
  %0 = xnn.batch_norm "y" %x, %c, %c, %c, %c {epsilon = 1.0e-5 : f32} : (tensor<1x8x4xi8>, tensor<8xi8>, tensor<8xi8>, tensor<8xi8>, tensor<8xi8>) -> tensor<1x8x4xi8>
  func.return
}

// -----

// CHECK: xnn.lrn "y": expected x of rank 2 or more, but it has type tensor<8xf32>
func.func @main(%x : tensor<8xf32>) {
  %0 = xnn.lrn "y" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 5 : i64} : (tensor<8xf32>) -> tensor<8xf32>
  func.return
}

// -----

// CHECK: xnn.lrn "y": size must be at least 1, but is 0
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.lrn "y" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 0 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.softmax "y": axis 2 is not one of the 2 axes of x
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.softmax "y" %x {axis = 2 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.softmax "y": axis -1 is not one of the 2 axes of x
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.softmax "y" %x {axis = -1 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.normalize "y": axes [2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.normalize "y" %x {axes = array<i64: 2>, epsilon = 1.0e-5 : f32} : tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.normalize "y": bias of shape [2, 8] does not broadcast to [1, 8]
func.func @main(%x : tensor<1x8xf32>, %b : tensor<2x8xf32>) {
  %0 = xnn.normalize "y" %x bias %b : tensor<2x8xf32> {axes = array<i64: 1>, epsilon = 1.0e-5 : f32} : tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.log_softmax "y": axis 2 is not one of the 2 axes of x
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.log_softmax "y" %x {axis = 2 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.softmax "y": exponent_step must be positive and finite
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.softmax "y" %x {axis = 1 : i64, exponent_step = 0.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return
}

// -----

// CHECK: xnn.softmax "y": exponent_step is of exponents that are f32
func.func @main(%x : tensor<1x8xf16>) {
  %0 = xnn.softmax "y" %x {axis = 1 : i64, exponent_step = 0.5 : f32} : (tensor<1x8xf16>) -> tensor<1x8xf16>
  func.return
}

// -----

// CHECK: xnn.lrn "y": square_step must be positive and finite
func.func @main(%x : tensor<1x8x4xf32>) {
  %0 = xnn.lrn "y" %x {alpha = 0.5 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64, square_step = -1.0 : f32, square_bits = 8 : i64} : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.lrn "y": square_step is of squares that are f32
func.func @main(%x : tensor<1x8x4xf16>) {
  %0 = xnn.lrn "y" %x {alpha = 0.5 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64, square_step = 0.5 : f32, square_bits = 8 : i64} : (tensor<1x8x4xf16>) -> tensor<1x8x4xf16>
  func.return
}

// -----

// CHECK: xnn.lrn "y": square_bits must be 8 or 16 with a square_step, and not be there without one
func.func @main(%x : tensor<1x8x4xf32>) {
  %0 = xnn.lrn "y" %x {alpha = 0.5 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64, square_step = 0.5 : f32, square_bits = 12 : i64} : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  func.return
}
