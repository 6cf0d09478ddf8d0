// RUN: xnn-opt %s --convert-floats="to=bf16" | filecheck %s
// RUN: not xnn-opt %s --convert-floats="to=f12" 2>&1 | filecheck %s --check-prefix FORMAT

func.func @main(%x : tensor<1x8x4x4xf32> {xnn.name = "x"}) -> tensor<1x8xf32> {
  %w = xnn.parameter "w" : tensor<8x8x4x4xf32>
  %c = xnn.conv "c" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x8x4x4xf32>, tensor<8x8x4x4xf32>) -> tensor<1x8x1x1xf32>
  %f = xnn.reshape "f" %c {shape = array<i64: 1, 8>} : (tensor<1x8x1x1xf32>) -> tensor<1x8xf32>
  %s = xnn.softmax "s" %f {axis = 1 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %s : tensor<1x8xf32>
}

// CHECK: xnn.kept_formats = {s = "no form in bf16"}
// CHECK: %[[X:.*]] = xnn.cast "x#bf16" %x {to = bf16}
// CHECK: %[[W:.*]] = xnn.cast "w#bf16" %w {to = bf16}
// CHECK: %[[C:.*]] = xnn.conv "c" %[[X]], %[[W]] {{.*}} -> tensor<1x8x1x1xbf16>
// CHECK-NEXT: %[[F:.*]] = xnn.reshape "f" %[[C]] {{.*}} -> tensor<1x8xbf16>
// CHECK-NEXT: %[[B:.*]] = xnn.cast "f#f32" %[[F]] {to = f32}
// CHECK-NEXT: xnn.softmax "s" %[[B]]

// FORMAT: error: convert-floats: to must be one of f16, bf16, not 'f12'
