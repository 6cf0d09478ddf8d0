// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.reshape "y": [2, 8, 4] cannot become [0, 5]
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.reshape "y" %x {shape = array<i64: 0, 5>} : (tensor<2x8x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.reshape "y": shape [-1, -1] may hold sizes, 0 and one -1 only
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.reshape "y" %x {shape = array<i64: -1, -1>} : (tensor<2x8x4xf32>) -> tensor<2x32xf32>
  func.return
}

// -----

// CHECK: xnn.reshape "y": [?, 8, 4] cannot become [2, 32]
func.func @main(%x : tensor<?x8x4xf32>) {
  %0 = xnn.reshape "y" %x {shape = array<i64: 2, 32>} : (tensor<?x8x4xf32>) -> tensor<2x32xf32>
  func.return
}

// -----

// CHECK: xnn.transpose "y": perm [0, 2, 2] is not a permutation of the 3 axes of x
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.transpose "y" %x {perm = array<i64: 0, 2, 2>} : (tensor<2x8x4xf32>) -> tensor<2x4x4xf32>
  func.return
}

// -----

// CHECK: xnn.transpose "y": result has type tensor<2x8x4xf32>, expected tensor<2x4x8xf32>
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.transpose "y" %x {perm = array<i64: 0, 2, 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.concat "y": has no inputs
func.func @main() {
  %0 = xnn.concat "y" {axis = 0 : i64} : () -> tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.concat "y": axis 2 is not one of the 2 axes of its inputs
func.func @main(%x : tensor<2x8xf32>) {
  %0 = xnn.concat "y" %x, %x {axis = 2 : i64} : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<4x8xf32>
  func.return
}

// -----

// CHECK: xnn.concat "y": inputs differ in rank: [2, 8], [8]
func.func @main(%x : tensor<2x8xf32>, %z : tensor<8xf32>) {
  %0 = xnn.concat "y" %x, %z {axis = 0 : i64} : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<3x8xf32>
  func.return
}

// -----

// CHECK: xnn.concat "y": inputs differ in axis 1: [2, 8], [2, 9]
func.func @main(%x : tensor<2x8xf32>, %z : tensor<2x9xf32>) {
  %0 = xnn.concat "y" %x, %z {axis = 0 : i64} : (tensor<2x8xf32>, tensor<2x9xf32>) -> tensor<4x8xf32>
  func.return
}

// -----

// CHECK: xnn.dropout "y": result has type tensor<2x8xf16>, expected tensor<2x8xf32>
func.func @main(%x : tensor<2x8xf32>) {
  %0 = xnn.dropout "y" %x {ratio = 0.5 : f32} : (tensor<2x8xf32>) -> tensor<2x8xf16>
  func.return
}

// -----

// CHECK: xnn.identity "y": result has type tensor<16xf32>, expected tensor<2x8xf32>
func.func @main(%x : tensor<2x8xf32>) {
  %0 = xnn.identity "y" %x : (tensor<2x8xf32>) -> tensor<16xf32>
  func.return
}
