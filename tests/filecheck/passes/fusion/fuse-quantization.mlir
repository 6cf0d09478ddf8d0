// RUN: xnn-opt %s --split-input-file --fuse-successors --fuse-predecessors | filecheck %s

// Sums to narrow integers: scale, round, clip in the conversion; a zero point is added to what is rounded.
func.func @main(%w : tensor<2x2x1x1xi8>, %x : tensor<1x2x4x4xui8>, %m : tensor<2xf32>) -> tensor<1x2x4x4xi8> {
  %z = xnn.constant "z" dense<5> : tensor<i8>
  %s = prim.matmul "s" "conv" ins(%w, %x : tensor<2x2x1x1xi8>, tensor<1x2x4x4xui8>) window <kernel = [1, 1]> -> tensor<1x2x4x4xi32>
  %y = xnn.requantize "y" %s, %m, %z : (tensor<1x2x4x4xi32>, tensor<2xf32>, tensor<i8>) -> tensor<1x2x4x4xi8>
  func.return %y : tensor<1x2x4x4xi8>
}
// CHECK-LABEL: @main
// CHECK: post [affine_map<(d0, d1, d2, d3) -> (d1)>](%m : tensor<2xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[M:.*]]: f32):
// CHECK: %[[F:.*]] = prim.convert %[[A]] : i32 to f32
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[F]], %[[M]] : f32
// CHECK: %[[R:.*]] = math.roundeven %[[P]] : f32
// CHECK-NEXT: %[[Z:.*]] = arith.constant 5.000000e+00 : f32
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[R]], %[[Z]] : f32
// CHECK-NEXT: %[[Q:.*]] = prim.convert %[[S]] : f32 to i8
// CHECK-NEXT: prim.yield %[[Q]] : i8

// -----

// The same without floats.
func.func @main(%w : tensor<2x2x1x1xi8>, %x : tensor<1x2x4x4xui8>, %m : tensor<2xi32>) -> tensor<1x2x4x4xui8> {
  %z = xnn.constant "z" dense<0> : tensor<ui8>
  %s = prim.matmul "s" "conv" ins(%w, %x : tensor<2x2x1x1xi8>, tensor<1x2x4x4xui8>) window <kernel = [1, 1]> -> tensor<1x2x4x4xi32>
  %y = xnn.rescale "y" %s, %m, %z {shift = 40 : i64} : (tensor<1x2x4x4xi32>, tensor<2xi32>, tensor<ui8>) -> tensor<1x2x4x4xui8>
  func.return %y : tensor<1x2x4x4xui8>
}
// CHECK-LABEL: @main
// CHECK: %[[A:.*]] = prim.convert %{{.*}} : i32 to i64
// CHECK-NEXT: %[[M:.*]] = prim.convert %{{.*}} : i32 to i64
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[A]], %[[M]] : i64
// CHECK-NEXT: %[[N:.*]] = arith.constant 40 : i64
// CHECK-NEXT: %[[R:.*]] = prim.rounding_shift %[[P]], %[[N]] : i64
// CHECK-NEXT: %[[Q:.*]] = prim.convert %[[R]] : i64 to ui8

// -----

// Bias, ReLU, clip and product of integers; numbers at the end.
func.func @main(%w : tensor<2x2x1x1xi8>, %x : tensor<1x2x4x4xui8>, %b : tensor<2x1x1xi32>) -> tensor<1x2x4x4xf32> {
  %z = xnn.constant "z" dense<0> : tensor<i32>
  %scale = xnn.constant "scale" dense<0.5> : tensor<f32>
  %three = xnn.constant "three" dense<3> : tensor<i32>
  %s = prim.matmul "s" "conv" ins(%w, %x : tensor<2x2x1x1xi8>, tensor<1x2x4x4xui8>) window <kernel = [1, 1]> -> tensor<1x2x4x4xi32>
  %a = xnn.add "a" %s, %b : (tensor<1x2x4x4xi32>, tensor<2x1x1xi32>) -> tensor<1x2x4x4xi32>
  %r = xnn.relu "r" %a : (tensor<1x2x4x4xi32>) -> tensor<1x2x4x4xi32>
  %c = xnn.clip "c" %r {max = 90 : i32} : (tensor<1x2x4x4xi32>) -> tensor<1x2x4x4xi32>
  %t = xnn.mul "t" %c, %three : (tensor<1x2x4x4xi32>, tensor<i32>) -> tensor<1x2x4x4xi32>
  %y = xnn.dequantize "y" %t, %scale, %z : (tensor<1x2x4x4xi32>, tensor<f32>, tensor<i32>) -> tensor<1x2x4x4xf32>
  func.return %y : tensor<1x2x4x4xf32>
}
// CHECK-LABEL: @main
// CHECK: arith.addi %{{.*}} : i32
// CHECK: arith.maxsi %{{.*}} : i32
// CHECK: arith.minsi %{{.*}} : i32
// CHECK: arith.muli %{{.*}} : i32
// CHECK: %[[F:.*]] = prim.convert %{{.*}} : i32 to f32
// CHECK-NEXT: %[[S:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT: arith.mulf %[[F]], %[[S]] : f32

