// RUN: xnn-opt %s --multiply-and-shift | filecheck %s
// RUN: xnn-opt %s --multiply-and-shift --convert-to-primitives --fuse-successors | filecheck %s --check-prefix FUSED

func.func @main(%w : tensor<2x2x1x1xi8>, %x : tensor<1x2x4x4xui8>, %r : tensor<1x2x4x4xi8>, %given : tensor<f32>) -> (tensor<1x2x4x4xui8>, tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>) {
  %z = xnn.constant "z" dense<0> : tensor<ui8>
  %z8 = xnn.constant "z8" dense<5> : tensor<i8>
  %z32 = xnn.constant "z32" dense<0> : tensor<i32>
  %m = xnn.constant "m" dense<[0.75, 0.3]> : tensor<2xf32>
  %half = xnn.constant "half" dense<0.5> : tensor<f32>
  %s = xnn.constant "s" dense<0.25> : tensor<f32>
  %sums = xnn.conv "sums" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xui8>, tensor<2x2x1x1xi8>) -> tensor<1x2x4x4xi32>
  %q = xnn.requantize "q" %sums, %m, %z {layers = ["relu"]} : (tensor<1x2x4x4xi32>, tensor<2xf32>, tensor<ui8>) -> tensor<1x2x4x4xui8>

  // A power of two is a shift alone.
  %p = xnn.requantize "p" %r, %half, %z8 : (tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xi8>

  // The terms of an addition, at a common scale 2^12 times finer than the result's.
  %c = xnn.conv "c" %q, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x4x4xui8>, tensor<2x2x1x1xi8>) -> tensor<1x2x4x4xi32>
  %a = xnn.dequantize "a" %c, %s, %z32 : (tensor<1x2x4x4xi32>, tensor<f32>, tensor<i32>) -> tensor<1x2x4x4xf32>
  %b = xnn.dequantize "b" %r, %half, %z8 : (tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xf32>
  %sum = xnn.add "sum" %a, %b : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %relu = xnn.relu "relu" %sum : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y = xnn.quantize "y" %relu, %half, %z8 : (tensor<1x2x4x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xi8>

  // What is not in the text stays.
  %k = xnn.requantize "k" %r, %given, %z8 : (tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xi8>
  func.return %q, %p, %y, %k : tensor<1x2x4x4xui8>, tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>
}

// CHECK: %[[M:.*]] = xnn.constant "q#multiplier" dense<[12582912, 5033165]> : tensor<2xi32>
// CHECK: xnn.rescale "q" %sums, %[[M]], %z {{{.*}}shift = 24 : i64, layers = ["relu"]}
// CHECK: %[[P:.*]] = xnn.constant "p#multiplier" dense<1> : tensor<i32>
// CHECK: xnn.rescale "p" %r, %[[P]], %z8 {{{.*}}shift = 1 : i64}
// CHECK: %[[TERM0:.*]] = xnn.rescale "y#term0" %c, %{{.*}} {shift = 0 : i64{{.*}}} : (tensor<1x2x4x4xi32>, tensor<i32>, tensor<i64>) -> tensor<1x2x4x4xi64>
// CHECK: %[[CENTRED:.*]] = xnn.center "y#term1c" %r, %z8
// CHECK: %[[TERM1:.*]] = xnn.rescale "y#term1" %[[CENTRED]]
// CHECK: %[[TOTAL:.*]] = xnn.add "y#total" %[[TERM0]], %[[TERM1]]
// CHECK: %[[RELU:.*]] = xnn.relu "y#relu" %[[TOTAL]]
// CHECK: xnn.rescale "y" %[[RELU]], %{{.*}}, %z8 {{{.*}}shift = 12 : i64
// CHECK-NOT: xnn.quantize
// CHECK: xnn.requantize "k"

// In the post region: 64-bit products, one rounding, saturation.
// FUSED: prim.matmul "q"
// FUSED: arith.muli %{{.*}} : i64
// FUSED: prim.rounding_shift %{{.*}} : i64
// FUSED-NEXT: prim.convert %{{.*}} : i64 to ui8
// FUSED: prim.matmul "y"
// FUSED: arith.addi %{{.*}} : i64
// FUSED: arith.maxsi
// FUSED: prim.rounding_shift
// FUSED: arith.addi
// FUSED-NEXT: prim.convert %{{.*}} : i64 to i8
