// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// What is left of the reductions: a function of each element before, of the result after.
func.func @main(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %min = xnn.reduce_min "min" %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %prod = xnn.reduce_prod "prod" %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %l2 = xnn.reduce_l2 "l2" %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %log = xnn.reduce_log_sum "log" %x {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %arg = xnn.arg_min "arg" %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2xi64>
  func.return %min : tensor<2xf32>
}

// CHECK:      func.func @main(%x: tensor<2x3xf32>) -> tensor<2xf32> {
// CHECK-NEXT:   %0 = prim.reduce "min" "reduce_min" min ins(%x : tensor<2x3xf32>) window <> -> tensor<2x1xf32>
// CHECK-NEXT:   %min = prim.view "min" %0 : tensor<2x1xf32> to tensor<2xf32>
// CHECK-NEXT:   %1 = prim.reduce "prod" "reduce_prod" product ins(%x : tensor<2x3xf32>) window <> -> tensor<2x1xf32>
// CHECK-NEXT:   %prod = prim.view "prod" %1 : tensor<2x1xf32> to tensor<2xf32>
// CHECK-NEXT:   %2 = prim.reduce "l2" "reduce_l2" sum ins(%x : tensor<2x3xf32>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%3: f32):
// CHECK-NEXT:     %4 = arith.mulf %3, %3 : f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%5: f32):
// CHECK-NEXT:     %6 = math.sqrt %5 : f32
// CHECK-NEXT:     prim.yield %6 : f32
// CHECK-NEXT:   } -> tensor<2x1xf32>
// CHECK-NEXT:   %l2 = prim.view "l2" %2 : tensor<2x1xf32> to tensor<2xf32>
// CHECK-NEXT:   %3 = prim.reduce "log" "reduce_log_sum" sum ins(%x : tensor<2x3xf32>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%4: f32):
// CHECK-NEXT:     %5 = math.log %4 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } -> tensor<2x1xf32>
// CHECK-NEXT:   %log = prim.view "log" %3 : tensor<2x1xf32> to tensor<2xf32>
// CHECK-NEXT:   %4 = xnn.constant "arg#numbers" dense<[0, 1, 2]> : tensor<3xi32>
// CHECK-NEXT:   %5 = prim.top_k "arg" "arg_min" least ins(%x : tensor<2x3xf32>) window <> pre [affine_map<(d0, d1) -> (d1)>](%4 : tensor<3xi32>) {
// CHECK-NEXT:   ^bb0(%6: f32, %7: i32):
// CHECK-NEXT:     %8 = arith.cmpf oeq, %6, %6 : f32
// CHECK-NEXT:     %9 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %10 = arith.addf %6, %9 : f32
// CHECK-NEXT:     %11 = prim.bitcast %10 : f32 to i32
// CHECK-NEXT:     %12 = arith.constant 31 : i32
// CHECK-NEXT:     %13 = arith.shrsi %11, %12 : i32
// CHECK-NEXT:     %14 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %15 = arith.andi %13, %14 : i32
// CHECK-NEXT:     %16 = arith.xori %11, %15 : i32
// CHECK-NEXT:     %17 = arith.constant 0 : i32
// CHECK-NEXT:     %18 = arith.cmpi eq, %7, %17 : i32
// CHECK-NEXT:     %19 = arith.constant -2147483648 : i32
// CHECK-NEXT:     %20 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %21 = arith.select %18, %19, %20 : i32
// CHECK-NEXT:     %22 = arith.select %8, %16, %21 : i32
// CHECK-NEXT:     %23 = prim.convert %22 : i32 to i64
// CHECK-NEXT:     %24 = arith.constant 32 : i64
// CHECK-NEXT:     %25 = arith.shli %23, %24 : i64
// CHECK-NEXT:     %26 = prim.convert %7 : i32 to i64
// CHECK-NEXT:     %27 = arith.ori %25, %26 : i64
// CHECK-NEXT:     prim.yield %27 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%28: i64):
// CHECK-NEXT:     %29 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %30 = arith.andi %28, %29 : i64
// CHECK-NEXT:     prim.yield %30 : i64
// CHECK-NEXT:   } -> tensor<2x1xi64>
// CHECK-NEXT:   %arg = prim.view "arg" %5 : tensor<2x1xi64> to tensor<2xi64>
// CHECK-NEXT:   func.return %min : tensor<2xf32>
