// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.non_max_suppression "y": boxes tensor<1x8x4xf32> and order tensor<1x3x9xi64> do not fit
func.func @main(%b: tensor<1x8x4xf32>, %o: tensor<1x3x9xi64>, %c: tensor<1x3x9xi1>) {
  %0 = xnn.non_max_suppression "y" %b, %o, %c {most = 2 : i64, overlap = 0.000000e+00 : f32} : (tensor<1x8x4xf32>, tensor<1x3x9xi64>, tensor<1x3x9xi1>) -> tensor<1x3x2xi64>
  func.return
}

// -----

// CHECK: xnn.non_max_suppression "y": candidates tensor<1x3x7xi1> are not of the shape of order
func.func @main(%b: tensor<1x8x4xf32>, %o: tensor<1x3x8xi64>, %c: tensor<1x3x7xi1>) {
  %0 = xnn.non_max_suppression "y" %b, %o, %c {most = 2 : i64, overlap = 0.000000e+00 : f32} : (tensor<1x8x4xf32>, tensor<1x3x8xi64>, tensor<1x3x7xi1>) -> tensor<1x3x2xi64>
  func.return
}

// -----

// CHECK: xnn.non_max_suppression "y": works on elements of types f32, i64, i1, not tensor<1x3x8xi32>
func.func @main(%b: tensor<1x8x4xf32>, %o: tensor<1x3x8xi32>, %c: tensor<1x3x8xi1>) {
  %0 = xnn.non_max_suppression "y" %b, %o, %c {most = 2 : i64, overlap = 0.000000e+00 : f32} : (tensor<1x8x4xf32>, tensor<1x3x8xi32>, tensor<1x3x8xi1>) -> tensor<1x3x2xi64>
  func.return
}

// -----

// CHECK: xnn.non_max_suppression "y": keeps at most 9 of 8 boxes: not 1 to all
func.func @main(%b: tensor<1x8x4xf32>, %o: tensor<1x3x8xi64>, %c: tensor<1x3x8xi1>) {
  %0 = xnn.non_max_suppression "y" %b, %o, %c {most = 9 : i64, overlap = 0.000000e+00 : f32} : (tensor<1x8x4xf32>, tensor<1x3x8xi64>, tensor<1x3x8xi1>) -> tensor<1x3x9xi64>
  func.return
}
