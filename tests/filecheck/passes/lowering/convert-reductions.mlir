// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Axes that are reduced are the channels of what x is seen as: neighbours together, others one after the other.
// Floats shorter than f32 are summed in f32. Unsigned integers have no scalar operations, booleans no reduction.
func.func @main(%x: tensor<2x3x4x5xf32>, %h: tensor<3x4xf16>, %u: tensor<3x4xui8>, %b: tensor<3x4xi1>, %d: tensor<2x3xf64>) -> tensor<2x4xf32> {
  %mean = xnn.reduce_mean "mean" %x {axes = array<i64: 2, 3>, keepdims, layers = ["drop"]} : (tensor<2x3x4x5xf32>) -> tensor<2x3x1x1xf32>
  %apart = xnn.reduce_sum_square "apart" %x {axes = array<i64: 1, 3>} : (tensor<2x3x4x5xf32>) -> tensor<2x4xf32>
  %var = xnn.reduce_variance "var" %x {axes = array<i64: 0, 2>} : (tensor<2x3x4x5xf32>) -> tensor<3x5xf32>
  %log = xnn.reduce_log_sum_exp "log" %h {axes = array<i64: 0>} : (tensor<3x4xf16>) -> tensor<4xf16>
  %short = xnn.reduce_sum "short" %h {axes = array<i64: 1>} : (tensor<3x4xf16>) -> tensor<3xf16>
  %each = xnn.reduce_l1 "each" %h {axes = array<i64>} : (tensor<3x4xf16>) -> tensor<3x4xf16>
  %most = xnn.reduce_max "most" %u {axes = array<i64: 1>} : (tensor<3x4xui8>) -> tensor<3xui8>
  %squares = xnn.reduce_sum_square "squares" %u {axes = array<i64: 1>} : (tensor<3x4xui8>) -> tensor<3xui8>
  %any = xnn.reduce_max "any" %b {axes = array<i64: 1>} : (tensor<3x4xi1>) -> tensor<3xi1>

  // Sums of all elements up to each are a product with a triangular matrix.
  %sums = xnn.cumsum "sums" %h {axis = 0 : i64, reverse} : (tensor<3x4xf16>) -> tensor<3x4xf16>

  // Of elements that fit no key an index is the least one of those that are equal to the largest.
  %arg = xnn.arg_max "arg" %d {axis = 1 : i64} : (tensor<2x3xf64>) -> tensor<2xi64>
  func.return %apart : tensor<2x4xf32>
}

