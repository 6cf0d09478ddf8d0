// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.slice "y": needs a start, an end and a step for each axis
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.slice "y" %x {axes = array<i64: 1>, ends = array<i64: 1, 1>, starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.slice "y": axes [3] must be different ones of the 3 of x
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.slice "y" %x {axes = array<i64: 3>, ends = array<i64: 1>, starts = array<i64: 0>, steps = array<i64: 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.slice "y": axes [1, 1] must be different ones of the 3 of x
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.slice "y" %x {axes = array<i64: 1, 1>, ends = array<i64: 1, 1>, starts = array<i64: 0, 0>, steps = array<i64: 1, 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.slice "y": a step is 0
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.slice "y" %x {axes = array<i64: 1>, ends = array<i64: 1>, starts = array<i64: 0>, steps = array<i64: 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.slice "y": result has type tensor<2x8x4xf32>, expected tensor<2x0x4xf32>
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.slice "y" %x {axes = array<i64: 1>, ends = array<i64: 1>, starts = array<i64: 1>, steps = array<i64: 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": needs 6 pads, not 4
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.pad "y" %x {mode = "edge", pads = array<i64: 0, 0, 0, 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": mode mirror is none of constant, edge, reflect, wrap
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.pad "y" %x {mode = "mirror", pads = array<i64: 0, 0, 0, 0, 0, 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": pads [-1, 0] of mode edge must not be negative
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.pad "y" %x {mode = "edge", pads = array<i64: -1, 0, 0, 0, 0, 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": pads [2, 0] of mode reflect on an axis of 2
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.pad "y" %x {mode = "reflect", pads = array<i64: 2, 0, 0, 0, 0, 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": pads [0, 3] of mode wrap on an axis of 2
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.pad "y" %x {mode = "wrap", pads = array<i64: 0, 0, 0, 3, 0, 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.expand "y": shape [0] must have positive sizes
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.expand "y" %x {shape = array<i64: 0>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.expand "y": [2, 8, 4] cannot become [3]
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.expand "y" %x {shape = array<i64: 3>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.tile "y": needs a positive number for each of 3 axes
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.tile "y" %x {repeats = array<i64: 1, 0, 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.tile "y": needs a positive number for each of 3 axes
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.tile "y" %x {repeats = array<i64: 1>} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.depth_to_space "y": expected x of rank 4 or more, but it has type tensor<2x8x4xf32>
func.func @main(%x : tensor<2x8x4xf32>) {
  %0 = xnn.depth_to_space "y" %x {blocksize = 2 : i64, mode = "DCR"} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.depth_to_space "y": 6 channels of tensor<1x6x4x4xf32> do not make up blocks of 2
func.func @main(%x : tensor<1x6x4x4xf32>) {
  %0 = xnn.depth_to_space "y" %x {blocksize = 2 : i64, mode = "DCR"} : (tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32>
  func.return
}

// -----

// CHECK: xnn.depth_to_space "y": mode RCD is none of DCR, CRD
func.func @main(%x : tensor<1x8x4x4xf32>) {
  %0 = xnn.depth_to_space "y" %x {blocksize = 2 : i64, mode = "RCD"} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return
}

// -----

// CHECK: xnn.space_to_depth "y": positions of tensor<1x6x4x5xf32> do not make up blocks of 2
func.func @main(%x : tensor<1x6x4x5xf32>) {
  %0 = xnn.space_to_depth "y" %x {blocksize = 2 : i64} : (tensor<1x6x4x5xf32>) -> tensor<1x6x4x5xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": value has type tensor<2xf32>, expected one element
func.func @main(%x : tensor<2x8x4xf32>, %v : tensor<2xf32>) {
  %0 = xnn.pad "y" %x, %v {mode = "constant", pads = array<i64: 0, 0, 0, 0, 0, 0>} : (tensor<2x8x4xf32>, tensor<2xf32>) -> tensor<2x8x4xf32>
  func.return
}

// -----

// CHECK: xnn.pad "y": operands must share one element type, but have f32, f16
func.func @main(%x : tensor<2x8x4xf32>, %v : tensor<f16>) {
  %0 = xnn.pad "y" %x, %v {mode = "constant", pads = array<i64: 0, 0, 0, 0, 0, 0>} : (tensor<2x8x4xf32>, tensor<f16>) -> tensor<2x8x4xf32>
  func.return
}
