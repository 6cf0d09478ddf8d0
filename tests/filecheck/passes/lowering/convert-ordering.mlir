// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Rows are the channels of what x is seen as. An index is the lower half of a key, whose upper half is the element.
func.func @main(%x: tensor<2x8x4xf32>, %h: tensor<5xf16>, %b: tensor<2x9xi8>, %d: tensor<3x4xf64>) -> tensor<2x3x4xf32> {
  %best = xnn.top_k "best" %x {axis = 1 : i64, k = 3 : i64} : (tensor<2x8x4xf32>) -> tensor<2x3x4xf32>
  %sorted = xnn.top_k "sorted" %h {axis = 0 : i64, k = 5 : i64, least} : (tensor<5xf16>) -> tensor<5xf16>
  %at = xnn.top_k_indices "at" %x {axis = 1 : i64, k = 3 : i64} : (tensor<2x8x4xf32>) -> tensor<2x3x4xi64>
  %least = xnn.top_k_indices "least" %b {axis = 1 : i64, k = 2 : i64, least} : (tensor<2x9xi8>) -> tensor<2x2xi64>

  // NaN is never found, but as the first element of all it is.
  %arg = xnn.arg_max "arg" %x {axis = 2 : i64} : (tensor<2x8x4xf32>) -> tensor<2x8xi64>

  // Elements of 64 bits leave no room for an index: they are sorted by their lower halves, then by their upper ones.
  %wide = xnn.top_k_indices "wide" %d {axis = 1 : i64, k = 2 : i64, least} : (tensor<3x4xf64>) -> tensor<3x2xi64>
  func.return %best : tensor<2x3x4xf32>
}

