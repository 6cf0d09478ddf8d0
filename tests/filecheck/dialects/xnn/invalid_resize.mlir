// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.resize_nearest "y": needs a size and a scale for each axis of tensor<1x8x5x5xf32>
func.func @main(%x : tensor<1x8x5x5xf32>) {
  %0 = xnn.resize_nearest "y" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, sizes = array<i64: 1, 8, 10>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.resize_nearest "y": scales [1.0, 1.0, 0.0, 2.0] must be positive
func.func @main(%x : tensor<1x8x5x5xf32>) {
  %0 = xnn.resize_nearest "y" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.0, 1.0, 0.0, 2.0>, sizes = array<i64: 1, 8, 10, 10>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.resize_nearest "y": coordinates center, not asymmetric, half_pixel
func.func @main(%x : tensor<1x8x5x5xf32>) {
  %0 = xnn.resize_nearest "y" %x {coordinates = "center", rounding = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, sizes = array<i64: 1, 8, 10, 10>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.resize_nearest "y": rounding up, not round_prefer_floor
func.func @main(%x : tensor<1x8x5x5xf32>) {
  %0 = xnn.resize_nearest "y" %x {coordinates = "asymmetric", rounding = "up", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, sizes = array<i64: 1, 8, 10, 10>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.interpolate "y": axis 4 is not one of the 4 axes of x
func.func @main(%x : tensor<1x8x5x5xf32>, %w : tensor<5x5xf32>) {
  %0 = xnn.interpolate "y" %x, %w {axis = 4 : i64} : (tensor<1x8x5x5xf32>, tensor<5x5xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.interpolate "y": tensor<5x4xf32> has no weight for each of 5 elements
func.func @main(%x : tensor<1x8x5x5xf32>, %w : tensor<5x4xf32>) {
  %0 = xnn.interpolate "y" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<5x4xf32>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.interpolate "y": operands must share one element type, but have f32, f16
func.func @main(%x : tensor<1x8x5x5xf32>, %w : tensor<5x5xf16>) {
  %0 = xnn.interpolate "y" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<5x5xf16>) -> tensor<1x8x5x5xf32>
  func.return
}

// -----

// CHECK: xnn.interpolate "y": works on floats of 16 bits or more, not elements of type i8
func.func @main(%x : tensor<1x8x5x5xf32>, %w : tensor<5x5xi8>) {
  %0 = xnn.interpolate "y" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<5x5xi8>) -> tensor<1x8x5x5xf32>
  func.return
}
