// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// Maps: with nothing done, with operands, in another type, of two dimensions, on buffers.
func.func @map(%x: tensor<1x8x3x3xf32>, %b: tensor<8xf32>, %flat: tensor<2x5xi1>, %in: memref<1x8x3x3xf32>, %out: memref<1x8x3x3xf32>) {
  %same = prim.map "same" "identity" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> -> tensor<1x8x3x3xf32>
  %sum = prim.map "sum" "add" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<8xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } schedule <block = [1, 8, 1, 1, 2, 3], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> {layers = ["a"]} -> tensor<1x8x3x3xf32>
  %floats = prim.map "floats" "cast" ins(%flat : tensor<2x5xi1>) window <> post [](:) {
  ^bb0(%3: i1):
    %4 = prim.convert %3 : i1 to f32
    prim.yield %4 : f32
  } -> tensor<2x5xf32>
  prim.map "same" "identity" ins(%in : memref<1x8x3x3xf32>) window <kernel = [1, 1]> outs(%out : memref<1x8x3x3xf32>)
  func.return
}

// Reductions: each one, with a window, with regions, of two dimensions, with partial sums.
func.func @reduce(%x: tensor<2x8x9x7xf32>, %m: tensor<2x1x9x7xf32>, %flat: tensor<2x5xi8>, %bytes: memref<2x5xi8>, %sums: memref<2x1xi32>, %out: memref<2x1xi8>) {
  %max = prim.reduce "max" "softmax" max ins(%x : tensor<2x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<2x1x9x7xf32>
  %sum = prim.reduce "sum" "softmax" sum ins(%x : tensor<2x8x9x7xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%m : tensor<2x1x9x7xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.subf %0, %1 : f32
    prim.yield %2 : f32
  } post [](:) {
  ^bb0(%3: f32):
    %4 = math.powf %3, %3 : f32
    prim.yield %4 : f32
  } -> tensor<2x1x5x4xf32>
  %product = prim.reduce "product" "product" product ins(%flat : tensor<2x5xi8>) window <> -> tensor<2x1xi8>
  prim.reduce "min" "min" min ins(%bytes : memref<2x5xi8>) window <> sums(%sums : memref<2x1xi32>) pre [](:) {
  ^bb0(%5: i8):
    %6 = prim.convert %5 : i8 to i32
    prim.yield %6 : i32
  } post [](:) {
  ^bb0(%7: i32):
    %8 = prim.convert %7 : i32 to i8
    prim.yield %8 : i8
  } outs(%out : memref<2x1xi8>)
  func.return
}

// CHECK:   func.func @map(%x: tensor<1x8x3x3xf32>, %b: tensor<8xf32>, %flat: tensor<2x5xi1>, %in: memref<1x8x3x3xf32>, %out: memref<1x8x3x3xf32>) {
// CHECK-NEXT:     %same = prim.map "same" "identity" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> -> tensor<1x8x3x3xf32>
// CHECK-NEXT:     %sum = prim.map "sum" "add" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<8xf32>) {
// CHECK-NEXT:     ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:       %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:       prim.yield %2 : f32
// CHECK-NEXT:     } schedule <block = [1, 8, 1, 1, 2, 3], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> {layers = ["a"]} -> tensor<1x8x3x3xf32>
// CHECK-NEXT:     %floats = prim.map "floats" "cast" ins(%flat : tensor<2x5xi1>) window <> post [](:) {
// CHECK-NEXT:     ^bb0(%0: i1):
// CHECK-NEXT:       %1 = prim.convert %0 : i1 to f32
// CHECK-NEXT:       prim.yield %1 : f32
// CHECK-NEXT:     } -> tensor<2x5xf32>
// CHECK-NEXT:     prim.map "same" "identity" ins(%in : memref<1x8x3x3xf32>) window <kernel = [1, 1]> outs(%out : memref<1x8x3x3xf32>)
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @reduce(%x: tensor<2x8x9x7xf32>, %m: tensor<2x1x9x7xf32>, %flat: tensor<2x5xi8>, %bytes: memref<2x5xi8>, %sums: memref<2x1xi32>, %out: memref<2x1xi8>) {
// CHECK-NEXT:     %max = prim.reduce "max" "softmax" max ins(%x : tensor<2x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<2x1x9x7xf32>
// CHECK-NEXT:     %sum = prim.reduce "sum" "softmax" sum ins(%x : tensor<2x8x9x7xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>](%m : tensor<2x1x9x7xf32>) {
// CHECK-NEXT:     ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:       %2 = arith.subf %0, %1 : f32
// CHECK-NEXT:       prim.yield %2 : f32
// CHECK-NEXT:     } post [](:) {
// CHECK-NEXT:     ^bb0(%3: f32):
// CHECK-NEXT:       %4 = math.powf %3, %3 : f32
// CHECK-NEXT:       prim.yield %4 : f32
// CHECK-NEXT:     } -> tensor<2x1x5x4xf32>
// CHECK-NEXT:     %product = prim.reduce "product" "product" product ins(%flat : tensor<2x5xi8>) window <> -> tensor<2x1xi8>
// CHECK-NEXT:     prim.reduce "min" "min" min ins(%bytes : memref<2x5xi8>) window <> sums(%sums : memref<2x1xi32>) pre [](:) {
// CHECK-NEXT:     ^bb0(%0: i8):
// CHECK-NEXT:       %1 = prim.convert %0 : i8 to i32
// CHECK-NEXT:       prim.yield %1 : i32
// CHECK-NEXT:     } post [](:) {
// CHECK-NEXT:     ^bb0(%2: i32):
// CHECK-NEXT:       %3 = prim.convert %2 : i32 to i8
// CHECK-NEXT:       prim.yield %3 : i8
// CHECK-NEXT:     } outs(%out : memref<2x1xi8>)
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT: }
