// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<1x4x9x8xf32>, %w : tensor<6x4x3x3xf32>, %b : tensor<6xf32>, %n : tensor<?x4x?xf32>, %q : tensor<1x4x9xi8>) {
  %bias = xnn.conv "bias" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<1x6x9x8xf32>
  %dilated = xnn.conv "dilated" %x, %w {dilations = array<i64: 2, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 1, 0>, strides = array<i64: 1, 2>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x3xf32>
  %depthwise = xnn.constant "w1" dense<1.0> : tensor<4x1x3xf32>
  %symbolic = xnn.conv "symbolic" %n, %depthwise {dilations = array<i64: 1>, groups = 4 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<?x4x?xf32>, tensor<4x1x3xf32>) -> tensor<?x4x?xf32>
  %bytes = xnn.constant "w2" dense<1> : tensor<8x4x3xi8>
  %integers = xnn.conv "integers" %q, %bytes {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 3>} : (tensor<1x4x9xi8>, tensor<8x4x3xi8>) -> tensor<1x8x3xi32>
  %fused = xnn.conv "fused" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, layers = ["conv", "bn"], pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x7x6xf32>
  %up_w = xnn.constant "up_w" dense<1.0> : tensor<4x2x3xf32>
  %up = xnn.conv_transpose "up" %n, %up_w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<?x4x?xf32>, tensor<4x2x3xf32>) -> tensor<?x2x?xf32>
  func.return
}

// CHECK:   func.func @main(%x: tensor<1x4x9x8xf32>, %w: tensor<6x4x3x3xf32>, %b: tensor<6xf32>, %n: tensor<?x4x?xf32>, %q: tensor<1x4x9xi8>) {
// CHECK-NEXT:     %bias = xnn.conv "bias" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<1x6x9x8xf32>
// CHECK-NEXT:     %dilated = xnn.conv "dilated" %x, %w {dilations = array<i64: 2, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 1, 0>, strides = array<i64: 1, 2>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x3xf32>
// CHECK-NEXT:     %depthwise = xnn.constant "w1" dense<1.000000e+00> : tensor<4x1x3xf32>
// CHECK-NEXT:     %symbolic = xnn.conv "symbolic" %n, %depthwise {dilations = array<i64: 1>, groups = 4 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<?x4x?xf32>, tensor<4x1x3xf32>) -> tensor<?x4x?xf32>
// CHECK-NEXT:     %bytes = xnn.constant "w2" dense<1> : tensor<8x4x3xi8>
// CHECK-NEXT:     %integers = xnn.conv "integers" %q, %bytes {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 3>} : (tensor<1x4x9xi8>, tensor<8x4x3xi8>) -> tensor<1x8x3xi32>
// CHECK-NEXT:     %fused = xnn.conv "fused" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, layers = ["conv", "bn"], pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x7x6xf32>
// CHECK-NEXT:     %up_w = xnn.constant "up_w" dense<1.000000e+00> : tensor<4x2x3xf32>
// CHECK-NEXT:     %up = xnn.conv_transpose "up" %n, %up_w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<?x4x?xf32>, tensor<4x2x3xf32>) -> tensor<?x2x?xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %bias = "xnn.conv"(%x, %w, %b) <{name = "bias", dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}> : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<1x6x9x8xf32>
// GENERIC-NEXT: %dilated = "xnn.conv"(%x, %w) <{name = "dilated", dilations = array<i64: 2, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 1, 0>, strides = array<i64: 1, 2>}> : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x6x3xf32>
// GENERIC-NEXT: %depthwise = "xnn.constant"() <{name = "w1", value = dense<1.000000e+00> : tensor<4x1x3xf32>}> : () -> tensor<4x1x3xf32>
// GENERIC-NEXT: %symbolic = "xnn.conv"(%n, %depthwise) <{name = "symbolic", dilations = array<i64: 1>, groups = 4 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : (tensor<?x4x?xf32>, tensor<4x1x3xf32>) -> tensor<?x4x?xf32>
// GENERIC-NEXT: %bytes = "xnn.constant"() <{name = "w2", value = dense<1> : tensor<8x4x3xi8>}> : () -> tensor<8x4x3xi8>
// GENERIC-NEXT: %integers = "xnn.conv"(%q, %bytes) <{name = "integers", dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 3>}> : (tensor<1x4x9xi8>, tensor<8x4x3xi8>) -> tensor<1x8x3xi32>
// GENERIC-NEXT: %fused = "xnn.conv"(%x, %w) <{name = "fused", dilations = array<i64: 1, 1>, groups = 1 : i64, layers = ["conv", "bn"], pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}> : (tensor<1x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<1x6x7x6xf32>
