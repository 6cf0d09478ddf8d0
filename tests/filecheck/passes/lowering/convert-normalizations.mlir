// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Softmax along channels; along another axis, and along several together, which are seen as channels; of short
// floats, whose sums are f32. A concatenation has its place for what is seen through a view.
func.func @main(%x: tensor<1x8x3x3xf32>, %h: tensor<2x5xf16>, %l: tensor<1x8x3xf32>) -> tensor<1x8x3x3xf32> {
  %channels = xnn.softmax "channels" %x {axis = 1 : i64, layers = ["drop"]} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %rows = xnn.softmax "rows" %x {axis = 2 : i64} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %all = xnn.softmax "all" %x {axis = 1 : i64, to_end} : (tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
  %short = xnn.softmax "short" %h {axis = 0 : i64} : (tensor<2x5xf16>) -> tensor<2x5xf16>
  %cat = xnn.concat "cat" %channels, %rows {axis = 1 : i64} : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>

  // Local response normalisation: channels are a dimension that a window slides along, no further than there are any.
  %lrn = xnn.lrn "lrn" %l {alpha = 5.0e-1 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 4 : i64, layers = ["drop2"]} : (tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
  %wide = xnn.lrn "wide" %l {alpha = 9.0e+17 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 9000000000000000000 : i64} : (tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
  func.return %channels : tensor<1x8x3x3xf32>
}

// CHECK:      func.func @main(%x: tensor<1x8x3x3xf32>, %h: tensor<2x5xf16>, %l: tensor<1x8x3xf32>) -> tensor<1x8x3x3xf32> {
// CHECK-NEXT:   %0 = prim.reduce "channels#max" "softmax" max ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> -> tensor<1x1x3x3xf32>
// CHECK-NEXT:   %1 = prim.reduce "channels#sum" "softmax" sum ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%0 : tensor<1x1x3x3xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32):
// CHECK-NEXT:     %4 = arith.subf %2, %3 : f32
// CHECK-NEXT:     %5 = math.exp %4 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } -> tensor<1x1x3x3xf32>
// CHECK-NEXT:   %channels = prim.map "channels" "softmax" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%0, %1 : tensor<1x1x3x3xf32>, tensor<1x1x3x3xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32, %4: f32):
// CHECK-NEXT:     %5 = arith.subf %2, %3 : f32
// CHECK-NEXT:     %6 = math.exp %5 : f32
// CHECK-NEXT:     %7 = arith.divf %6, %4 : f32
// CHECK-NEXT:     prim.yield %7 : f32
// CHECK-NEXT:   } {layers = ["drop"]} -> tensor<1x8x3x3xf32>
// CHECK-NEXT:   %2 = prim.view "rows#x" %x : tensor<1x8x3x3xf32> to tensor<8x3x3xf32>
// CHECK-NEXT:   %3 = prim.reduce "rows#max" "softmax" max ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> -> tensor<8x1x3xf32>
// CHECK-NEXT:   %4 = prim.reduce "rows#sum" "softmax" sum ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> pre [affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%3 : tensor<8x1x3xf32>) {
// CHECK-NEXT:   ^bb0(%5: f32, %6: f32):
// CHECK-NEXT:     %7 = arith.subf %5, %6 : f32
// CHECK-NEXT:     %8 = math.exp %7 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } -> tensor<8x1x3xf32>
// CHECK-NEXT:   %5 = prim.map "rows" "softmax" ins(%2 : tensor<8x3x3xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, 0, d2)>, affine_map<(d0, d1, d2) -> (d0, 0, d2)>](%3, %4 : tensor<8x1x3xf32>, tensor<8x1x3xf32>) {
// CHECK-NEXT:   ^bb0(%6: f32, %7: f32, %8: f32):
// CHECK-NEXT:     %9 = arith.subf %6, %7 : f32
// CHECK-NEXT:     %10 = math.exp %9 : f32
// CHECK-NEXT:     %11 = arith.divf %10, %8 : f32
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
// CHECK-NEXT:   } -> tensor<1x1xf32>
// CHECK-NEXT:   %9 = prim.map "all" "softmax" ins(%6 : tensor<1x72xf32>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%7, %8 : tensor<1x1xf32>, tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%10: f32, %11: f32, %12: f32):
// CHECK-NEXT:     %13 = arith.subf %10, %11 : f32
// CHECK-NEXT:     %14 = math.exp %13 : f32
// CHECK-NEXT:     %15 = arith.divf %14, %12 : f32
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
// CHECK-NEXT:   %cat = prim.concat "cat" %channels, %rows {axis = 1 : i64} : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>
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
// CHECK-NEXT:     %23 = arith.constant 7.500000e-01 : f32
// CHECK-NEXT:     %24 = math.powf %22, %23 : f32
// CHECK-NEXT:     prim.yield %24 : f32
// CHECK-NEXT:   } -> tensor<1x1x8x3xf32>
// CHECK-NEXT:   %16 = prim.view "lrn#factor" %15 : tensor<1x1x8x3xf32> to tensor<1x8x3xf32>
// CHECK-NEXT:   %lrn = xnn.div "lrn" %l, %16 {layers = ["drop2"]} : (tensor<1x8x3xf32>, tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
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
// CHECK-NEXT:     %26 = arith.constant 7.500000e-01 : f32
// CHECK-NEXT:     %27 = math.powf %25, %26 : f32
// CHECK-NEXT:     prim.yield %27 : f32
// CHECK-NEXT:   } -> tensor<1x1x8x3xf32>
// CHECK-NEXT:   %19 = prim.view "wide#factor" %18 : tensor<1x1x8x3xf32> to tensor<1x8x3xf32>
// CHECK-NEXT:   %wide = xnn.div "wide" %l, %19 : (tensor<1x8x3xf32>, tensor<1x8x3xf32>) -> tensor<1x8x3xf32>
// CHECK-NEXT:   func.return %channels : tensor<1x8x3x3xf32>
// CHECK-NEXT: }
