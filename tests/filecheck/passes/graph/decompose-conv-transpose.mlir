// RUN: xnn-opt %s --decompose-conv-transpose | filecheck %s

// The phases of the result meet different elements of x: a convolution each.
func.func @main(%x : tensor<1x8x5xf32>, %w : tensor<8x4x3xf32>) -> tensor<1x4x11xf32> {
  %y = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x8x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
  func.return %y : tensor<1x4x11xf32>
}

// They meet the same: one convolution. What has unknown sizes stays.
func.func @alike(%x : tensor<1x4x5x6xf32>, %n : tensor<?x4x5x6xf32>, %w : tensor<4x3x2x2xf32>) -> (tensor<1x3x10x12xf32>, tensor<?x3x10x12xf32>) {
  %y = xnn.conv_transpose "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x5x6xf32>, tensor<4x3x2x2xf32>) -> tensor<1x3x10x12xf32>
  %z = xnn.conv_transpose "z" %n, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<?x4x5x6xf32>, tensor<4x3x2x2xf32>) -> tensor<?x3x10x12xf32>
  func.return %y, %z : tensor<1x3x10x12xf32>, tensor<?x3x10x12xf32>
}

// CHECK:      func.func @main(%x: tensor<1x8x5xf32>, %w: tensor<8x4x3xf32>) -> tensor<1x4x11xf32> {
// CHECK-NEXT:   %0 = xnn.constant "y#phase0_w0_indices" dense<[2, 0]> : tensor<2xi64>
// CHECK-NEXT:   %1 = xnn.gather "y#phase0_w0" %w, %0 {axis = 2 : i64} : (tensor<8x4x3xf32>, tensor<2xi64>) -> tensor<8x4x2xf32>
// CHECK-NEXT:   %2 = xnn.reshape "y#phase0_w_axes" %1 {shape = array<i64: 1, 8, 4, 1, 2>} : (tensor<8x4x2xf32>) -> tensor<1x8x4x1x2xf32>
// CHECK-NEXT:   %3 = xnn.transpose "y#phase0_w_turned" %2 {perm = array<i64: 0, 3, 2, 1, 4>} : (tensor<1x8x4x1x2xf32>) -> tensor<1x1x4x8x2xf32>
// CHECK-NEXT:   %4 = xnn.reshape "y#phase0_w" %3 {shape = array<i64: 4, 8, 2>} : (tensor<1x1x4x8x2xf32>) -> tensor<4x8x2xf32>
// CHECK-NEXT:   %5 = xnn.conv "y#phase0" %x, %4 {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x8x5xf32>, tensor<4x8x2xf32>) -> tensor<1x4x6xf32>
// CHECK-NEXT:   %6 = xnn.constant "y#phase1_w0_indices" dense<1> : tensor<1xi64>
// CHECK-NEXT:   %7 = xnn.gather "y#phase1_w0" %w, %6 {axis = 2 : i64} : (tensor<8x4x3xf32>, tensor<1xi64>) -> tensor<8x4x1xf32>
// CHECK-NEXT:   %8 = xnn.reshape "y#phase1_w_axes" %7 {shape = array<i64: 1, 8, 4, 1, 1>} : (tensor<8x4x1xf32>) -> tensor<1x8x4x1x1xf32>
// CHECK-NEXT:   %9 = xnn.transpose "y#phase1_w_turned" %8 {perm = array<i64: 0, 3, 2, 1, 4>} : (tensor<1x8x4x1x1xf32>) -> tensor<1x1x4x8x1xf32>
// CHECK-NEXT:   %10 = xnn.reshape "y#phase1_w" %9 {shape = array<i64: 4, 8, 1>} : (tensor<1x1x4x8x1xf32>) -> tensor<4x8x1xf32>
// CHECK-NEXT:   %11 = xnn.conv "y#phase1" %x, %10 {strides = array<i64: 1>, dilations = array<i64: 1>, pads = array<i64: 0, 1>, groups = 1 : i64} : (tensor<1x8x5xf32>, tensor<4x8x1xf32>) -> tensor<1x4x6xf32>
// CHECK-NEXT:   %12 = xnn.concat "y#phases" %5, %11 {axis = 0 : i64} : (tensor<1x4x6xf32>, tensor<1x4x6xf32>) -> tensor<2x4x6xf32>
// CHECK-NEXT:   %13 = xnn.reshape "y#apart" %12 {shape = array<i64: 2, 1, 4, 6>} : (tensor<2x4x6xf32>) -> tensor<2x1x4x6xf32>
// CHECK-NEXT:   %14 = xnn.transpose "y#joined" %13 {perm = array<i64: 1, 2, 3, 0>} : (tensor<2x1x4x6xf32>) -> tensor<1x4x6x2xf32>
// CHECK-NEXT:   %15 = xnn.reshape "y#whole" %14 {shape = array<i64: 1, 4, 12>} : (tensor<1x4x6x2xf32>) -> tensor<1x4x12xf32>
// CHECK-NEXT:   %16 = xnn.constant "y#cut_indices" dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]> : tensor<11xi64>
// CHECK-NEXT:   %y = xnn.gather "y" %15, %16 {axis = 2 : i64} : (tensor<1x4x12xf32>, tensor<11xi64>) -> tensor<1x4x11xf32>
// CHECK-NEXT:   func.return %y : tensor<1x4x11xf32>
// CHECK-NEXT: }
// CHECK:      func.func @alike(%x: tensor<1x4x5x6xf32>, %n: tensor<?x4x5x6xf32>, %w: tensor<4x3x2x2xf32>) -> (tensor<1x3x10x12xf32>, tensor<?x3x10x12xf32>) {
// CHECK-NEXT:   %0 = xnn.reshape "y#phases_w_axes" %w {shape = array<i64: 1, 4, 3, 2, 1, 2, 1>} : (tensor<4x3x2x2xf32>) -> tensor<1x4x3x2x1x2x1xf32>
// CHECK-NEXT:   %1 = xnn.transpose "y#phases_w_turned" %0 {perm = array<i64: 0, 3, 5, 2, 1, 4, 6>} : (tensor<1x4x3x2x1x2x1xf32>) -> tensor<1x2x2x3x4x1x1xf32>
// CHECK-NEXT:   %2 = xnn.reshape "y#phases_w" %1 {shape = array<i64: 12, 4, 1, 1>} : (tensor<1x2x2x3x4x1x1xf32>) -> tensor<12x4x1x1xf32>
// CHECK-NEXT:   %3 = xnn.conv "y#phases" %x, %2 {strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1 : i64} : (tensor<1x4x5x6xf32>, tensor<12x4x1x1xf32>) -> tensor<1x12x5x6xf32>
// CHECK-NEXT:   %4 = xnn.reshape "y#apart" %3 {shape = array<i64: 1, 1, 2, 2, 3, 5, 6>} : (tensor<1x12x5x6xf32>) -> tensor<1x1x2x2x3x5x6xf32>
// CHECK-NEXT:   %5 = xnn.transpose "y#joined" %4 {perm = array<i64: 0, 1, 4, 5, 2, 6, 3>} : (tensor<1x1x2x2x3x5x6xf32>) -> tensor<1x1x3x5x2x6x2xf32>
// CHECK-NEXT:   %y = xnn.reshape "y" %5 {shape = array<i64: 1, 3, 10, 12>} : (tensor<1x1x3x5x2x6x2xf32>) -> tensor<1x3x10x12xf32>
// CHECK-NEXT:   %z = xnn.conv_transpose "z" %n, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<?x4x5x6xf32>, tensor<4x3x2x2xf32>) -> tensor<?x3x10x12xf32>
// CHECK-NEXT:   func.return %y, %z : tensor<1x3x10x12xf32>, tensor<?x3x10x12xf32>
// CHECK-NEXT: }
