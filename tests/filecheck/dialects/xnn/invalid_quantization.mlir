// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.quantize "q": x must not have elements of type i32
func.func @main(%x : tensor<4xi32>, %s : tensor<f32>, %z : tensor<i8>) {
  %q = xnn.quantize "q" %x, %s, %z : (tensor<4xi32>, tensor<f32>, tensor<i8>) -> tensor<4xi8>
  func.return
}

// -----

// CHECK: xnn.quantize "q": result has type tensor<4xui8>, expected tensor<4xi8>
func.func @main(%x : tensor<4xf32>, %s : tensor<f32>, %z : tensor<i8>) {
  %q = xnn.quantize "q" %x, %s, %z : (tensor<4xf32>, tensor<f32>, tensor<i8>) -> tensor<4xui8>
  func.return
}

// -----

// CHECK: xnn.dequantize "d": operands must share one element type, but have ui8, i8
func.func @main(%q : tensor<4xui8>, %s : tensor<f32>, %z : tensor<i8>) {
  %d = xnn.dequantize "d" %q, %s, %z : (tensor<4xui8>, tensor<f32>, tensor<i8>) -> tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.requantize "r": 3 parameters for axis 1 of [1, 4]
func.func @main(%q : tensor<1x4xi32>, %m : tensor<3xf32>, %z : tensor<i8>) {
  %d = xnn.requantize "r" %q, %m, %z : (tensor<1x4xi32>, tensor<3xf32>, tensor<i8>) -> tensor<1x4xi8>
  func.return
}

// -----

// CHECK: xnn.requantize "r": scale and zero point must be single or one per index of axis 5, but have shape [4] for [1, 4]
func.func @main(%q : tensor<1x4xi32>, %m : tensor<4xf32>, %z : tensor<i8>) {
  %d = xnn.requantize "r" %q, %m, %z {axis = 5 : i64} : (tensor<1x4xi32>, tensor<4xf32>, tensor<i8>) -> tensor<1x4xi8>
  func.return
}

// -----

// CHECK: xnn.center "c": q must not have elements of type f32
func.func @main(%x : tensor<4xf32>, %z : tensor<f32>) {
  %d = xnn.center "c" %x, %z : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.cast "c": result has type tensor<4xf32>, expected tensor<4xi8>
func.func @main(%x : tensor<4xf32>) {
  %d = xnn.cast "c" %x {to = i8} : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.sum_pool "p": works on floats and integers of 2 to 31 bits, not elements of type i64
func.func @main(%x : tensor<1x8x4x4xi64>) {
  %p = xnn.sum_pool "p" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x8x4x4xi64>) -> tensor<1x8x2x2xi32>
  func.return
}

// -----

// CHECK: levels must be binary, ternary, power_of_two, not fibonacci
%x, %s = "test.op"() : () -> (tensor<4x2xf32>, tensor<f32>)
%q = xnn.restrict "q" %x, %s {levels = "fibonacci"} : (tensor<4x2xf32>, tensor<f32>) -> tensor<4x2xi8>

// -----

// CHECK: format must be one of i2, ui2, i4, ui4, binary, ternary, power_of_two, not i3
%x = "test.op"() : () -> tensor<4x2xi4>
%p = xnn.pack "p" %x {format = "i3"} : (tensor<4x2xi4>) -> tensor<4x1xui8>

// -----

// CHECK: packs a known number of integers, not tensor<4x2xf32>
%x = "test.op"() : () -> tensor<4x2xf32>
%p = xnn.pack "p" %x {format = "i4"} : (tensor<4x2xf32>) -> tensor<4x1xui8>

// -----

// CHECK: shift 63 is not in 0 to 62
%x, %m, %z = "test.op"() : () -> (tensor<4x2xi32>, tensor<i32>, tensor<i8>)
%q = xnn.rescale "q" %x, %m, %z {shift = 63 : i64} : (tensor<4x2xi32>, tensor<i32>, tensor<i8>) -> tensor<4x2xi8>
