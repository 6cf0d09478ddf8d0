// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Squares in steps are bytes: a product with a band of ones sums those of neighbouring channels.
func.func @main(%x: tensor<1x4x3xf32>) -> tensor<1x4x3xf32> {
  %y = xnn.lrn "y" %x {alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64, square_step = 0.25 : f32, square_bits = 8 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  func.return %y : tensor<1x4x3xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x3xf32>) -> tensor<1x4x3xf32> {
// CHECK-NEXT:   %0 = prim.view "y#x" %x : tensor<1x4x3xf32> to tensor<1x1x4x3xf32>
// CHECK-NEXT:   %1 = prim.reduce "y#scale" "lrn" sum ins(%0 : tensor<1x1x4x3xf32>) window <kernel = [3, 1], pads = [1, 1, 0, 0]> pre [](:) {
// CHECK-NEXT:   ^bb0(%2: f32):
// CHECK-NEXT:     %3 = arith.mulf %2, %2 : f32
// CHECK-NEXT:     %4 = arith.constant 4.000000e+00 : f32
// CHECK-NEXT:     %5 = arith.mulf %3, %4 : f32
// CHECK-NEXT:     %6 = prim.convert %5 : f32 to ui8
// CHECK-NEXT:     %7 = prim.convert %6 : ui8 to i32
// CHECK-NEXT:     prim.yield %7 : i32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%8: i32):
// CHECK-NEXT:     %9 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %10 = arith.constant 0.0416666679 : f32
// CHECK-NEXT:     %11 = prim.convert %8 : i32 to f32
// CHECK-NEXT:     %12 = arith.mulf %10, %11 : f32
// CHECK-NEXT:     %13 = arith.addf %9, %12 : f32
// CHECK-NEXT:     %14 = arith.constant -7.500000e-01 : f32
// CHECK-NEXT:     %15 = math.powf %13, %14 : f32
// CHECK-NEXT:     prim.yield %15 : f32
// CHECK-NEXT:   } -> tensor<1x1x4x3xf32>
// CHECK-NEXT:   %2 = prim.view "y#factor" %1 : tensor<1x1x4x3xf32> to tensor<1x4x3xf32>
// CHECK-NEXT:   %y = xnn.mul "y" %x, %2 : (tensor<1x4x3xf32>, tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
// CHECK-NEXT:   func.return %y : tensor<1x4x3xf32>
// CHECK-NEXT: }
