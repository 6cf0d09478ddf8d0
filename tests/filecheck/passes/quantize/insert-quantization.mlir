// RUN: xnn-opt %s --insert-quantization="bits=8 weight-bits=4" | filecheck %s
// RUN: xnn-opt %s --insert-quantization="ramp=2.0" | filecheck %s --check-prefix RAMP
// RUN: xnn-opt %s --insert-quantization="dynamic=true" | filecheck %s --check-prefix DYNAMIC

func.func @main(%x : tensor<1x2x4x4xf32> {xnn.range = [-1.0 : f32, 1.55 : f32]}) -> tensor<1x2x4x4xf32> {
  %w = xnn.constant "w" dense<[[[[0.7]], [[-0.1]]], [[[1.4]], [[0.2]]]]> : tensor<2x2x1x1xf32>
  %c = xnn.conv "c" %x, %w {xnn.range = [-3.0 : f32, 3.0 : f32], dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %r = xnn.relu "r" %c {xnn.range = [0.0 : f32, 2.55 : f32]} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %p = xnn.max_pool "p" %r {xnn.range = [0.0 : f32, 2.55 : f32], dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %d = xnn.conv "d" %p, %w {xnn.range = [-3.0 : f32, 3.0 : f32], dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  func.return %d : tensor<1x2x4x4xf32>
}

// The input may be negative: signed, with a zero point. Weights have a scale per channel.
// CHECK: xnn.constant "arg0#scale" dense<1.000000e-02> : tensor<f32>
// CHECK: xnn.constant "arg0#zero" dense<-28> : tensor<i8>
// CHECK: %[[Q:.*]] = xnn.quantize "arg0#quantized" %x
// CHECK: %[[D:.*]] = xnn.dequantize "arg0#dequantized" %[[Q]]
// CHECK: xnn.constant "c#w_scale" dense<[{{.*}}, {{.*}}]> : tensor<2xf32>
// CHECK: %[[WQ:.*]] = xnn.quantize "c#w_q" %w, {{.*}} -> tensor<2x2x1x1xi4>
// CHECK: %[[WD:.*]] = xnn.dequantize "c#w_dq" %[[WQ]]
// CHECK: xnn.conv "c" %[[D]], %[[WD]]
// What follows the product up to its ReLU is not rounded; after the ReLU feature maps are unsigned.
// CHECK-NEXT: %[[R:.*]] = xnn.relu "r"
// CHECK: xnn.constant "r#zero" dense<0> : tensor<ui8>
// CHECK: xnn.quantize "r#quantized" %[[R]]
// CHECK: %[[P:.*]] = xnn.max_pool "p"
// A maximum keeps its input's scale.
// CHECK: xnn.constant "p#scale" dense<1.000000e-02>
// CHECK: xnn.quantize "p#quantized" %[[P]]
// CHECK: %[[D:.*]] = xnn.conv "d"
// Outputs of the network stay numbers.
// CHECK-NEXT: func.return %[[D]]

// Wider by the place of the layer; with a maximum as much as what goes into it.
// RAMP: xnn.constant "r#scale" dense<[[S:.*]]> : tensor<f32>
// RAMP: xnn.constant "p#scale" dense<[[S]]> : tensor<f32>

// With dynamic scales the range of what a product reads is tracked in each run; between products are numbers.
// DYNAMIC: %[[X3:.*]] = xnn.max_pool "arg0#high3"
// DYNAMIC: %[[HIGH:.*]] = xnn.relu "arg0#high"
// DYNAMIC: xnn.neg "arg0#negated" %x
// DYNAMIC: %[[LOW:.*]] = xnn.relu "arg0#low"
// DYNAMIC: %[[SPAN:.*]] = xnn.add "arg0#span" %[[HIGH]], %[[LOW]]
// DYNAMIC: xnn.div "arg0#step" %[[SPAN]]
// DYNAMIC: %[[S:.*]] = xnn.reshape "arg0#scale" {{.*}} -> tensor<f32>
// DYNAMIC: %[[Z:.*]] = xnn.quantize "arg0#zero_point" {{.*}} -> tensor<ui8>
// DYNAMIC: xnn.quantize "arg0#quantized" %x, %[[S]], %[[Z]]
// DYNAMIC: %[[C:.*]] = xnn.conv "c"
// DYNAMIC-NEXT: %[[R:.*]] = xnn.relu "r" %[[C]]
// What is never negative needs no zero point.
// DYNAMIC-NEXT: %[[P:.*]] = xnn.max_pool "p" %[[R]]
// DYNAMIC-NOT: xnn.neg
// DYNAMIC: xnn.quantize "p#quantized" %[[P]]
