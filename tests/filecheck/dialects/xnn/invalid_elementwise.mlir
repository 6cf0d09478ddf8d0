// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.add "y": shapes [2, 4] and [3] do not broadcast
func.func @main(%a : tensor<2x4xf32>, %b : tensor<3xf32>) {
  %0 = xnn.add "y" %a, %b : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.sub "y": shapes [2, 4] and [3] do not broadcast
func.func @main(%a : tensor<2x4xf32>, %b : tensor<3xf32>) {
  %0 = xnn.sub "y" %a, %b : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.mul "y": operands must share one element type, but have f32, f16
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4xf16>) {
  %0 = xnn.mul "y" %a, %b : (tensor<2x4xf32>, tensor<4xf16>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.div "y": operands must share one element type, but have f32, f16
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4xf16>) {
  %0 = xnn.div "y" %a, %b : (tensor<2x4xf32>, tensor<4xf16>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.relu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.relu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.sqrt "y": result has type tensor<2x6xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sqrt "y" %a : (tensor<2x4xf32>) -> tensor<2x6xf32>
  func.return
}

// -----

// CHECK: xnn.exp "y": result has type tensor<2x7xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.exp "y" %a : (tensor<2x4xf32>) -> tensor<2x7xf32>
  func.return
}

// -----

// CHECK: xnn.sigmoid "y": result has type tensor<2x8xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sigmoid "y" %a : (tensor<2x4xf32>) -> tensor<2x8xf32>
  func.return
}

// -----

// CHECK: xnn.tanh "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.tanh "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.neg "y": result has type tensor<2x10xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.neg "y" %a : (tensor<2x4xf32>) -> tensor<2x10xf32>
  func.return
}

// -----

// CHECK: xnn.clip "y": min has type i32, expected f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.clip "y" %a {min = 0 : i32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.hard_sigmoid "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.hard_sigmoid "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.hard_swish "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.hard_swish "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.leaky_relu "y": works on floats, not elements of type i8
func.func @main(%a : tensor<2x4xi8>) {
  %0 = xnn.leaky_relu "y" %a : (tensor<2x4xi8>) -> tensor<2x4xi8>
  func.return
}
