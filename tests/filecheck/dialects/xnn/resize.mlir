// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%x : tensor<1x8x5x5xf32>, %w : tensor<10x5xf32>) {
  %up = xnn.resize_nearest "up" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.0, 1.0, 2.0, 0.5>, sizes = array<i64: 1, 8, 10, 2>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x10x2xf32>
  %rows = xnn.interpolate "rows" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<10x5xf32>) -> tensor<1x8x10x5xf32>
  func.return
}

// CHECK:      func.func @main(%x: tensor<1x8x5x5xf32>, %w: tensor<10x5xf32>) {
// CHECK-NEXT:   %up = xnn.resize_nearest "up" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.000000e+00, 1.000000e+00, 2.000000e+00, 5.000000e-01>, sizes = array<i64: 1, 8, 10, 2>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x10x2xf32>
// CHECK-NEXT:   %rows = xnn.interpolate "rows" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<10x5xf32>) -> tensor<1x8x10x5xf32>
// CHECK-NEXT:   func.return
// CHECK-NEXT: }
