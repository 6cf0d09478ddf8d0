// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%boxes: tensor<1x80x4xf32>, %order: tensor<1x3x80xi64>, %those: tensor<1x3x80xi1>) {
  %keep = xnn.non_max_suppression "keep" %boxes, %order, %those {most = 20 : i64, overlap = 5.000000e-01 : f32} : (tensor<1x80x4xf32>, tensor<1x3x80xi64>, tensor<1x3x80xi1>) -> tensor<1x3x20xi64>
  %centers = xnn.non_max_suppression "centers" %boxes, %order, %those {most = 20 : i64, overlap = 0.000000e+00 : f32, centers} : (tensor<1x80x4xf32>, tensor<1x3x80xi64>, tensor<1x3x80xi1>) -> tensor<1x3x20xi64>
  func.return
}

// CHECK:      func.func @main(%boxes: tensor<1x80x4xf32>, %order: tensor<1x3x80xi64>, %those: tensor<1x3x80xi1>) {
// CHECK-NEXT:   %keep = xnn.non_max_suppression "keep" %boxes, %order, %those {most = 20 : i64, overlap = 5.000000e-01 : f32} : (tensor<1x80x4xf32>, tensor<1x3x80xi64>, tensor<1x3x80xi1>) -> tensor<1x3x20xi64>
// CHECK-NEXT:   %centers = xnn.non_max_suppression "centers" %boxes, %order, %those {most = 20 : i64, overlap = 0.000000e+00 : f32, centers} : (tensor<1x80x4xf32>, tensor<1x3x80xi64>, tensor<1x3x80xi1>) -> tensor<1x3x20xi64>
// CHECK-NEXT:   func.return