// -----

// A residual: what is stored is converted in the region that adds it, and stays narrow in memory.
func.func @main(%w : tensor<2x2x1x1xi8>, %x : tensor<1x2x4x4xui8>, %q : tensor<1x2x4x4xi8>) -> tensor<1x2x4x4xui8> {
  %z = xnn.constant "z" dense<0> : tensor<i32>
  %z8 = xnn.constant "z8" dense<-3> : tensor<i8>
  %zu = xnn.constant "zu" dense<0> : tensor<ui8>
  %scale = xnn.constant "scale" dense<0.3> : tensor<f32>
  %s = prim.matmul "s" "conv" ins(%w, %x : tensor<2x2x1x1xi8>, tensor<1x2x4x4xui8>) window <kernel = [1, 1]> -> tensor<1x2x4x4xi32>
  %n = xnn.dequantize "n" %s, %scale, %z : (tensor<1x2x4x4xi32>, tensor<f32>, tensor<i32>) -> tensor<1x2x4x4xf32>
  %d = xnn.dequantize "d" %q, %scale, %z8 : (tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xf32>
  %a = xnn.add "a" %n, %d : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %r = xnn.relu "r" %a : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y = xnn.quantize "y" %r, %scale, %zu : (tensor<1x2x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x2x4x4xui8>
  func.return %y : tensor<1x2x4x4xui8>
}
// CHECK-LABEL: @main
// CHECK: post {{.*}}(%q : tensor<1x2x4x4xi8>) {
// CHECK: prim.convert %{{.*}} : i8 to i32
// CHECK: arith.subi %{{.*}} : i32
// CHECK: prim.convert %{{.*}} : i32 to f32
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: arith.divf
// CHECK: prim.convert %{{.*}} : f32 to ui8

// -----

// The difference to a zero point, and a cast, before the product: pads stay zero after them.
func.func @main(%w : tensor<2x2x3x3xi8>, %x : tensor<1x2x4x4xui8>, %v : tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xi32>, tensor<1x2x4x4xi32>) {
  %z = xnn.constant "z" dense<128> : tensor<ui8>
  %c = xnn.center "c" %x, %z : (tensor<1x2x4x4xui8>, tensor<ui8>) -> tensor<1x2x4x4xi9>
  %y = prim.matmul "y" "conv" ins(%w, %c : tensor<2x2x3x3xi8>, tensor<1x2x4x4xi9>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x2x4x4xi32>
  %k = xnn.cast "k" %v {to = i8} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xi8>
  %u = prim.matmul "u" "conv" ins(%w, %k : tensor<2x2x3x3xi8>, tensor<1x2x4x4xi8>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x2x4x4xi32>
  func.return %y, %u : tensor<1x2x4x4xi32>, tensor<1x2x4x4xi32>
}
// CHECK-LABEL: @main
// CHECK: prim.matmul "y" "conv" ins(%w, %x : tensor<2x2x3x3xi8>, tensor<1x2x4x4xui8>) {{.*}} pre [](:) {
// CHECK: prim.convert %{{.*}} : ui8 to i9
// CHECK: arith.subi %{{.*}} : i9
// CHECK: prim.matmul "u" "conv" ins(%w, %v : tensor<2x2x3x3xi8>, tensor<1x2x4x4xf32>) {{.*}} pre [](:) {
// CHECK: %[[T:.*]] = math.trunc %{{.*}} : f32
// CHECK-NEXT: prim.convert %[[T]] : f32 to i8
