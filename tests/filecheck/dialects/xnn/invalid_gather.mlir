// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.gather "y": axis 3 is not one of the 3 axes of x
func.func @main(%x : tensor<2x8x4xf32>, %i : tensor<3xi64>, %b : tensor<3xi8>) {
  %0 = xnn.gather "y" %x, %i {axis = 3 : i64} : (tensor<2x8x4xf32>, tensor<3xi64>) -> tensor<2x8x3xf32>
  func.return
}

// -----

// CHECK: xnn.gather "y": indices must be i32 or i64, not i8
func.func @main(%x : tensor<2x8x4xf32>, %i : tensor<3xi64>, %b : tensor<3xi8>) {
  %0 = xnn.gather "y" %x, %b {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<3xi8>) -> tensor<3x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.gather "y": result has type tensor<8x4xf32>, expected tensor<3x8x4xf32>
func.func @main(%x : tensor<2x8x4xf32>, %i : tensor<3xi64>, %b : tensor<3xi8>) {
  %0 = xnn.gather "y" %x, %i {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<3xi64>) -> tensor<8x4xf32>
  func.return
}

// -----

// CHECK: xnn.gather "y": index 2 is outside of an axis of 2
func.func @main(%x : tensor<2x8x4xf32>, %i : tensor<3xi64>, %b : tensor<3xi8>) {
  %c = xnn.constant "c" dense<[1, -2, 2]> : tensor<3xi64>
  %0 = xnn.gather "y" %x, %c {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<3xi64>) -> tensor<3x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.gather "y": index -9 is outside of an axis of 8
func.func @main(%x : tensor<2x8x4xf32>, %i : tensor<3xi64>, %b : tensor<3xi8>) {
  %c = xnn.constant "c" dense<-9> : tensor<3xi32>
  %0 = xnn.gather "y" %x, %c {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<3xi32>) -> tensor<2x3x4xf32>
  func.return
}
