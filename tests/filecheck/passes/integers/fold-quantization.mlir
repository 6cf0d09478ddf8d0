// RUN: xnn-opt %s --fold-quantization --dce | filecheck %s

// A product of dequantised integers and what follows it up to the next integers.
func.func @conv(%xq : tensor<1x8x4x4xui8>, %wq : tensor<4x8x1x1xi8>, %b : tensor<4xi32>) -> tensor<1x4x4x4xui8> {
  %sx = xnn.constant "sx" dense<0.5> : tensor<f32>
  %zx = xnn.constant "zx" dense<3> : tensor<ui8>
  %sw = xnn.constant "sw" dense<[0.5, 0.25, 1.0, 2.0]> : tensor<4xf32>
  %zw = xnn.constant "zw" dense<0> : tensor<4xi8>
  %sb = xnn.constant "sb" dense<[0.25, 0.125, 0.5, 1.0]> : tensor<4xf32>
  %zb = xnn.constant "zb" dense<0> : tensor<4xi32>
  %sy = xnn.constant "sy" dense<0.125> : tensor<f32>
  %zy = xnn.constant "zy" dense<0> : tensor<ui8>
  %x = xnn.dequantize "x" %xq, %sx, %zx : (tensor<1x8x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xf32>
  %w = xnn.dequantize "w" %wq, %sw, %zw {axis = 0 : i64} : (tensor<4x8x1x1xi8>, tensor<4xf32>, tensor<4xi8>) -> tensor<4x8x1x1xf32>
  %bias = xnn.dequantize "bias" %b, %sb, %zb {axis = 0 : i64} : (tensor<4xi32>, tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  %c = xnn.conv "c" %x, %w, %bias {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x4x4xf32>, tensor<4x8x1x1xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %r = xnn.relu "r" %c : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %q = xnn.quantize "q" %r, %sy, %zy : (tensor<1x4x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4x4x4xui8>
  func.return %q : tensor<1x4x4x4xui8>
}
// CHECK-LABEL: @conv
// CHECK: %[[X:.*]] = xnn.center "c#x" %xq, %zx {{.*}} -> tensor<1x8x4x4xi9>
// CHECK: %[[S:.*]] = xnn.conv "c" %[[X]], %wq, %b {{.*}} : (tensor<1x8x4x4xi9>, tensor<4x8x1x1xi8>, tensor<4xi32>) -> tensor<1x4x4x4xi32>
// CHECK: %[[M:.*]] = xnn.constant "q#multiplier" dense<[2.000000e+00, 1.000000e+00, 4.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK: xnn.requantize "q" %[[S]], %[[M]], %zy {xnn.scale = 1.250000e-01 : f32, {{.*}}layers = ["c", "r"]

// Maxima and moves work on the integers; equal parameters on both sides leave nothing to do.
func.func @moves(%xq : tensor<1x8x4x4xi8>) -> tensor<1x32xi8> {
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<3> : tensor<i8>
  %x = xnn.dequantize "x" %xq, %s, %z : (tensor<1x8x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x8x4x4xf32>
  %p = xnn.max_pool "p" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
  %f = xnn.reshape "f" %p {shape = array<i64: 1, 32>} : (tensor<1x8x2x2xf32>) -> tensor<1x32xf32>
  %q = xnn.quantize "q" %f, %s, %z : (tensor<1x32xf32>, tensor<f32>, tensor<i8>) -> tensor<1x32xi8>
  func.return %q : tensor<1x32xi8>
}
// CHECK-LABEL: @moves
// CHECK: %[[P:.*]] = xnn.max_pool "p" %xq {{.*}} -> tensor<1x8x2x2xi8>
// CHECK-NEXT: %[[F:.*]] = xnn.reshape "f" %[[P]] {{.*}} -> tensor<1x32xi8>
// CHECK-NEXT: return %[[F]]

// Maxima that are parts of one tensor stay apart by name.
func.func @parts(%xq : tensor<1x1x4x4xi8>) -> tensor<1x1x1x1xf32> {
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<3> : tensor<i8>
  %x = xnn.dequantize "x" %xq, %s, %z : (tensor<1x1x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x1x4x4xf32>
  %r = xnn.max_pool "q#high3" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 4>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x1xf32>
  %c = xnn.max_pool "q#high2" %r {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 4, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x4x1xf32>) -> tensor<1x1x1x1xf32>
  %y = xnn.relu "q" %c : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  func.return %y : tensor<1x1x1x1xf32>
}
// CHECK-LABEL: @parts
// CHECK: %[[R:.*]] = xnn.max_pool "q#high3_integers" %xq
// CHECK: xnn.max_pool "q#high2_integers" %[[R]]

// A mean is a sum, divided in the scale; a ReLU that does not end where the integers end stays one.
func.func @mean(%xq : tensor<1x8x4x4xi8>) -> tensor<1x8x1x1xi8> {
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<i8>
  %x = xnn.dequantize "x" %xq, %s, %z : (tensor<1x8x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x8x4x4xf32>
  %g = xnn.global_average_pool "g" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x1x1xf32>
  %r = xnn.relu "r" %g : (tensor<1x8x1x1xf32>) -> tensor<1x8x1x1xf32>
  %q = xnn.quantize "q" %r, %s, %z : (tensor<1x8x1x1xf32>, tensor<f32>, tensor<i8>) -> tensor<1x8x1x1xi8>
  func.return %q : tensor<1x8x1x1xi8>
}
// CHECK-LABEL: @mean
// CHECK: %[[P:.*]] = xnn.sum_pool "g" %xq {{.*}} -> tensor<1x8x1x1xi32>
// CHECK: %[[R:.*]] = xnn.relu "q#relu" %[[P]]
// CHECK: dense<6.250000e-02>
// CHECK: xnn.requantize "q" %[[R]]

// A quantised concatenation is one of quantised parts.
func.func @concat(%a : tensor<1x2xi8>, %b : tensor<1x2xi8>) -> tensor<1x4xi8> {
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %t = xnn.constant "t" dense<1.0> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<i8>
  %x = xnn.dequantize "x" %a, %s, %z : (tensor<1x2xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2xf32>
  %y = xnn.dequantize "y" %b, %t, %z : (tensor<1x2xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2xf32>
  %c = xnn.concat "c" %x, %y {axis = 1 : i64} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %q = xnn.quantize "q" %c, %s, %z : (tensor<1x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4xi8>
  func.return %q : tensor<1x4xi8>
}
// CHECK-LABEL: @concat
// CHECK: %[[B:.*]] = xnn.requantize "q#part1" %b
// CHECK: xnn.concat "q" %a, %[[B]]

// A bias that has fewer elements than the sums have scales stays a number, and so does its product.
func.func @bias(%xq : tensor<1x8xi8>, %wq : tensor<8x4xi8>, %b : tensor<1xf32>) -> tensor<1x4xf32> {
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<i8>
  %sw = xnn.constant "sw" dense<[0.5, 0.25, 1.0, 2.0]> : tensor<4xf32>
  %zw = xnn.constant "zw" dense<0> : tensor<4xi8>
  %x = xnn.dequantize "x" %xq, %s, %z : (tensor<1x8xi8>, tensor<f32>, tensor<i8>) -> tensor<1x8xf32>
  %w = xnn.dequantize "w" %wq, %sw, %zw : (tensor<8x4xi8>, tensor<4xf32>, tensor<4xi8>) -> tensor<8x4xf32>
  %y = xnn.gemm "y" %x, %w, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<1x8xf32>, tensor<8x4xf32>, tensor<1xf32>) -> tensor<1x4xf32>
  func.return %y : tensor<1x4xf32>
}
// CHECK-LABEL: @bias
// CHECK: xnn.gemm "y" {{.*}} : (tensor<1x8xf32>, tensor<8x4xf32>, tensor<1xf32>) -> tensor<1x4xf32>
