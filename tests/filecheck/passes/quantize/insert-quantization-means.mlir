// RUN: xnn-opt %s --insert-quantization="ramp=3.0" | filecheck %s

// Means are widened as what they are of, so their steps are no larger; what follows is widened more.
func.func @main(%x : tensor<1x2x4x4xf32> {xnn.range = [0.0 : f32, 1.0 : f32]}) -> tensor<1x2x1x1xf32> {
  %w = xnn.constant "w" dense<1.0> : tensor<2x2x1x1xf32>
  %c = xnn.conv "c" %x, %w {xnn.range = [0.0 : f32, 2.55 : f32], dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %m = xnn.global_average_pool "m" %c {xnn.range = [0.0 : f32, 2.55 : f32]} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  %d = xnn.conv "d" %m, %w {xnn.range = [0.0 : f32, 2.55 : f32], dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x1x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  %r = xnn.relu "r" %d {xnn.range = [0.0 : f32, 2.55 : f32]} : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  %y = xnn.conv "y" %r, %w {xnn.range = [0.0 : f32, 2.55 : f32], dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x1x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  func.return %y : tensor<1x2x1x1xf32>
}
// CHECK: xnn.constant "c#scale" dense<[[S:.*]]> : tensor<f32>
// CHECK: xnn.constant "m#scale" dense<[[S]]> : tensor<f32>
// CHECK-NOT: xnn.constant "r#scale" dense<[[S]]> : tensor<f32>
// CHECK: xnn.constant "r#scale"
