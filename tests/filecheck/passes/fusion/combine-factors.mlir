// RUN: xnn-opt %s --split-input-file --combine-factors | filecheck %s

// Three constants of one product: one, on the factor that follows from a byte.
func.func @main(%x : tensor<1x64xi8>, %z : tensor<1x64xf32>) -> tensor<1x64xi8> {
  %y = prim.map "y" "mul" ins(%x : tensor<1x64xi8>) window <> post [affine_map<(d0, d1) -> (d0, d1)>] (%z : tensor<1x64xf32>) {
  ^bb0(%a : i8, %b : f32):
    %two = arith.constant 2.0 : f32
    %third = arith.constant 0.25 : f32
    %e = math.exp %b : f32
    %m = arith.mulf %e, %third : f32
    %c = prim.convert %a : i8 to f32
    %f = arith.mulf %c, %two : f32
    %p = arith.mulf %m, %f : f32
    %q = arith.mulf %p, %two : f32
    %r = prim.convert %q : f32 to i8
    prim.yield %r : i8
  } -> tensor<1x64xi8>
  func.return %y : tensor<1x64xi8>
}
// CHECK-LABEL: @main
// CHECK:      ^bb0(%[[A:.*]]: i8, %[[B:.*]]: f32):
// CHECK-NEXT:   %[[E:.*]] = math.exp %[[B]] : f32
// CHECK-NEXT:   %[[F:.*]] = prim.convert %[[A]] : i8 to f32
// CHECK-NEXT:   %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:   %[[P:.*]] = arith.mulf %[[F]], %[[ONE]] : f32
// CHECK-NEXT:   %[[Q:.*]] = arith.mulf %[[P]], %[[E]] : f32
// CHECK-NEXT:   %[[R:.*]] = prim.convert %[[Q]] : f32 to i8
// CHECK-NEXT:   prim.yield %[[R]] : i8

// -----

// One constant moves to the byte; two of floats become one.
func.func @main(%x : tensor<1x64xi8>, %z : tensor<1x64xf32>) -> (tensor<1x64xf32>, tensor<1x64xf32>) {
  %y = prim.map "y" "mul" ins(%x : tensor<1x64xi8>) window <> post [affine_map<(d0, d1) -> (d0, d1)>] (%z : tensor<1x64xf32>) {
  ^bb0(%a : i8, %b : f32):
    %two = arith.constant 2.0 : f32
    %c = prim.convert %a : i8 to f32
    %m = arith.mulf %c, %b : f32
    %q = arith.mulf %m, %two : f32
    prim.yield %q : f32
  } -> tensor<1x64xf32>
  %w = prim.map "w" "mul" ins(%z : tensor<1x64xf32>) window <> post [] (:) {
  ^bb0(%b : f32):
    %two = arith.constant 2.0 : f32
    %m = arith.mulf %two, %b : f32
    %q = arith.mulf %m, %two : f32
    prim.yield %q : f32
  } -> tensor<1x64xf32>
  func.return %y, %w : tensor<1x64xf32>, tensor<1x64xf32>
}
// CHECK-LABEL: @main
// CHECK:      ^bb0(%[[A:.*]]: i8, %[[B:.*]]: f32):
// CHECK-NEXT:   %[[F:.*]] = prim.convert %[[A]] : i8 to f32
// CHECK-NEXT:   %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-NEXT:   %[[P:.*]] = arith.mulf %[[F]], %[[TWO]] : f32
// CHECK-NEXT:   arith.mulf %[[P]], %[[B]] : f32
// CHECK:      ^bb0(%[[A:.*]]: f32):
// CHECK-NEXT:   %[[FOUR:.*]] = arith.constant 4.000000e+00 : f32
// CHECK-NEXT:   arith.mulf %[[A]], %[[FOUR]] : f32

// -----

// What stays: a product that others need, one constant alone, short floats, a constant that would overflow.
func.func @main(%x : tensor<1x64xi8>, %h : tensor<1x64xf16>, %z : tensor<1x64xf32>) -> tensor<1x64xf32> {
  %v = prim.map "v" "mul" ins(%x : tensor<1x64xi8>) window <> post [] (:) {
  ^bb0(%a : i8):
    %two = arith.constant 2.0 : f32
    %c = prim.convert %a : i8 to f32
    %m = arith.mulf %c, %two : f32
    %q = arith.mulf %m, %two : f32
    %s = arith.addf %m, %q : f32
    prim.yield %s : f32
  } -> tensor<1x64xf32>
  %w = prim.map "w" "mul" ins(%h : tensor<1x64xf16>) window <> post [] (:) {
  ^bb0(%b : f16):
    %three = arith.constant 3.0 : f16
    %m = arith.mulf %b, %three : f16
    %q = arith.mulf %m, %three : f16
    prim.yield %q : f16
  } -> tensor<1x64xf16>
  %y = prim.map "y" "mul" ins(%z : tensor<1x64xf32>) window <> post [] (:) {
  ^bb0(%b : f32):
    %huge = arith.constant 1.0e+30 : f32
    %m = arith.mulf %b, %huge : f32
    %q = arith.mulf %m, %huge : f32
    prim.yield %q : f32
  } -> tensor<1x64xf32>
  func.return %y : tensor<1x64xf32>
}
// CHECK-LABEL: @main
// CHECK:        arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:   arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:   arith.addf
// CHECK:        arith.mulf %{{.*}}, %{{.*}} : f16
// CHECK-NEXT:   arith.mulf %{{.*}}, %{{.*}} : f16
// CHECK:        arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:   arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK-NEXT:   prim.yield

// -----

// A square of a byte keeps both of its factors.
func.func @main(%x : tensor<1x64xi8>) -> tensor<1x64xf32> {
  %y = prim.map "y" "mul" ins(%x : tensor<1x64xi8>) window <> post [] (:) {
  ^bb0(%a : i8):
    %two = arith.constant 2.0 : f32
    %c = prim.convert %a : i8 to f32
    %m = arith.mulf %c, %c : f32
    %q = arith.mulf %m, %two : f32
    prim.yield %q : f32
  } -> tensor<1x64xf32>
  func.return %y : tensor<1x64xf32>
}
// CHECK-LABEL: @main
// CHECK:      ^bb0(%[[A:.*]]: i8):
// CHECK-NEXT:   %[[F:.*]] = prim.convert %[[A]] : i8 to f32
// CHECK-NEXT:   %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-NEXT:   %[[P:.*]] = arith.mulf %[[F]], %[[TWO]] : f32
// CHECK-NEXT:   %[[Q:.*]] = arith.mulf %[[P]], %[[F]] : f32
// CHECK-NEXT:   prim.yield %[[Q]] : f32