// CHECK:      func.func @main(%x: tensor<2x3x4x5xf32>, %h: tensor<3x4xf16>, %u: tensor<3x4xui8>, %b: tensor<3x4xi1>, %d: tensor<2x3xf64>) -> tensor<2x4xf32> {
// CHECK-NEXT:   %0 = prim.view "mean#x" %x : tensor<2x3x4x5xf32> to tensor<6x20xf32>
// CHECK-NEXT:   %1 = prim.reduce "mean" "reduce_mean" sum ins(%0 : tensor<6x20xf32>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%2: f32):
// CHECK-NEXT:     %3 = arith.constant 2.000000e+01 : f32
// CHECK-NEXT:     %4 = arith.divf %2, %3 : f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } {layers = ["drop"]} -> tensor<6x1xf32>
// CHECK-NEXT:   %mean = prim.view "mean" %1 : tensor<6x1xf32> to tensor<2x3x1x1xf32>
// CHECK-NEXT:   %2 = prim.view "apart#rows1_x" %x : tensor<2x3x4x5xf32> to tensor<24x5xf32>
// CHECK-NEXT:   %3 = prim.reduce "apart#rows1" "reduce_sum_square" sum ins(%2 : tensor<24x5xf32>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%4: f32):
// CHECK-NEXT:     %5 = arith.mulf %4, %4 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } -> tensor<24x1xf32>
// CHECK-NEXT:   %4 = prim.view "apart#x" %3 : tensor<24x1xf32> to tensor<2x3x4xf32>
// CHECK-NEXT:   %5 = prim.reduce "apart" "reduce_sum_square" sum ins(%4 : tensor<2x3x4xf32>) window <kernel = [1]> -> tensor<2x1x4xf32>
// CHECK-NEXT:   %apart = prim.view "apart" %5 : tensor<2x1x4xf32> to tensor<2x4xf32>
// CHECK-NEXT:   %6 = prim.view "var#mean_rows1_x" %x : tensor<2x3x4x5xf32> to tensor<6x4x5xf32>
// CHECK-NEXT:   %7 = prim.reduce "var#mean_rows1" "reduce_variance" sum ins(%6 : tensor<6x4x5xf32>) window <kernel = [1]> -> tensor<6x1x5xf32>
// CHECK-NEXT:   %8 = prim.view "var#mean_x" %7 : tensor<6x1x5xf32> to tensor<1x2x15xf32>
// CHECK-NEXT:   %9 = prim.reduce "var#mean" "reduce_variance" sum ins(%8 : tensor<1x2x15xf32>) window <kernel = [1]> post [](:) {
// CHECK-NEXT:   ^bb0(%10: f32):
// CHECK-NEXT:     %11 = arith.constant 1.250000e-01 : f32
// CHECK-NEXT:     %12 = arith.mulf %10, %11 : f32
// CHECK-NEXT:     prim.yield %12 : f32
// CHECK-NEXT:   } -> tensor<1x1x15xf32>
// CHECK-NEXT:   %10 = prim.view "var#rows1_x" %x : tensor<2x3x4x5xf32> to tensor<1x2x3x4x5xf32>
// CHECK-NEXT:   %11 = prim.view "var#rows1_operand0" %9 : tensor<1x1x15xf32> to tensor<1x1x3x1x5xf32>
// CHECK-NEXT:   %12 = prim.reduce "var#rows1" "reduce_variance" sum ins(%10 : tensor<1x2x3x4x5xf32>) window <kernel = [1, 1, 1]> pre [affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d2, 0, d4)>](%11 : tensor<1x1x3x1x5xf32>) {
// CHECK-NEXT:   ^bb0(%13: f32, %14: f32):
// CHECK-NEXT:     %15 = arith.subf %13, %14 : f32
// CHECK-NEXT:     %16 = arith.mulf %15, %15 : f32
// CHECK-NEXT:     prim.yield %16 : f32
// CHECK-NEXT:   } -> tensor<1x1x3x4x5xf32>
// CHECK-NEXT:   %13 = prim.view "var#x" %12 : tensor<1x1x3x4x5xf32> to tensor<3x4x5xf32>
// CHECK-NEXT:   %14 = prim.reduce "var" "reduce_variance" sum ins(%13 : tensor<3x4x5xf32>) window <kernel = [1]> post [](:) {
// CHECK-NEXT:   ^bb0(%15: f32):
// CHECK-NEXT:     %16 = arith.constant 1.250000e-01 : f32
// CHECK-NEXT:     %17 = arith.mulf %15, %16 : f32
// CHECK-NEXT:     prim.yield %17 : f32
// CHECK-NEXT:   } -> tensor<3x1x5xf32>
// CHECK-NEXT:   %var = prim.view "var" %14 : tensor<3x1x5xf32> to tensor<3x5xf32>
// CHECK-NEXT:   %15 = prim.view "log#max_x" %h : tensor<3x4xf16> to tensor<1x3x4xf16>
// CHECK-NEXT:   %16 = prim.reduce "log#max" "reduce_log_sum_exp" max ins(%15 : tensor<1x3x4xf16>) window <kernel = [1]> post [](:) {
// CHECK-NEXT:   ^bb0(%17: f16):
// CHECK-NEXT:     %18 = prim.convert %17 : f16 to f32
// CHECK-NEXT:     %19 = arith.constant -3.40282347e+38 : f32
// CHECK-NEXT:     %20 = arith.maximumf %18, %19 : f32
// CHECK-NEXT:     %21 = arith.constant 3.40282347e+38 : f32
// CHECK-NEXT:     %22 = arith.minimumf %20, %21 : f32
// CHECK-NEXT:     prim.yield %22 : f32
// CHECK-NEXT:   } -> tensor<1x1x4xf32>
// CHECK-NEXT:   %17 = prim.view "log#x" %h : tensor<3x4xf16> to tensor<1x3x4xf16>
// CHECK-NEXT:   %18 = prim.reduce "log" "reduce_log_sum_exp" sum ins(%17 : tensor<1x3x4xf16>) window <kernel = [1]> pre [affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%16 : tensor<1x1x4xf32>) {
// CHECK-NEXT:   ^bb0(%19: f16, %20: f32):
// CHECK-NEXT:     %21 = prim.convert %19 : f16 to f32
// CHECK-NEXT:     %22 = arith.subf %21, %20 : f32
// CHECK-NEXT:     %23 = math.exp %22 : f32
// CHECK-NEXT:     prim.yield %23 : f32
// CHECK-NEXT:   } post [affine_map<(d0, d1, d2) -> (d0, d1, d2)>](%16 : tensor<1x1x4xf32>) {
// CHECK-NEXT:   ^bb0(%24: f32, %25: f32):
// CHECK-NEXT:     %26 = math.log %24 : f32
// CHECK-NEXT:     %27 = arith.addf %26, %25 : f32
// CHECK-NEXT:     %28 = prim.convert %27 : f32 to f16
// CHECK-NEXT:     prim.yield %28 : f16
// CHECK-NEXT:   } -> tensor<1x1x4xf16>
// CHECK-NEXT:   %log = prim.view "log" %18 : tensor<1x1x4xf16> to tensor<4xf16>
// CHECK-NEXT:   %19 = prim.reduce "short" "reduce_sum" sum ins(%h : tensor<3x4xf16>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%20: f16):
// CHECK-NEXT:     %21 = prim.convert %20 : f16 to f32
// CHECK-NEXT:     prim.yield %21 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%22: f32):
// CHECK-NEXT:     %23 = prim.convert %22 : f32 to f16
// CHECK-NEXT:     prim.yield %23 : f16
// CHECK-NEXT:   } -> tensor<3x1xf16>
// CHECK-NEXT:   %short = prim.view "short" %19 : tensor<3x1xf16> to tensor<3xf16>
// CHECK-NEXT:   %20 = prim.view "each#x" %h : tensor<3x4xf16> to tensor<1x1x12xf16>
// CHECK-NEXT:   %21 = prim.reduce "each" "reduce_l1" sum ins(%20 : tensor<1x1x12xf16>) window <kernel = [1]> pre [](:) {
// CHECK-NEXT:   ^bb0(%22: f16):
// CHECK-NEXT:     %23 = prim.convert %22 : f16 to f32
// CHECK-NEXT:     %24 = arith.negf %23 : f32
// CHECK-NEXT:     %25 = arith.maximumf %23, %24 : f32
// CHECK-NEXT:     prim.yield %25 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%26: f32):
// CHECK-NEXT:     %27 = prim.convert %26 : f32 to f16
// CHECK-NEXT:     prim.yield %27 : f16
// CHECK-NEXT:   } -> tensor<1x1x12xf16>
// CHECK-NEXT:   %each = prim.view "each" %21 : tensor<1x1x12xf16> to tensor<3x4xf16>
// CHECK-NEXT:   %22 = prim.reduce "most" "reduce_max" max ins(%u : tensor<3x4xui8>) window <> -> tensor<3x1xui8>
// CHECK-NEXT:   %most = prim.view "most" %22 : tensor<3x1xui8> to tensor<3xui8>
// CHECK-NEXT:   %squares = xnn.reduce_sum_square "squares" %u {axes = array<i64: 1>} : (tensor<3x4xui8>) -> tensor<3xui8>
// CHECK-NEXT:   %any = xnn.reduce_max "any" %b {axes = array<i64: 1>} : (tensor<3x4xi1>) -> tensor<3xi1>
// CHECK-NEXT:   %23 = xnn.constant "sums#ones" dense<[[[1.000000e+00], [1.000000e+00], [1.000000e+00]], [[0.000000e+00], [1.000000e+00], [1.000000e+00]], [[0.000000e+00], [0.000000e+00], [1.000000e+00]]]> : tensor<3x3x1xf16>
// CHECK-NEXT:   %24 = prim.view "sums#x" %h : tensor<3x4xf16> to tensor<1x3x4xf16>
// CHECK-NEXT:   %25 = prim.matmul "sums" "cumsum" ins(%23, %24 : tensor<3x3x1xf16>, tensor<1x3x4xf16>) window <kernel = [1]> post [](:) {
// CHECK-NEXT:   ^bb0(%26: f32):
// CHECK-NEXT:     %27 = prim.convert %26 : f32 to f16
// CHECK-NEXT:     prim.yield %27 : f16
// CHECK-NEXT:   } -> tensor<1x3x4xf16>
// CHECK-NEXT:   %sums = prim.view "sums" %25 : tensor<1x3x4xf16> to tensor<3x4xf16>
// CHECK-NEXT:   %26 = prim.reduce "arg#extreme" "arg_max" max ins(%d : tensor<2x3xf64>) window <> pre [](:) {
// CHECK-NEXT:   ^bb0(%27: f64):
// CHECK-NEXT:     %28 = arith.cmpf oeq, %27, %27 : f64
// CHECK-NEXT:     %29 = arith.constant 0xfff0000000000000 : f64
// CHECK-NEXT:     %30 = arith.select %28, %27, %29 : f64
// CHECK-NEXT:     prim.yield %30 : f64
// CHECK-NEXT:   } -> tensor<2x1xf64>
// CHECK-NEXT:   %27 = xnn.constant "arg#numbers" dense<[0, 1, 2]> : tensor<3xi32>
// CHECK-NEXT:   %28 = prim.reduce "arg" "arg_max" min ins(%d : tensor<2x3xf64>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d1)>](%26, %27 : tensor<2x1xf64>, tensor<3xi32>) {
// CHECK-NEXT:   ^bb0(%29: f64, %30: f64, %31: i32):
// CHECK-NEXT:     %32 = arith.constant 0 : i32
// CHECK-NEXT:     %33 = arith.cmpi eq, %31, %32 : i32
// CHECK-NEXT:     %34 = arith.cmpf une, %29, %29 : f64
// CHECK-NEXT:     %35 = arith.andi %33, %34 : i1
// CHECK-NEXT:     %36 = arith.constant 0 : i32
// CHECK-NEXT:     %37 = arith.cmpf oeq, %29, %30 : f64
// CHECK-NEXT:     %38 = arith.constant 3 : i32
// CHECK-NEXT:     %39 = arith.select %37, %31, %38 : i32
// CHECK-NEXT:     %40 = arith.select %35, %36, %39 : i32
// CHECK-NEXT:     prim.yield %40 : i32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%41: i32):
// CHECK-NEXT:     %42 = prim.convert %41 : i32 to i64
// CHECK-NEXT:     prim.yield %42 : i64
// CHECK-NEXT:   } -> tensor<2x1xi64>
// CHECK-NEXT:   %arg = prim.view "arg" %28 : tensor<2x1xi64> to tensor<2xi64>
// CHECK-NEXT:   func.return %apart : tensor<2x4xf32>
