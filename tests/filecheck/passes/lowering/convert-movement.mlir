// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

func.func @main(%x: tensor<1x8x4x6xf32>, %v: tensor<1xf32>) -> tensor<1x8x4x6xf32> {
  // Part of a tensor is a view where it is one run, else a transfer with strides.
  %run = xnn.slice "run" %x {axes = array<i64: 1>, ends = array<i64: 6>, starts = array<i64: 2>, steps = array<i64: 1>} : (tensor<1x8x4x6xf32>) -> tensor<1x4x4x6xf32>
  %every = xnn.slice "every" %x {axes = array<i64: 1, 3>, ends = array<i64: 8, 6>, starts = array<i64: 1, 0>, steps = array<i64: 3, 2>} : (tensor<1x8x4x6xf32>) -> tensor<1x3x4x3xf32>
  %all = xnn.expand "all" %v {shape = array<i64: 2, 3>} : (tensor<1xf32>) -> tensor<2x3xf32>
  %twice = xnn.tile "twice" %x {repeats = array<i64: 1, 1, 2, 1>} : (tensor<1x8x4x6xf32>) -> tensor<1x8x8x6xf32>
  %deep = xnn.depth_to_space "deep" %x {blocksize = 2 : i64, mode = "DCR"} : (tensor<1x8x4x6xf32>) -> tensor<1x2x8x12xf32>
  %crossed = xnn.depth_to_space "crossed" %x {blocksize = 2 : i64, mode = "CRD"} : (tensor<1x8x4x6xf32>) -> tensor<1x2x8x12xf32>
  %wide = xnn.space_to_depth "wide" %x {blocksize = 2 : i64} : (tensor<1x8x4x6xf32>) -> tensor<1x32x2x3xf32>

  // Backwards: a few runs are transfers that each have their place, many are gathered by indices.
  %back = xnn.slice "back" %x {axes = array<i64: 2>, ends = array<i64: -9>, starts = array<i64: 1>, steps = array<i64: -1>} : (tensor<1x8x4x6xf32>) -> tensor<1x8x2x6xf32>
  %turned = xnn.slice "turned" %x {axes = array<i64: 1, 2>, ends = array<i64: -9, -9>, starts = array<i64: 7, 3>, steps = array<i64: -1, -1>} : (tensor<1x8x4x6xf32>) -> tensor<1x8x4x6xf32>

  // Pads are transfers of one element; of other modes, of what they are copies of. Negative ones cut first.
  %pad = xnn.pad "pad" %x, %v {mode = "constant", pads = array<i64: 0, 0, 1, -2, 0, 0, 0, 3>} : (tensor<1x8x4x6xf32>, tensor<1xf32>) -> tensor<1x8x5x7xf32>
  %zeros = xnn.pad "zeros" %x {mode = "constant", pads = array<i64: 0, 0, 1, 0, 0, 0, 0, 0>} : (tensor<1x8x4x6xf32>) -> tensor<1x8x5x6xf32>
  %edge = xnn.pad "edge" %x {mode = "edge", pads = array<i64: 0, 0, 0, 2, 0, 0, 0, 0>} : (tensor<1x8x4x6xf32>) -> tensor<1x8x4x8xf32>
  func.return %x : tensor<1x8x4x6xf32>
}

