// RUN: xnn-opt %s --map-elementwise | filecheck %s

func.func @main(%x: tensor<1x8x4x4xf32>, %y: tensor<1x8x4x4xf32>, %q: tensor<1x8x4x4xui8>, %s: tensor<f32>, %line: tensor<3xf32>, %row: tensor<1x3xf32>) -> (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<f64>, tensor<3xf32>, tensor<1x8x4x4xf32>, tensor<3x3xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xui8>) {
  %b = xnn.parameter "b" : tensor<8x1x1xf32>

  // A chain is one map; a value with another use ends one.
  %sum = xnn.add "sum" %x, %y : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %relu = xnn.relu "relu" %sum {layers = ["drop"]} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %half = xnn.sqrt "half" %relu : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %mixed = xnn.mul "mixed" %b, %half : (tensor<8x1x1xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>

  // Fewer dimensions: seen with others of size 1 before them.
  %wide = xnn.cast "wide" %s {to = f64} : (tensor<f32>) -> tensor<f64>
  %tanh = xnn.tanh "tanh" %line : (tensor<3xf32>) -> tensor<3xf32>
  %scaled = xnn.mul "scaled" %tanh, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>

  // Maps convert their operands themselves; a conversion that nothing else does is a map.
  %scale = xnn.constant "scale" dense<5.000000e-01> : tensor<f32>
  %zero = xnn.constant "zero" dense<3> : tensor<ui8>
  %real = xnn.dequantize "real" %q, %scale, %zero : (tensor<1x8x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xf32>
  %more = xnn.add "more" %real, %x : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %kept = xnn.dequantize "kept" %q, %scale, %zero : (tensor<1x8x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xf32>

  // No operand has the shape of the result: a transfer repeats one. `arith` has no unsigned integers, but their bits.
  %column = prim.view "column" %row : tensor<1x3xf32> to tensor<3x1xf32>
  %square = xnn.mul "square" %row, %column : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<3x3xf32>
  %double = xnn.add "double" %q, %q : (tensor<1x8x4x4xui8>, tensor<1x8x4x4xui8>) -> tensor<1x8x4x4xui8>
  func.return %relu, %mixed, %wide, %scaled, %more, %square, %kept, %double : tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<f64>, tensor<3xf32>, tensor<1x8x4x4xf32>, tensor<3x3xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xui8>
}

// CHECK:      func.func @main(%x: tensor<1x8x4x4xf32>, %y: tensor<1x8x4x4xf32>, %q: tensor<1x8x4x4xui8>, %s: tensor<f32>, %line: tensor<3xf32>, %row: tensor<1x3xf32>) -> (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<f64>, tensor<3xf32>, tensor<1x8x4x4xf32>, tensor<3x3xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xui8>) {
// CHECK-NEXT:   %b = xnn.parameter "b" : tensor<8x1x1xf32>
// CHECK-NEXT:   %relu = prim.map "relu" "add" ins(%x : tensor<1x8x4x4xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%y : tensor<1x8x4x4xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     %3 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %4 = arith.maximumf %2, %3 : f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } {layers = ["sum", "drop"]} -> tensor<1x8x4x4xf32>
// CHECK-NEXT:   %mixed = prim.map "mixed" "sqrt" ins(%relu : tensor<1x8x4x4xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%b : tensor<8x1x1xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = math.sqrt %0 : f32
// CHECK-NEXT:     %3 = arith.mulf %1, %2 : f32
// CHECK-NEXT:     prim.yield %3 : f32
// CHECK-NEXT:   } {layers = ["half"]} -> tensor<1x8x4x4xf32>
// CHECK-NEXT:   %0 = prim.view "wide#rhs" %s : tensor<f32> to tensor<1x1xf32>
// CHECK-NEXT:   %wide = prim.map "wide" "cast" ins(%0 : tensor<1x1xf32>) window <> post [](:) {
// CHECK-NEXT:   ^bb0(%1: f32):
// CHECK-NEXT:     %2 = prim.convert %1 : f32 to f64
// CHECK-NEXT:     prim.yield %2 : f64
// CHECK-NEXT:   } -> tensor<1x1xf64>
// CHECK-NEXT:   %wide_1 = prim.view "wide" %wide : tensor<1x1xf64> to tensor<f64>
// CHECK-NEXT:   %1 = prim.view "tanh#rhs" %line : tensor<3xf32> to tensor<1x3xf32>
// CHECK-NEXT:   %scaled = prim.map "scaled" "tanh" ins(%1 : tensor<1x3xf32>) window <> post [affine_map<(d0, d1) -> ()>](%s : tensor<f32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32):
// CHECK-NEXT:     %4 = math.tanh %2 : f32
// CHECK-NEXT:     %5 = arith.mulf %4, %3 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } {layers = ["tanh"]} -> tensor<1x3xf32>
// CHECK-NEXT:   %scaled_1 = prim.view "scaled" %scaled : tensor<1x3xf32> to tensor<3xf32>
// CHECK-NEXT:   %more = prim.map "more" "add" ins(%q : tensor<1x8x4x4xui8>) window <kernel = [1, 1]> pre [](:) {
// CHECK-NEXT:   ^bb0(%2: ui8):
// CHECK-NEXT:     %3 = prim.convert %2 : ui8 to i32
// CHECK-NEXT:     %4 = arith.constant 3 : i32
// CHECK-NEXT:     %5 = arith.subi %3, %4 : i32
// CHECK-NEXT:     %6 = prim.convert %5 : i32 to f32
// CHECK-NEXT:     %7 = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:     %8 = arith.mulf %6, %7 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%x : tensor<1x8x4x4xf32>) {
// CHECK-NEXT:   ^bb0(%9: f32, %10: f32):
// CHECK-NEXT:     %11 = arith.addf %9, %10 : f32
// CHECK-NEXT:     prim.yield %11 : f32
// CHECK-NEXT:   } {layers = ["real"]} -> tensor<1x8x4x4xf32>
// CHECK-NEXT:   %kept = prim.map "kept" "dequantize" ins(%q : tensor<1x8x4x4xui8>) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT:   ^bb0(%2: ui8):
// CHECK-NEXT:     %3 = prim.convert %2 : ui8 to i32
// CHECK-NEXT:     %4 = arith.constant 3 : i32
// CHECK-NEXT:     %5 = arith.subi %3, %4 : i32
// CHECK-NEXT:     %6 = prim.convert %5 : i32 to f32
// CHECK-NEXT:     %7 = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:     %8 = arith.mulf %6, %7 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } -> tensor<1x8x4x4xf32>
// CHECK-NEXT:   %column = prim.view "column" %row : tensor<1x3xf32> to tensor<3x1xf32>
// CHECK-NEXT:   %2 = prim.transfer "square#repeated" "broadcast" %row offset 0 sizes [3, 3] strides [0, 1] : tensor<1x3xf32> to tensor<3x3xf32>
// CHECK-NEXT:   %square = prim.map "square" "mul" ins(%2 : tensor<3x3xf32>) window <> post [affine_map<(d0, d1) -> (d0, 0)>](%column : tensor<3x1xf32>) {
// CHECK-NEXT:   ^bb0(%3: f32, %4: f32):
// CHECK-NEXT:     %5 = arith.mulf %3, %4 : f32
// CHECK-NEXT:     prim.yield %5 : f32
// CHECK-NEXT:   } -> tensor<3x3xf32>
// CHECK-NEXT:   %double = prim.map "double" "add" ins(%q : tensor<1x8x4x4xui8>) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT:   ^bb0(%3: ui8):
// CHECK-NEXT:     %4 = prim.bitcast %3 : ui8 to i8
// CHECK-NEXT:     %5 = prim.bitcast %3 : ui8 to i8
// CHECK-NEXT:     %6 = arith.addi %4, %5 : i8
// CHECK-NEXT:     %7 = prim.bitcast %6 : i8 to ui8
// CHECK-NEXT:     prim.yield %7 : ui8
// CHECK-NEXT:   } -> tensor<1x8x4x4xui8>
// CHECK-NEXT:   func.return %relu, %mixed, %wide_1, %scaled_1, %more, %square, %kept, %double : tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>, tensor<f64>, tensor<3xf32>, tensor<1x8x4x4xf32>, tensor<3x3xf32>, tensor<1x8x4x4xf32>, tensor<1x8x4x4xui8>
// CHECK-NEXT: }
