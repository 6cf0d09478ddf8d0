// RUN: xnn-opt %s --round-weights="samples=2" | filecheck %s
// RUN: not xnn-opt %s --round-weights="damping=0.0" 2>&1 | filecheck %s --check-prefix DAMPING

// Both taps see the same map: one of them makes up for what the other loses, as far as integers go.
func.func @main(%x : tensor<1x1x4x4xf32>) -> tensor<1x3x4x4xf32> {
  %m = xnn.concat "m" %x, %x {axis = 1 : i64} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %w = xnn.constant "w" dense<[[[[0.4]], [[0.4]]], [[[0.8]], [[0.8]]], [[[7.4]], [[1.4]]]]> : tensor<3x2x1x1xf32>
  %s = xnn.constant "s" dense<[1.0, 2.0, 1.0]> : tensor<3xf32>
  %z = xnn.constant "z" dense<0> : tensor<3xi4>
  %q = xnn.quantize "q" %w, %s, %z {axis = 0 : i64} : (tensor<3x2x1x1xf32>, tensor<3xf32>, tensor<3xi4>) -> tensor<3x2x1x1xi4>
  %d = xnn.dequantize "d" %q, %s, %z {axis = 0 : i64} : (tensor<3x2x1x1xi4>, tensor<3xf32>, tensor<3xi4>) -> tensor<3x2x1x1xf32>
  %y = xnn.conv "y" %m, %d {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) -> tensor<1x3x4x4xf32>
  func.return %y : tensor<1x3x4x4xf32>
}

// CHECK: %[[Q:.*]] = xnn.constant "q" dense<{{\[\[\[\[1\]\], \[\[0\]\]\], \[\[\[1\]\], \[\[0\]\]\], \[\[\[7\]\], \[\[1\]\]\]\]}}> : tensor<3x2x1x1xi4>
// CHECK: xnn.dequantize "d" %[[Q]]

// DAMPING: error: round-weights: damping must be positive, not 0.0
