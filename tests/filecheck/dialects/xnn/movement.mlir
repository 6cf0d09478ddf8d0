// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%x : tensor<2x8x4xf32>, %n : tensor<?x8x4x6xf32>, %v : tensor<f32>) {
  %slice = xnn.slice "slice" %x {axes = array<i64: 1, 2>, ends = array<i64: 100, -100>, starts = array<i64: -5, -1>, steps = array<i64: 2, -2>} : (tensor<2x8x4xf32>) -> tensor<2x3x2xf32>
  %unknown = xnn.slice "unknown" %n {axes = array<i64: 0, 3>, ends = array<i64: 3, 3>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<?x8x4x6xf32>) -> tensor<?x8x4x3xf32>
  %pad = xnn.pad "pad" %x, %v {mode = "constant", pads = array<i64: 0, 1, -1, 0, 2, 0>} : (tensor<2x8x4xf32>, tensor<f32>) -> tensor<2x11x3xf32>
  %edge = xnn.pad "edge" %n {mode = "edge", pads = array<i64: 0, 0, 1, 0, 0, 0, 0, 9>} : (tensor<?x8x4x6xf32>) -> tensor<?x8x5x15xf32>
  %expand = xnn.expand "expand" %v {shape = array<i64: 2, 3>} : (tensor<f32>) -> tensor<2x3xf32>
  %both = xnn.expand "both" %n {shape = array<i64: 3, 1, 8, 1, 1>} : (tensor<?x8x4x6xf32>) -> tensor<3x?x8x4x6xf32>
  %tile = xnn.tile "tile" %n {repeats = array<i64: 1, 2, 1, 3>} : (tensor<?x8x4x6xf32>) -> tensor<?x16x4x18xf32>
  %deep = xnn.depth_to_space "deep" %n {blocksize = 2 : i64, mode = "DCR"} : (tensor<?x8x4x6xf32>) -> tensor<?x2x8x12xf32>
  %wide = xnn.space_to_depth "wide" %n {blocksize = 2 : i64} : (tensor<?x8x4x6xf32>) -> tensor<?x32x2x3xf32>
  func.return
}

// CHECK:      func.func @main(%x: tensor<2x8x4xf32>, %n: tensor<?x8x4x6xf32>, %v: tensor<f32>) {
// CHECK-NEXT:   %slice = xnn.slice "slice" %x {axes = array<i64: 1, 2>, ends = array<i64: 100, -100>, starts = array<i64: -5, -1>, steps = array<i64: 2, -2>} : (tensor<2x8x4xf32>) -> tensor<2x3x2xf32>
// CHECK-NEXT:   %unknown = xnn.slice "unknown" %n {axes = array<i64: 0, 3>, ends = array<i64: 3, 3>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<?x8x4x6xf32>) -> tensor<?x8x4x3xf32>
// CHECK-NEXT:   %pad = xnn.pad "pad" %x, %v {mode = "constant", pads = array<i64: 0, 1, -1, 0, 2, 0>} : (tensor<2x8x4xf32>, tensor<f32>) -> tensor<2x11x3xf32>
// CHECK-NEXT:   %edge = xnn.pad "edge" %n {mode = "edge", pads = array<i64: 0, 0, 1, 0, 0, 0, 0, 9>} : (tensor<?x8x4x6xf32>) -> tensor<?x8x5x15xf32>
// CHECK-NEXT:   %expand = xnn.expand "expand" %v {shape = array<i64: 2, 3>} : (tensor<f32>) -> tensor<2x3xf32>
// CHECK-NEXT:   %both = xnn.expand "both" %n {shape = array<i64: 3, 1, 8, 1, 1>} : (tensor<?x8x4x6xf32>) -> tensor<3x?x8x4x6xf32>
// CHECK-NEXT:   %tile = xnn.tile "tile" %n {repeats = array<i64: 1, 2, 1, 3>} : (tensor<?x8x4x6xf32>) -> tensor<?x16x4x18xf32>
// CHECK-NEXT:   %deep = xnn.depth_to_space "deep" %n {blocksize = 2 : i64, mode = "DCR"} : (tensor<?x8x4x6xf32>) -> tensor<?x2x8x12xf32>
// CHECK-NEXT:   %wide = xnn.space_to_depth "wide" %n {blocksize = 2 : i64} : (tensor<?x8x4x6xf32>) -> tensor<?x32x2x3xf32>
// CHECK-NEXT:   func.return
// CHECK-NEXT: }