// CHECK:      func.func @main(%x: tensor<2x8x4xf32>, %h: tensor<5xf16>, %b: tensor<2x9xi8>, %d: tensor<3x4xf64>) -> tensor<2x3x4xf32> {
// CHECK-NEXT:   %0 = prim.top_k "best" "top_k" largest ins(%x : tensor<2x8x4xf32>) window <kernel = [1]> -> tensor<2x3x4xf32>
// CHECK-NEXT:   %best = prim.view "best" %0 : tensor<2x3x4xf32> to tensor<2x3x4xf32>
// CHECK-NEXT:   %1 = prim.view "sorted#x" %h : tensor<5xf16> to tensor<1x5xf16>
// CHECK-NEXT:   %2 = prim.top_k "sorted" "top_k" least ins(%1 : tensor<1x5xf16>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%3: f16):
// CHECK-NEXT:     %4 = prim.convert %3 : f16 to f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%5: f32):
// CHECK-NEXT:     %6 = prim.convert %5 : f32 to f16
// CHECK-NEXT:     prim.yield %6 : f16
// CHECK-NEXT:   } -> tensor<1x5xf16>
// CHECK-NEXT:   %sorted = prim.view "sorted" %2 : tensor<1x5xf16> to tensor<5xf16>
// CHECK-NEXT:   %3 = xnn.constant "at#numbers" dense<[7, 6, 5, 4, 3, 2, 1, 0]> : tensor<8xi32>
// CHECK-NEXT:   %4 = prim.top_k "at" "top_k_indices" largest ins(%x : tensor<2x8x4xf32>) window <kernel = [1]> pre [affine_map<(d0, d1, d2) -> (d1)>](%3 : tensor<8xi32>) {
// CHECK-NEXT:   ^bb0(%5: f32, %6: i32):
// CHECK-NEXT:     %7 = arith.cmpf oeq, %5, %5 : f32
// CHECK-NEXT:     %8 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %9 = arith.addf %5, %8 : f32
// CHECK-NEXT:     %10 = prim.bitcast %9 : f32 to i32
// CHECK-NEXT:     %11 = arith.constant 31 : i32
// CHECK-NEXT:     %12 = arith.shrsi %10, %11 : i32
// CHECK-NEXT:     %13 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %14 = arith.andi %12, %13 : i32
// CHECK-NEXT:     %15 = arith.xori %10, %14 : i32
// CHECK-NEXT:     %16 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %17 = arith.select %7, %15, %16 : i32
// CHECK-NEXT:     %18 = prim.convert %17 : i32 to i64
// CHECK-NEXT:     %19 = arith.constant 32 : i64
// CHECK-NEXT:     %20 = arith.shli %18, %19 : i64
// CHECK-NEXT:     %21 = prim.convert %6 : i32 to i64
// CHECK-NEXT:     %22 = arith.ori %20, %21 : i64
// CHECK-NEXT:     prim.yield %22 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%23: i64):
// CHECK-NEXT:     %24 = arith.constant 7 : i64
// CHECK-NEXT:     %25 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %26 = arith.andi %23, %25 : i64
// CHECK-NEXT:     %27 = arith.subi %24, %26 : i64
// CHECK-NEXT:     prim.yield %27 : i64
// CHECK-NEXT:   } -> tensor<2x3x4xi64>
// CHECK-NEXT:   %at = prim.view "at" %4 : tensor<2x3x4xi64> to tensor<2x3x4xi64>
// CHECK-NEXT:   %5 = xnn.constant "least#numbers" dense<[0, 1, 2, 3, 4, 5, 6, 7, 8]> : tensor<9xi32>
// CHECK-NEXT:   %6 = prim.top_k "least" "top_k_indices" least ins(%b : tensor<2x9xi8>) window <> pre [affine_map<(d0, d1) -> (d1)>](%5 : tensor<9xi32>) {
// CHECK-NEXT:   ^bb0(%7: i8, %8: i32):
// CHECK-NEXT:     %9 = prim.convert %7 : i8 to i32
// CHECK-NEXT:     %10 = prim.convert %9 : i32 to i64
// CHECK-NEXT:     %11 = arith.constant 32 : i64
// CHECK-NEXT:     %12 = arith.shli %10, %11 : i64
// CHECK-NEXT:     %13 = prim.convert %8 : i32 to i64
// CHECK-NEXT:     %14 = arith.ori %12, %13 : i64
// CHECK-NEXT:     prim.yield %14 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%15: i64):
// CHECK-NEXT:     %16 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %17 = arith.andi %15, %16 : i64
// CHECK-NEXT:     prim.yield %17 : i64
// CHECK-NEXT:   } -> tensor<2x2xi64>
// CHECK-NEXT:   %least = prim.view "least" %6 : tensor<2x2xi64> to tensor<2x2xi64>
// CHECK-NEXT:   %7 = xnn.constant "arg#numbers" dense<[3, 2, 1, 0]> : tensor<4xi32>
// CHECK-NEXT:   %8 = prim.view "arg#x" %x : tensor<2x8x4xf32> to tensor<16x4xf32>
// CHECK-NEXT:   %9 = prim.top_k "arg" "arg_max" largest ins(%8 : tensor<16x4xf32>) window <> pre [affine_map<(d0, d1) -> (d1)>](%7 : tensor<4xi32>) {
// CHECK-NEXT:   ^bb0(%10: f32, %11: i32):
// CHECK-NEXT:     %12 = arith.cmpf oeq, %10, %10 : f32
// CHECK-NEXT:     %13 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %14 = arith.addf %10, %13 : f32
// CHECK-NEXT:     %15 = prim.bitcast %14 : f32 to i32
// CHECK-NEXT:     %16 = arith.constant 31 : i32
// CHECK-NEXT:     %17 = arith.shrsi %15, %16 : i32
// CHECK-NEXT:     %18 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %19 = arith.andi %17, %18 : i32
// CHECK-NEXT:     %20 = arith.xori %15, %19 : i32
// CHECK-NEXT:     %21 = arith.constant 3 : i32
// CHECK-NEXT:     %22 = arith.cmpi eq, %11, %21 : i32
// CHECK-NEXT:     %23 = arith.constant 2147483647 : i32
// CHECK-NEXT:     %24 = arith.constant -2147483648 : i32
// CHECK-NEXT:     %25 = arith.select %22, %23, %24 : i32
// CHECK-NEXT:     %26 = arith.select %12, %20, %25 : i32
// CHECK-NEXT:     %27 = prim.convert %26 : i32 to i64
// CHECK-NEXT:     %28 = arith.constant 32 : i64
// CHECK-NEXT:     %29 = arith.shli %27, %28 : i64
// CHECK-NEXT:     %30 = prim.convert %11 : i32 to i64
// CHECK-NEXT:     %31 = arith.ori %29, %30 : i64
// CHECK-NEXT:     prim.yield %31 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%32: i64):
// CHECK-NEXT:     %33 = arith.constant 3 : i64
// CHECK-NEXT:     %34 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %35 = arith.andi %32, %34 : i64
// CHECK-NEXT:     %36 = arith.subi %33, %35 : i64
// CHECK-NEXT:     prim.yield %36 : i64
// CHECK-NEXT:   } -> tensor<16x1xi64>
// CHECK-NEXT:   %arg = prim.view "arg" %9 : tensor<16x1xi64> to tensor<2x8xi64>
// CHECK-NEXT:   %10 = prim.view "wide#low_x" %d : tensor<3x4xf64> to tensor<1x12xf64>
// CHECK-NEXT:   %11 = prim.map "wide#low" "top_k_indices" ins(%10 : tensor<1x12xf64>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%12: f64):
// CHECK-NEXT:     %13 = arith.cmpf oeq, %12, %12 : f64
// CHECK-NEXT:     %14 = arith.constant 0.000000e+00 : f64
// CHECK-NEXT:     %15 = arith.addf %12, %14 : f64
// CHECK-NEXT:     %16 = prim.bitcast %15 : f64 to i64
// CHECK-NEXT:     %17 = arith.constant 63 : i64
// CHECK-NEXT:     %18 = arith.shrsi %16, %17 : i64
// CHECK-NEXT:     %19 = arith.constant 9223372036854775807 : i64
// CHECK-NEXT:     %20 = arith.andi %18, %19 : i64
// CHECK-NEXT:     %21 = arith.xori %16, %20 : i64
// CHECK-NEXT:     %22 = arith.constant 9223372036854775807 : i64
// CHECK-NEXT:     %23 = arith.select %13, %21, %22 : i64
// CHECK-NEXT:     %24 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %25 = arith.andi %23, %24 : i64
// CHECK-NEXT:     %26 = arith.constant -2147483648 : i64
// CHECK-NEXT:     %27 = arith.addi %25, %26 : i64
// CHECK-NEXT:     %28 = prim.convert %27 : i64 to i32
// CHECK-NEXT:     prim.yield %28 : i32
// CHECK-NEXT:   } -> tensor<1x12xi32>
// CHECK-NEXT:   %12 = prim.view "wide#low_half" %11 : tensor<1x12xi32> to tensor<3x4xi32>
// CHECK-NEXT:   %13 = prim.view "wide#high_x" %d : tensor<3x4xf64> to tensor<1x12xf64>
// CHECK-NEXT:   %14 = prim.map "wide#high" "top_k_indices" ins(%13 : tensor<1x12xf64>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%15: f64):
// CHECK-NEXT:     %16 = arith.cmpf oeq, %15, %15 : f64
// CHECK-NEXT:     %17 = arith.constant 0.000000e+00 : f64
// CHECK-NEXT:     %18 = arith.addf %15, %17 : f64
// CHECK-NEXT:     %19 = prim.bitcast %18 : f64 to i64
// CHECK-NEXT:     %20 = arith.constant 63 : i64
// CHECK-NEXT:     %21 = arith.shrsi %19, %20 : i64
// CHECK-NEXT:     %22 = arith.constant 9223372036854775807 : i64
// CHECK-NEXT:     %23 = arith.andi %21, %22 : i64
// CHECK-NEXT:     %24 = arith.xori %19, %23 : i64
// CHECK-NEXT:     %25 = arith.constant 9223372036854775807 : i64
// CHECK-NEXT:     %26 = arith.select %16, %24, %25 : i64
// CHECK-NEXT:     %27 = arith.constant 32 : i64
// CHECK-NEXT:     %28 = arith.shrsi %26, %27 : i64
// CHECK-NEXT:     %29 = prim.convert %28 : i64 to i32
// CHECK-NEXT:     prim.yield %29 : i32
// CHECK-NEXT:   } -> tensor<1x12xi32>
// CHECK-NEXT:   %15 = prim.view "wide#high_half" %14 : tensor<1x12xi32> to tensor<3x4xi32>
// CHECK-NEXT:   %16 = xnn.constant "wide#by_low_numbers" dense<[0, 1, 2, 3]> : tensor<4xi32>
// CHECK-NEXT:   %17 = prim.top_k "wide#by_low" "top_k_indices" least ins(%12 : tensor<3x4xi32>) window <> pre [affine_map<(d0, d1) -> (d1)>](%16 : tensor<4xi32>) {
// CHECK-NEXT:   ^bb0(%18: i32, %19: i32):
// CHECK-NEXT:     %20 = prim.convert %18 : i32 to i64
// CHECK-NEXT:     %21 = arith.constant 32 : i64
// CHECK-NEXT:     %22 = arith.shli %20, %21 : i64
// CHECK-NEXT:     %23 = prim.convert %19 : i32 to i64
// CHECK-NEXT:     %24 = arith.ori %22, %23 : i64
// CHECK-NEXT:     prim.yield %24 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%25: i64):
// CHECK-NEXT:     %26 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %27 = arith.andi %25, %26 : i64
// CHECK-NEXT:     prim.yield %27 : i64
// CHECK-NEXT:   } -> tensor<3x4xi64>
// CHECK-NEXT:   %18 = prim.view "wide#by_low" %17 : tensor<3x4xi64> to tensor<3x4xi64>
// CHECK-NEXT:   %19 = xnn.constant "wide#high_by_low_starts" dense<[[0, 0, 0, 0], [4, 4, 4, 4], [8, 8, 8, 8]]> : tensor<3x4xi64>
// CHECK-NEXT:   %20 = xnn.add "wide#high_by_low_places" %18, %19 : (tensor<3x4xi64>, tensor<3x4xi64>) -> tensor<3x4xi64>
// CHECK-NEXT:   %21 = prim.view "wide#high_by_low_table" %15 : tensor<3x4xi32> to tensor<12xi32>
// CHECK-NEXT:   %22 = prim.view "wide#high_by_low_rows" %20 : tensor<3x4xi64> to tensor<12xi64>
// CHECK-NEXT:   %23 = prim.gather "wide#high_by_low" "gather" %21 by %22 axis 0 : tensor<12xi32>, tensor<12xi64> to tensor<12xi32>
// CHECK-NEXT:   %24 = prim.view "wide#high_by_low_shaped" %23 : tensor<12xi32> to tensor<3x4xi32>
// CHECK-NEXT:   %25 = xnn.constant "wide#by_high_numbers" dense<[0, 1, 2, 3]> : tensor<4xi32>
// CHECK-NEXT:   %26 = prim.top_k "wide#by_high" "top_k_indices" least ins(%24 : tensor<3x4xi32>) window <> pre [affine_map<(d0, d1) -> (d1)>](%25 : tensor<4xi32>) {
// CHECK-NEXT:   ^bb0(%27: i32, %28: i32):
// CHECK-NEXT:     %29 = prim.convert %27 : i32 to i64
// CHECK-NEXT:     %30 = arith.constant 32 : i64
// CHECK-NEXT:     %31 = arith.shli %29, %30 : i64
// CHECK-NEXT:     %32 = prim.convert %28 : i32 to i64
// CHECK-NEXT:     %33 = arith.ori %31, %32 : i64
// CHECK-NEXT:     prim.yield %33 : i64
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%34: i64):
// CHECK-NEXT:     %35 = arith.constant 4294967295 : i64
// CHECK-NEXT:     %36 = arith.andi %34, %35 : i64
// CHECK-NEXT:     prim.yield %36 : i64
// CHECK-NEXT:   } -> tensor<3x2xi64>
// CHECK-NEXT:   %27 = prim.view "wide#by_high" %26 : tensor<3x2xi64> to tensor<3x2xi64>
// CHECK-NEXT:   %28 = xnn.constant "wide#found_starts" dense<[[0, 0], [4, 4], [8, 8]]> : tensor<3x2xi64>
// CHECK-NEXT:   %29 = xnn.add "wide#found_places" %27, %28 : (tensor<3x2xi64>, tensor<3x2xi64>) -> tensor<3x2xi64>
// CHECK-NEXT:   %30 = prim.view "wide#found_table" %18 : tensor<3x4xi64> to tensor<12xi64>
// CHECK-NEXT:   %31 = prim.view "wide#found_rows" %29 : tensor<3x2xi64> to tensor<6xi64>
// CHECK-NEXT:   %32 = prim.gather "wide#found" "gather" %30 by %31 axis 0 : tensor<12xi64>, tensor<6xi64> to tensor<6xi64>
// CHECK-NEXT:   %33 = prim.view "wide#found_shaped" %32 : tensor<6xi64> to tensor<3x2xi64>
// CHECK-NEXT:   %wide = prim.view "wide" %33 : tensor<3x2xi64> to tensor<3x2xi64>
// CHECK-NEXT:   func.return %best : tensor<2x3x4xf32>
