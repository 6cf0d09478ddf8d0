// RUN: xnn-opt %s --insert-quantization | filecheck %s
// RUN: xnn-opt %s --insert-quantization="bits=12" | filecheck %s --check-prefix WIDE

// Squares of bytes are rounded to bytes: 255 steps are the largest one, (255 * 0.01) ** 2; or to two of them, where
// much is added to the bias. Those of more bits stay as they are, and so do those whose result the network returns, and
// those that are too large for f32.
func.func @main(%x : tensor<1x4x3xf32> {xnn.range = [0.0 : f32, 2.55 : f32]}, %h : tensor<1x4x3xf32> {xnn.range = [0.0 : f32, 1.0e+20 : f32]}) -> (tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x4x3xf32>) {
  %w = xnn.constant "w" dense<1.0> : tensor<2x4x1xf32>
  %y = xnn.lrn "y" %x {xnn.range = [0.0 : f32, 2.55 : f32], alpha = 2.5e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %c = xnn.conv "c" %y, %w {xnn.range = [-1.0 : f32, 1.0 : f32], strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x4x3xf32>, tensor<2x4x1xf32>) -> tensor<1x2x3xf32>
  %z = xnn.lrn "z" %h {xnn.range = [0.0 : f32, 1.0e+20 : f32], alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %d = xnn.conv "d" %z, %w {xnn.range = [-1.0 : f32, 1.0 : f32], strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x4x3xf32>, tensor<2x4x1xf32>) -> tensor<1x2x3xf32>
  %u = xnn.lrn "u" %x {xnn.range = [0.0 : f32, 2.55 : f32], alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %e = xnn.conv "e" %u, %w {xnn.range = [-1.0 : f32, 1.0 : f32], strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<1x4x3xf32>, tensor<2x4x1xf32>) -> tensor<1x2x3xf32>
  %last = xnn.lrn "last" %x {xnn.range = [0.0 : f32, 2.55 : f32], alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  func.return %c, %d, %e, %last : tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x4x3xf32>
}

// CHECK:     xnn.lrn "y" {{.*}} size = 3 : i64, square_step = 2.550000e-02 : f32, square_bits = 8 : i64}
// CHECK:     xnn.lrn "z" {{.*}} size = 3 : i64} :
// CHECK:     xnn.lrn "u" {{.*}} size = 3 : i64, square_step = 9.92217829e-05 : f32, square_bits = 16 : i64}
// CHECK:     xnn.lrn "last" {{.*}} size = 3 : i64} :
// WIDE-NOT:  square_step
