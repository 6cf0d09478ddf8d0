// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Exponents in steps: how many there are is a byte for each element, from which both the sum and the result follow.
// The exponential of the most that a byte can hold is 0.
func.func @main(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %y = xnn.softmax "y" %x {axis = 1 : i64, exponent_step = 0.25 : f32} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  func.return %y : tensor<4x6xf32>
}

// CHECK:        %0 = prim.reduce "y#max" "softmax" max ins(%x : tensor<4x6xf32>) window <> -> tensor<4x1xf32>
// CHECK-NEXT:   %1 = prim.map "y#steps" "softmax" ins(%x : tensor<4x6xf32>) window <> post [affine_map<(d0, d1) -> (d0, 0)>](%0 : tensor<4x1xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32):
// CHECK-NEXT:     %4 = arith.subf %3, %2 : f32
// CHECK-NEXT:     %5 = arith.constant 4.000000e+00 : f32
// CHECK-NEXT:     %6 = arith.mulf %4, %5 : f32
// CHECK-NEXT:     %7 = prim.convert %6 : f32 to ui8
// CHECK-NEXT:     prim.yield %7 : ui8
// CHECK-NEXT:   } -> tensor<4x6xui8>
// CHECK-NEXT:   %2 = prim.reduce "y#sum" "softmax" sum ins(%1 : tensor<4x6xui8>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%3: ui8):
// CHECK-NEXT:     %4 = prim.bitcast %3 : ui8 to i8
// CHECK-NEXT:     %5 = arith.constant -1 : i8
// CHECK-NEXT:     %6 = arith.cmpi eq, %4, %5 : i8
// CHECK-NEXT:     %7 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %8 = prim.convert %3 : ui8 to f32
// CHECK-NEXT:     %9 = arith.constant -2.500000e-01 : f32
// CHECK-NEXT:     %10 = arith.mulf %8, %9 : f32
// CHECK-NEXT:     %11 = math.exp %10 : f32
// CHECK-NEXT:     %12 = arith.select %6, %7, %11 : f32
// CHECK-NEXT:     prim.yield %12 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%13: f32):
// CHECK-NEXT:     %14 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %15 = arith.divf %14, %13 : f32
// CHECK-NEXT:     prim.yield %15 : f32
// CHECK-NEXT:   } -> tensor<4x1xf32>
// CHECK-NEXT:   %y = prim.map "y" "softmax" ins(%1 : tensor<4x6xui8>) window <> post [affine_map<(d0, d1) -> (d0, 0)>](%2 : tensor<4x1xf32>) {
// CHECK-NEXT:   ^bb0(%3: ui8, %4: f32):
// CHECK-NEXT:     %5 = prim.bitcast %3 : ui8 to i8
// CHECK-NEXT:     %6 = arith.constant -1 : i8
// CHECK-NEXT:     %7 = arith.cmpi eq, %5, %6 : i8
// CHECK-NEXT:     %8 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %9 = prim.convert %3 : ui8 to f32
// CHECK-NEXT:     %10 = arith.constant -2.500000e-01 : f32
// CHECK-NEXT:     %11 = arith.mulf %9, %10 : f32
// CHECK-NEXT:     %12 = math.exp %11 : f32
// CHECK-NEXT:     %13 = arith.select %7, %8, %12 : f32
// CHECK-NEXT:     %14 = arith.mulf %13, %4 : f32
// CHECK-NEXT:     prim.yield %14 : f32
// CHECK-NEXT:   } -> tensor<4x6xf32>
// CHECK-NEXT:   func.return %y : tensor<4x6xf32>