// CHECK:      func.func @main(%x: tensor<1x8x4x6xf32>, %v: tensor<1xf32>) -> tensor<1x8x4x6xf32> {
// CHECK-NEXT:   %run = prim.view "run" %x offset 48 : tensor<1x8x4x6xf32> to tensor<1x4x4x6xf32>
// CHECK-NEXT:   %every = prim.transfer "every" "slice" %x offset 24 sizes [3, 12] strides [72, 2] : tensor<1x8x4x6xf32> to tensor<1x3x4x3xf32>
// CHECK-NEXT:   %all = prim.transfer "all" "expand" %v offset 0 sizes [6] strides [0] : tensor<1xf32> to tensor<2x3xf32>
// CHECK-NEXT:   %twice = prim.transfer "twice" "tile" %x offset 0 sizes [8, 2, 24] strides [24, 0, 1] : tensor<1x8x4x6xf32> to tensor<1x8x8x6xf32>
// CHECK-NEXT:   %deep = prim.transfer "deep" "depth_to_space" %x offset 0 sizes [8, 2, 6, 2] strides [6, 96, 1, 48] : tensor<1x8x4x6xf32> to tensor<1x2x8x12xf32>
// CHECK-NEXT:   %crossed = prim.transfer "crossed" "depth_to_space" %x offset 0 sizes [2, 4, 2, 6, 2] strides [96, 6, 48, 1, 24] : tensor<1x8x4x6xf32> to tensor<1x2x8x12xf32>
// CHECK-NEXT:   %wide = prim.transfer "wide" "space_to_depth" %x offset 0 sizes [2, 2, 16, 3] strides [6, 1, 12, 2] : tensor<1x8x4x6xf32> to tensor<1x32x2x3xf32>
// CHECK-NEXT:   %0 = prim.transfer "back#part0" "slice" %x offset 6 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %1 = prim.transfer "back#part1" "slice" %x offset 0 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %back = prim.place "back" %0, %1 at [#prim.place_of<offset = 0, strides = [96, 12, 6, 1]>, #prim.place_of<offset = 6, strides = [96, 12, 6, 1]>] : (tensor<1x8x1x6xf32>, tensor<1x8x1x6xf32>) -> tensor<1x8x2x6xf32>
// CHECK-NEXT:   %2 = xnn.constant "turned#indices1" dense<[7, 6, 5, 4, 3, 2, 1, 0]> : tensor<8xi64>
// CHECK-NEXT:   %3 = prim.gather "turned#axis1" "slice" %x by %2 axis 1 : tensor<1x8x4x6xf32>, tensor<8xi64> to tensor<1x8x4x6xf32>
// CHECK-NEXT:   %4 = prim.transfer "turned#part0" "slice" %3 offset 18 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %5 = prim.transfer "turned#part1" "slice" %3 offset 12 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %6 = prim.transfer "turned#part2" "slice" %3 offset 6 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %7 = prim.transfer "turned#part3" "slice" %3 offset 0 sizes [8, 6] strides [24, 1] : tensor<1x8x4x6xf32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %turned = prim.place "turned" %4, %5, %6, %7 at [#prim.place_of<offset = 0, strides = [192, 24, 6, 1]>, #prim.place_of<offset = 6, strides = [192, 24, 6, 1]>, #prim.place_of<offset = 12, strides = [192, 24, 6, 1]>, #prim.place_of<offset = 18, strides = [192, 24, 6, 1]>] : (tensor<1x8x1x6xf32>, tensor<1x8x1x6xf32>, tensor<1x8x1x6xf32>, tensor<1x8x1x6xf32>) -> tensor<1x8x4x6xf32>
// CHECK-NEXT:   %8 = prim.transfer "pad#fill0" "pad" %v offset 0 sizes [56] strides [0] : tensor<1xf32> to tensor<1x8x1x7xf32>
// CHECK-NEXT:   %9 = prim.transfer "pad#fill1" "pad" %v offset 0 sizes [96] strides [0] : tensor<1xf32> to tensor<1x8x4x3xf32>
// CHECK-NEXT:   %10 = prim.transfer "pad#kept" "pad" %x offset 2 sizes [32, 4] strides [6, 1] : tensor<1x8x4x6xf32> to tensor<1x8x4x4xf32>
// CHECK-NEXT:   %pad = prim.place "pad" %8, %9, %10 at [#prim.place_of<offset = 0, strides = [280, 35, 7, 1]>, #prim.place_of<offset = 11, strides = [280, 35, 7, 1]>, #prim.place_of<offset = 7, strides = [280, 35, 7, 1]>] : (tensor<1x8x1x7xf32>, tensor<1x8x4x3xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x5x7xf32>
// CHECK-NEXT:   %11 = xnn.constant "zeros#value" dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT:   %12 = prim.transfer "zeros#fill0" "pad" %11 offset 0 sizes [48] strides [0] : tensor<f32> to tensor<1x8x1x6xf32>
// CHECK-NEXT:   %zeros = prim.place "zeros" %12, %x at [#prim.place_of<offset = 0, strides = [240, 30, 6, 1]>, #prim.place_of<offset = 6, strides = [240, 30, 6, 1]>] : (tensor<1x8x1x6xf32>, tensor<1x8x4x6xf32>) -> tensor<1x8x5x6xf32>
// CHECK-NEXT:   %13 = prim.transfer "edge#part0" "pad" %x offset 0 sizes [32, 3] strides [6, 0] : tensor<1x8x4x6xf32> to tensor<1x8x4x3xf32>
// CHECK-NEXT:   %14 = prim.transfer "edge#part1" "pad" %x offset 1 sizes [32, 5] strides [6, 1] : tensor<1x8x4x6xf32> to tensor<1x8x4x5xf32>
// CHECK-NEXT:   %edge = prim.place "edge" %13, %14 at [#prim.place_of<offset = 0, strides = [256, 32, 8, 1]>, #prim.place_of<offset = 3, strides = [256, 32, 8, 1]>] : (tensor<1x8x4x3xf32>, tensor<1x8x4x5xf32>) -> tensor<1x8x4x8xf32>
// CHECK-NEXT:   func.return %x : tensor<1x8x4x6xf32>
// CHECK-NEXT: }
