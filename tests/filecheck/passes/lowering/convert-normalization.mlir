// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Softmax along channels; along another axis, and along several together, which are seen as channels; of short
// floats, whose sums are f32. A concatenation has its place for what is seen through a view.
func.func @main(%x: tensor<1x8x3x3xf32>, %h: tensor<2x5xf16>, %l: tensor<1x8x3xf32>, %s: tensor<3xf32>, %g: tensor<5xf16>) -> tensor<1x8x3x3xf32> {
  %channels = xnn.softmax "channels" %x {axis = 1 : i64, layers = ["drop"]} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %rows = xnn.softmax "rows" %x {axis = 2 : i64} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %all = xnn.softmax "all" %x {axis = 1 : i64, to_end} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %short = xnn.softmax "short" %h {axis = 0 : i64} : (tensor<2x5xf16>) -> tensor<2x5xf16>
  %cat = xnn.concat "cat" %channels, %rows {axis = 1 : i64} : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>

  // Local response normalisation: channels are a dimension that a window slides along, no further than there are any.
  %lrn = xnn.lrn "lrn" %l {alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 4 : i64, layers = ["drop2"]} : (tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
  %wide = xnn.lrn "wide" %l {alpha = 9.0e+17 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 9000000000000000000 : i64} : (tensor<1x8x3xf32>) -> tensor<1x8x3xf32>

  // Statistics along the last axis; of short floats, without a mean; of rank 1.
  %last = xnn.normalize "last" %l scale %s : tensor<3xf32> bias %s : tensor<3xf32> {axes = array<i64: 2>, epsilon = 1.0e-5 : f32, layers = ["drop3"]} : tensor<1x8x3xf32>
  %apart = xnn.normalize "apart" %h scale %g : tensor<5xf16> {axes = array<i64: 0>, epsilon = 1.0e-5 : f32, uncentered} : tensor<2x5xf16>
  %one = xnn.normalize "one" %s {axes = array<i64: 0>, epsilon = 1.0e-5 : f32} : tensor<3xf32>
  %log = xnn.log_softmax "log" %h {axis = 1 : i64} : (tensor<2x5xf16>) -> tensor<2x5xf16>
  func.return %channels : tensor<1x8x3x3xf32>
}

// CHECK:      func.func @main(%x: tensor<1x8x3x3xf32>, %h: tensor<2x5xf16>, %l: tensor<1x8x3xf32>, %s: tensor<3xf32>, %g: tensor<5xf16>) -> tensor<1x8x3x3xf32> {
// CHECK-NEXT:   %0 = prim.reduce "channels#max" "softmax" max ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> -> tensor<1x1x3x3xf32>
// CHECK-NEXT:   %1 = prim.reduce "channels#sum" "softmax" sum ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%0 : tensor<1x1x3x3xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32):
// CHECK-NEXT:     %4 = arith.subf %2, %3 : f32
// CHECK-NEXT:     %5 = math.exp %4 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%6: f32):
// CHECK-NEXT:     %7 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %8 = arith.divf %7, %6 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } -> tensor<1x1x3x3xf32>
// CHECK-NEXT:   %channels = prim.map "channels" "softmax" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%0, %1 : tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32, %4: f32):
// CHECK-NEXT:     %5 = arith.subf %2, %3 : f32
// CHECK-NEXT:     %6 = math.exp %5 : f32
// CHECK-NEXT:     %7 = arith.mulf %6, %4 : f32
// CHECK-NEXT:     prim.yield %7 : f32
// CHECK-NEXT:   } {layers = ["drop"]} -> tensor<1x8x3x3xf32>
// CHECK-NEXT:   %2 = prim.view "rows#x" %x : tensor<1x8x3x3xf32> to tensor<8x3x3xf32>
// CHECK-NEXT:   %3 = prim.reduce "rows#max" "softmax" max ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> -> tensor<8x1x3xf32>
// CHECK-NEXT:   %4 = prim.reduce "rows#sum" "softmax" sum ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> pre [affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%3 : tensor<8x1x3xf32>) {
// CHECK-NEXT:   ^bb0(%5: f32, %6: f32):
// CHECK-NEXT:     %7 = arith.subf %5, %6 : f32
// CHECK-NEXT:     %8 = math.exp %7 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%9: f32):
// CHECK-NEXT:     %10 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %11 = arith.divf %10, %9 : f32
// CHECK-NEXT:     prim.yield %11 : f32
// CHECK-NEXT:   } -> tensor<8x1x3xf32>
// CHECK-NEXT:   %5 = prim.map "rows" "softmax" ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, 0, d2)>, affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%3, %4 : tensor<8x1x3xf32>, tensor<8x1x3xf32>) {
// CHECK-NEXT:   ^bb0(%6: f32, %7: f32, %8: f32):
// CHECK-NEXT:     %9 = arith.subf %6, %7 : f32
// CHECK-NEXT:     %10 = math.exp %9 : f32
// CHECK-NEXT:     %11 = arith.mulf %10, %8 : f32
// CHECK-NEXT:     prim.yield %11 : f32
// CHECK-NEXT:   } -> tensor<8x3x3xf32>
// CHECK-NEXT:   %rows = prim.view "rows" %5 : tensor<8x3x3xf32> to tensor<1x8x3x3xf32>
// CHECK-NEXT:   %6 = prim.view "all#x" %x : tensor<1x8x3x3xf32> to tensor<1x72xf32>
// CHECK-NEXT:   %7 = prim.reduce "all#max" "softmax" max ins(%6 : tensor<1x72xf32>) window <> -> tensor<1x1xf32>
// CHECK-NEXT:   %8 = prim.reduce "all#sum" "softmax" sum ins(%6 : tensor<1x72xf32>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%7 : tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%9: f32, %10: f32):
// CHECK-NEXT:     %11 = arith.subf %9, %10 : f32
// CHECK-NEXT:     %12 = math.exp %11 : f32
// CHECK-NEXT:     prim.yield %12 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%13: f32):
// CHECK-NEXT:     %14 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %15 = arith.divf %14, %13 : f32
// CHECK-NEXT:     prim.yield %15 : f32
// CHECK-NEXT:   } -> tensor<1x1xf32>
// CHECK-NEXT:   %9 = prim.map "all" "softmax" ins(%6 : tensor<1x72xf32>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%7, %8 : tensor<1x1xf32>, tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%10: f32, %11: f32, %12: f32):
// CHECK-NEXT:     %13 = arith.subf %10, %11 : f32
// CHECK-NEXT:     %14 = math.exp %13 : f32
// CHECK-NEXT:     %15 = arith.mulf %14, %12 : f32
// CHECK-NEXT:     prim.yield %15 : f32
// CHECK-NEXT:   } -> tensor<1x72xf32>
// CHECK-NEXT:   %all = prim.view "all" %9 : tensor<1x72xf32> to tensor<1x8x3x3xf32>
// CHECK-NEXT:   %10 = prim.view "short#x" %h : tensor<2x5xf16> to tensor<1x2x5xf16>
// CHECK-NEXT:   %11 = prim.reduce "short#max" "softmax" max ins(%10 : tensor<1x2x5xf16>) window <kernel = [1]> -> tensor<1x1x5xf16>
// CHECK-NEXT:   %12 = prim.reduce "short#sum" "softmax" sum ins(%10 : tensor<1x2x5xf16>) window <kernel = [1]> pre [affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%11 : tensor<1x1x5xf16>) {
// CHECK-NEXT:   ^bb0(%13: f16, %14: f16):
// CHECK-NEXT:     %15 = arith.subf %13, %14 : f16
// CHECK-NEXT:     %16 = math.exp %15 : f16
// CHECK-NEXT:     %17 = prim.convert %16 : f16 to f32
// CHECK-NEXT:     prim.yield %17 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%18: f32):
// CHECK-NEXT:     %19 = prim.convert %18 : f32 to f16
// CHECK-NEXT:     prim.yield %19 : f16
// CHECK-NEXT:   } -> tensor<1x1x5xf16>
// CHECK-NEXT:   %13 = prim.map "short" "softmax" ins(%10 : tensor<1x2x5xf16>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, 0, d2)>, affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%11, %12 : tensor<1x1x5xf16>, tensor<1x1x5xf16>) {
// CHECK-NEXT:   ^bb0(%14: f16, %15: f16, %16: f16):
// CHECK-NEXT:     %17 = arith.subf %14, %15 : f16
// CHECK-NEXT:     %18 = math.exp %17 : f16
// CHECK-NEXT:     %19 = arith.divf %18, %16 : f16
// CHECK-NEXT:     prim.yield %19 : f16
// CHECK-NEXT:   } -> tensor<1x2x5xf16>
// CHECK-NEXT:   %short = prim.view "short" %13 : tensor<1x2x5xf16> to tensor<2x5xf16>
// CHECK-NEXT:   %cat = prim.place "cat" %channels, %rows at [#prim.place_of<offset = 0, strides = [144, 9, 3, 1]>, #prim.place_of<offset = 72, strides = [144, 9, 3, 1]>] : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>
// CHECK-NEXT:   %14 = prim.view "lrn#x" %l : tensor<1x8x3xf32> to tensor<1x1x8x3xf32>
// CHECK-NEXT:   %15 = prim.reduce "lrn#scale" "lrn" sum ins(%14 : tensor<1x1x8x3xf32>) window <kernel = [4, 1], pads = [1, 2, 0, 0]> pre [](:) {
// CHECK-NEXT:   ^bb0(%16: f32):
// CHECK-NEXT:     %17 = arith.mulf %16, %16 : f32
// CHECK-NEXT:     prim.yield %17 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%18: f32):
// CHECK-NEXT:     %19 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %20 = arith.constant 1.250000e-01 : f32
// CHECK-NEXT:     %21 = arith.mulf %20, %18 : f32
// CHECK-NEXT:     %22 = arith.addf %19, %21 : f32
// CHECK-NEXT:     %23 = arith.constant -7.500000e-01 : f32
// CHECK-NEXT:     %24 = math.powf %22, %23 : f32
// CHECK-NEXT:     prim.yield %24 : f32
// CHECK-NEXT:   } -> tensor<1x1x8x3xf32>
// CHECK-NEXT:   %16 = prim.view "lrn#factor" %15 : tensor<1x1x8x3xf32> to tensor<1x8x3xf32>
// CHECK-NEXT:   %lrn = xnn.mul "lrn" %l, %16 {layers = ["drop2"]} : (tensor<1x8x3xf32>, tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
// CHECK-NEXT:   %17 = prim.view "wide#x" %l : tensor<1x8x3xf32> to tensor<1x1x8x3xf32>
// CHECK-NEXT:   %18 = prim.reduce "wide#scale" "lrn" sum ins(%17 : tensor<1x1x8x3xf32>) window <kernel = [15, 1], pads = [7, 7, 0, 0]> pre [](:) {
// CHECK-NEXT:   ^bb0(%19: f32):
// CHECK-NEXT:     %20 = arith.mulf %19, %19 : f32
// CHECK-NEXT:     prim.yield %20 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%21: f32):
// CHECK-NEXT:     %22 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %23 = arith.constant 1.000000e-01 : f32
// CHECK-NEXT:     %24 = arith.mulf %23, %21 : f32
// CHECK-NEXT:     %25 = arith.addf %22, %24 : f32
// CHECK-NEXT:     %26 = arith.constant -7.500000e-01 : f32
// CHECK-NEXT:     %27 = math.powf %25, %26 : f32
// CHECK-NEXT:     prim.yield %27 : f32
// CHECK-NEXT:   } -> tensor<1x1x8x3xf32>
// CHECK-NEXT:   %19 = prim.view "wide#factor" %18 : tensor<1x1x8x3xf32> to tensor<1x8x3xf32>
// CHECK-NEXT:   %wide = xnn.mul "wide" %l, %19 : (tensor<1x8x3xf32>, tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
// CHECK-NEXT:   %20 = prim.view "last#mean_x" %l : tensor<1x8x3xf32> to tensor<8x3xf32>
// CHECK-NEXT:   %21 = prim.reduce "last#mean" "normalize" sum ins(%20 : tensor<8x3xf32>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%22: f32):
// CHECK-NEXT:     %23 = arith.constant 3.000000e+00 : f32
// CHECK-NEXT:     %24 = arith.divf %22, %23 : f32
// CHECK-NEXT:     prim.yield %24 : f32
// CHECK-NEXT:   } -> tensor<8x1xf32>
// CHECK-NEXT:   %22 = prim.view "last#inverse_x" %l : tensor<1x8x3xf32> to tensor<8x3xf32>
// CHECK-NEXT:   %23 = prim.reduce "last#inverse" "normalize" sum ins(%22 : tensor<8x3xf32>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%21 : tensor<8x1xf32>) {
// CHECK-NEXT:   ^bb0(%24: f32, %25: f32):
// CHECK-NEXT:     %26 = arith.subf %24, %25 : f32
// CHECK-NEXT:     %27 = arith.mulf %26, %26 : f32
// CHECK-NEXT:     prim.yield %27 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%28: f32):
// CHECK-NEXT:     %29 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %30 = arith.constant 3.000000e+00 : f32
// CHECK-NEXT:     %31 = arith.divf %28, %30 : f32
// CHECK-NEXT:     %32 = arith.constant 1.000000e-05 : f32
// CHECK-NEXT:     %33 = arith.addf %31, %32 : f32
// CHECK-NEXT:     %34 = math.sqrt %33 : f32
// CHECK-NEXT:     %35 = arith.divf %29, %34 : f32
// CHECK-NEXT:     prim.yield %35 : f32
// CHECK-NEXT:   } -> tensor<8x1xf32>
// CHECK-NEXT:   %24 = prim.view "last#factor0" %21 : tensor<8x1xf32> to tensor<1x8x1xf32>
// CHECK-NEXT:   %25 = prim.view "last#factor1" %23 : tensor<8x1xf32> to tensor<1x8x1xf32>
// CHECK-NEXT:   %last = prim.map "last" "normalize" ins(%l : tensor<1x8x3xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, d1, 0)>, affine_map<(d0, d1, d2) -> (d0, d1, 0)>, affine_map<(d0, d1, d2) -> (d2)>](%24, %25, %s : tensor<1x8x1xf32>, tensor<1x8x1xf32>, tensor<3xf32>) {
// CHECK-NEXT:   ^bb0(%26: f32, %27: f32, %28: f32, %29: f32):
// CHECK-NEXT:     %30 = arith.subf %26, %27 : f32
// CHECK-NEXT:     %31 = arith.mulf %30, %28 : f32
// CHECK-NEXT:     %32 = arith.mulf %31, %29 : f32
// CHECK-NEXT:     %33 = arith.addf %32, %29 : f32
// CHECK-NEXT:     prim.yield %33 : f32
// CHECK-NEXT:   } {layers = ["drop3"]} -> tensor<1x8x3xf32>
// CHECK-NEXT:   %26 = prim.view "apart#inverse_x" %h : tensor<2x5xf16> to tensor<1x2x5xf16>
// CHECK-NEXT:   %27 = prim.reduce "apart#inverse" "normalize" sum ins(%26 : tensor<1x2x5xf16>) window <kernel = [1]> pre [](:) {
// CHECK-NEXT:   ^bb0(%28: f16):
// CHECK-NEXT:     %29 = prim.convert %28 : f16 to f32
// CHECK-NEXT:     %30 = arith.mulf %29, %29 : f32
// CHECK-NEXT:     prim.yield %30 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%31: f32):
// CHECK-NEXT:     %32 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %33 = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:     %34 = arith.mulf %31, %33 : f32
// CHECK-NEXT:     %35 = arith.constant 1.000000e-05 : f32
// CHECK-NEXT:     %36 = arith.addf %34, %35 : f32
// CHECK-NEXT:     %37 = math.sqrt %36 : f32
// CHECK-NEXT:     %38 = arith.divf %32, %37 : f32
// CHECK-NEXT:     prim.yield %38 : f32
// CHECK-NEXT:   } -> tensor<1x1x5xf32>
// CHECK-NEXT:   %28 = prim.view "apart#factor1" %27 : tensor<1x1x5xf32> to tensor<1x5xf32>
// CHECK-NEXT:   %apart = prim.map "apart" "normalize" ins(%h : tensor<2x5xf16>) window <> post [affine_map<(d0, d1) -> (0, d1)>, affine_map<(d0, d1) -> (d1)>](%28, %g : tensor<1x5xf32>, tensor<5xf16>) {
// CHECK-NEXT:   ^bb0(%29: f16, %30: f32, %31: f16):
// CHECK-NEXT:     %32 = prim.convert %29 : f16 to f32
// CHECK-NEXT:     %33 = arith.mulf %32, %30 : f32
// CHECK-NEXT:     %34 = prim.convert %31 : f16 to f32
// CHECK-NEXT:     %35 = arith.mulf %33, %34 : f32
// CHECK-NEXT:     %36 = prim.convert %35 : f32 to f16
// CHECK-NEXT:     prim.yield %36 : f16
// CHECK-NEXT:   } -> tensor<2x5xf16>
// CHECK-NEXT:   %29 = prim.view "one#mean_x" %s : tensor<3xf32> to tensor<1x3xf32>
// CHECK-NEXT:   %30 = prim.reduce "one#mean" "normalize" sum ins(%29 : tensor<1x3xf32>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%31: f32):
// CHECK-NEXT:     %32 = arith.constant 3.000000e+00 : f32
// CHECK-NEXT:     %33 = arith.divf %31, %32 : f32
// CHECK-NEXT:     prim.yield %33 : f32
// CHECK-NEXT:   } -> tensor<1x1xf32>
// CHECK-NEXT:   %31 = prim.view "one#inverse_x" %s : tensor<3xf32> to tensor<1x3xf32>
// CHECK-NEXT:   %32 = prim.reduce "one#inverse" "normalize" sum ins(%31 : tensor<1x3xf32>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%30 : tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%33: f32, %34: f32):
// CHECK-NEXT:     %35 = arith.subf %33, %34 : f32
// CHECK-NEXT:     %36 = arith.mulf %35, %35 : f32
// CHECK-NEXT:     prim.yield %36 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%37: f32):
// CHECK-NEXT:     %38 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %39 = arith.constant 3.000000e+00 : f32
// CHECK-NEXT:     %40 = arith.divf %37, %39 : f32
// CHECK-NEXT:     %41 = arith.constant 1.000000e-05 : f32
// CHECK-NEXT:     %42 = arith.addf %40, %41 : f32
// CHECK-NEXT:     %43 = math.sqrt %42 : f32
// CHECK-NEXT:     %44 = arith.divf %38, %43 : f32
// CHECK-NEXT:     prim.yield %44 : f32
// CHECK-NEXT:   } -> tensor<1x1xf32>
// CHECK-NEXT:   %33 = prim.view "one#factor0" %30 : tensor<1x1xf32> to tensor<1xf32>
// CHECK-NEXT:   %34 = prim.view "one#factor1" %32 : tensor<1x1xf32> to tensor<1xf32>
// CHECK-NEXT:   %35 = prim.view "one#rows" %s : tensor<3xf32> to tensor<1x3xf32>
// CHECK-NEXT:   %36 = prim.map "one" "normalize" ins(%35 : tensor<1x3xf32>) window <> post [affine_map<(d0, d1) -> (0)>, affine_map<(d0, d1) -> (0)>](%33, %34 : tensor<1xf32>, tensor<1xf32>) {
// CHECK-NEXT:   ^bb0(%37: f32, %38: f32, %39: f32):
// CHECK-NEXT:     %40 = arith.subf %37, %38 : f32
// CHECK-NEXT:     %41 = arith.mulf %40, %39 : f32
// CHECK-NEXT:     prim.yield %41 : f32
// CHECK-NEXT:   } -> tensor<1x3xf32>
// CHECK-NEXT:   %one = prim.view "one" %36 : tensor<1x3xf32> to tensor<3xf32>
// CHECK-NEXT:   %37 = prim.reduce "log#max" "log_softmax" max ins(%h : tensor<2x5xf16>) window <> -> tensor<2x1xf16>
// CHECK-NEXT:   %38 = prim.reduce "log#sum" "log_softmax" sum ins(%h : tensor<2x5xf16>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%37 : tensor<2x1xf16>) {
// CHECK-NEXT:   ^bb0(%39: f16, %40: f16):
// CHECK-NEXT:     %41 = arith.subf %39, %40 : f16
// CHECK-NEXT:     %42 = math.exp %41 : f16
// CHECK-NEXT:     %43 = prim.convert %42 : f16 to f32
// CHECK-NEXT:     prim.yield %43 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%44: f32):
// CHECK-NEXT:     %45 = math.log %44 : f32
// CHECK-NEXT:     %46 = prim.convert %45 : f32 to f16
// CHECK-NEXT:     prim.yield %46 : f16
// CHECK-NEXT:   } -> tensor<2x1xf16>
// CHECK-NEXT:   %log = prim.map "log" "log_softmax" ins(%h : tensor<2x5xf16>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%37, %38 : tensor<2x1xf16>, tensor<2x1xf16>) {
// CHECK-NEXT:   ^bb0(%39: f16, %40: f16, %41: f16):
// CHECK-NEXT:     %42 = arith.subf %39, %40 : f16
// CHECK-NEXT:     %43 = arith.subf %42, %41 : f16
// CHECK-NEXT:     prim.yield %43 : f16
// CHECK-NEXT:   } -> tensor<2x5xf16>
// CHECK-NEXT:   func.return %channels : tensor<1x8x3x3xf32>
