// RUN: xnn-opt %s --quantize="bits=8 samples=2" | filecheck %s
// RUN: not xnn-opt %s --quantize="method=guess" 2>&1 | filecheck %s --check-prefix METHOD
// RUN: not xnn-opt %s --quantize="bits=40" 2>&1 | filecheck %s --check-prefix BITS
// RUN: xnn-opt %s --quantize="rounding=gptq correct-biases=true samples=2" | filecheck %s --check-prefix BEST
// RUN: xnn-opt %s --quantize="dynamic ramp=2" | filecheck %s --check-prefix DYNAMIC
// RUN: not xnn-opt %s --quantize="rounding=up" 2>&1 | filecheck %s --check-prefix ROUNDING

func.func @main(%x : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = xnn.constant "w" dense<[[[[0.7]], [[-0.1]]], [[[1.4]], [[0.2]]]]> : tensor<2x2x1x1xf32>
  %b = xnn.constant "b" dense<[0.5, -0.5]> : tensor<2xf32>
  %c = xnn.conv "c" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %r = xnn.relu "r" %c : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %d = xnn.conv "d" %r, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  func.return %d : tensor<1x2x4x4xf32>
}

// CHECK: %[[Q:.*]] = xnn.quantize "arg0#quantized" %x, {{.*}} {xnn.scale = {{.*}}, reciprocal}
// CHECK: %[[C:.*]] = xnn.center "c#x" %[[Q]]
// CHECK: %[[S:.*]] = xnn.conv "c" %[[C]], {{.*}} : (tensor<1x2x4x4xi9>, tensor<2x2x1x1xi8>, tensor<2xi32>) -> tensor<1x2x4x4xi32>
// CHECK: %[[R:.*]] = xnn.requantize "r" %[[S]]
// CHECK: xnn.conv "d#sums" %[[R]], {{.*}} : (tensor<1x2x4x4xui8>, tensor<2x2x1x1xi8>) -> tensor<1x2x4x4xi32>
// CHECK: xnn.dequantize "d"

// METHOD: error: calibrate: method must be one of minmax, absmax, percentile, mse, not 'guess'
// BITS: error: insert-quantization: bits must be 2 to 16, not 40

// The second product gets a bias of its own.
// BEST: xnn.conv "d#sums" {{.*}}tensor<2xi32>) -> tensor<1x2x4x4xi32>
// ROUNDING: error: quantize: rounding must be one of nearest, gptq, not 'up'

// A flag may stand alone, a float without a point.
// DYNAMIC: xnn.quantize "arg0#zero_point"
