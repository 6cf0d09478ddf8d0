// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Whole factors are one transfer; else a transfer for each run of places, or indices where runs are many. Weighted
// sums are products with the weights, one axis at a time.
func.func @main(%x: tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32> {
  %w = xnn.parameter "w" : tensor<10x5xf32>
  %up = xnn.resize_nearest "up" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, sizes = array<i64: 1, 8, 10, 10>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x10x10xf32>
  %some = xnn.resize_nearest "some" %x {coordinates = "asymmetric", rounding = "floor", scales = array<f32: 1.0, 1.0, 0.6, 1.0>, sizes = array<i64: 1, 8, 3, 5>} : (tensor<1x8x5x5xf32>) -> tensor<1x8x3x5xf32>
  %rows = xnn.interpolate "rows" %x, %w {axis = 2 : i64} : (tensor<1x8x5x5xf32>, tensor<10x5xf32>) -> tensor<1x8x10x5xf32>
  %columns = xnn.interpolate "columns" %x, %w {axis = 3 : i64} : (tensor<1x8x5x5xf32>, tensor<10x5xf32>) -> tensor<1x8x5x10xf32>
  func.return %x : tensor<1x8x5x5xf32>
}

// CHECK:      func.func @main(%x: tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32> {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<10x5xf32>
// CHECK-NEXT:   %up = prim.transfer "up" "resize_nearest" %x offset 0 sizes [40, 2, 5, 2] strides [5, 0, 1, 0] : tensor<1x8x5x5xf32> to tensor<1x8x10x10xf32>
// CHECK-NEXT:   %0 = prim.transfer "some#part0" "resize_nearest" %x offset 0 sizes [8, 10] strides [25, 1] : tensor<1x8x5x5xf32> to tensor<1x8x2x5xf32>
// CHECK-NEXT:   %1 = prim.transfer "some#part1" "resize_nearest" %x offset 15 sizes [8, 5] strides [25, 1] : tensor<1x8x5x5xf32> to tensor<1x8x1x5xf32>
// CHECK-NEXT:   %some = prim.place "some" %0, %1 at [#prim.place_of<offset = 0, strides = [120, 15, 5, 1]>, #prim.place_of<offset = 10, strides = [120, 15, 5, 1]>] : (tensor<1x8x2x5xf32>, tensor<1x8x1x5xf32>) -> tensor<1x8x3x5xf32>
// CHECK-NEXT:   %2 = prim.view "rows#x" %x : tensor<1x8x5x5xf32> to tensor<8x5x5xf32>
// CHECK-NEXT:   %3 = prim.view "rows#w" %w : tensor<10x5xf32> to tensor<10x5x1xf32>
// CHECK-NEXT:   %4 = prim.matmul "rows" "interpolate" ins(%3, %2 : tensor<10x5x1xf32>, tensor<8x5x5xf32>) window <kernel = [1]> -> tensor<8x10x5xf32>
// CHECK-NEXT:   %rows = prim.view "rows" %4 : tensor<8x10x5xf32> to tensor<1x8x10x5xf32>
// CHECK-NEXT:   %5 = prim.view "columns#x" %x : tensor<1x8x5x5xf32> to tensor<40x5xf32>
// CHECK-NEXT:   %6 = prim.matmul "columns" "interpolate" ins(%w, %5 : tensor<10x5xf32>, tensor<40x5xf32>) window <> -> tensor<40x10xf32>
// CHECK-NEXT:   %columns = prim.view "columns" %6 : tensor<40x10xf32> to tensor<1x8x5x10xf32>
// CHECK-NEXT:   func.return %x : tensor<1x8x5x5xf32>
// CHECK-NEXT: }
