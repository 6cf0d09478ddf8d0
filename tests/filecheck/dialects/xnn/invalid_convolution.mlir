// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.conv "y": expected x [B, C, *spatial] and w [M, C / groups, *kernel], but their shapes are [1, 4, 8, 8] and [6, 4, 3]
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": 6 output channels cannot form 4 groups
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 4 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": x has 4 channels, but w has 4 in each of 2 groups
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": b has shape [5], expected [6]
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>, %b : tensor<5xf32>) {
  %0 = xnn.conv "y" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>, tensor<5xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": pads has 2 entries, expected 4
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": strides must be at least 1, but are [0, 1]
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 0, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": strides [4294967296, 1], dilations [1, 1], padded [8, 8]: beyond 2147483647 elements
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 4294967296, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x1x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": window [3, 3] does not fit the padded [8, 8]
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 4, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": operands must share one element type, but have f32, f16
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf16>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf16>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": result has type tensor<1x6x8x8xf32>, expected tensor<1x6x6x6xf32>
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x8x8xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": result has type tensor<1x6x6x6xf32>, expected tensor<1x6x6x6xi32>
func.func @main(%x : tensor<1x4x8x8xi8>, %w : tensor<6x4x3x3xi8>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xi8>, tensor<6x4x3x3xi8>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": property 'groups' expected in operation 'xnn.conv'
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x3x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv "y": w must have a static shape, but its shape is [6, 4, ?, 3]
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<6x4x?x3xf32>) {
  %0 = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x?x3xf32>) -> tensor<1x6x6x6xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": expected x [B, C, *spatial] and w [C, M / groups, *kernel], but their shapes are [1, 8] and [8, 4, 3]
func.func @main(%x : tensor<1x8xf32>, %w : tensor<8x4x3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": w must have a static shape, but its shape is [8, 4, ?]
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x?xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x?xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": 8 channels cannot form 3 groups
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 3 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": x has 6 channels, but w has 8
func.func @main(%x : tensor<1x6x5xf32>, %w : tensor<8x4x3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x6x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": b has shape [3], expected [4]
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x3xf32>, %b : tensor<3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w, %b {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x3xf32>, tensor<3xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": output_padding has 2 entries, expected 1
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return
}

// -----

// CHECK: xnn.conv_transpose "y": pads cut off all of a result of [-1]
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x3xf32>) {
  %0 = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 6, 6>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return
}
