// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%x : tensor<1x8x4x4xf32>, %s : tensor<f32>, %m : tensor<8xf32>, %z : tensor<ui8>, %z8 : tensor<8xi8>, %n : tensor<?x4xf16>, %n8 : tensor<8xi32>) {
  %q = xnn.quantize "q" %x, %s, %z : (tensor<1x8x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xui8>
  %r = xnn.requantize "r" %q, %m, %z8 : (tensor<1x8x4x4xui8>, tensor<8xf32>, tensor<8xi8>) -> tensor<1x8x4x4xi8>
  %d = xnn.dequantize "d" %q, %s, %z {axis = 3 : i64} : (tensor<1x8x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xf32>
  %c = xnn.center "c" %q, %z : (tensor<1x8x4x4xui8>, tensor<ui8>) -> tensor<1x8x4x4xi9>
  %b = xnn.cast "b" %n {to = bf16} : (tensor<?x4xf16>) -> tensor<?x4xbf16>
  %i = xnn.cast "i" %n {to = i32} : (tensor<?x4xf16>) -> tensor<?x4xi32>
  %p = xnn.sum_pool "p" %c {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x8x4x4xi9>) -> tensor<1x8x2x2xi32>
  %t = xnn.restrict "t" %x, %m {levels = "ternary"} : (tensor<1x8x4x4xf32>, tensor<8xf32>) -> tensor<1x8x4x4xi2>
  %k = xnn.pack "k" %t {format = "ternary"} : (tensor<1x8x4x4xi2>) -> tensor<1x32xui8>
  %e = xnn.rescale "e" %c, %n8, %z {shift = 20 : i64} : (tensor<1x8x4x4xi9>, tensor<8xi32>, tensor<ui8>) -> tensor<1x8x4x4xui8>
  func.return
}

// CHECK:      %q = xnn.quantize "q" %x, %s, %z {{.*}}: (tensor<1x8x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xui8>
// CHECK-NEXT: %r = xnn.requantize "r" %q, %m, %z8 {{.*}}: (tensor<1x8x4x4xui8>, tensor<8xf32>, tensor<8xi8>) -> tensor<1x8x4x4xi8>
// CHECK-NEXT: %d = xnn.dequantize "d" %q, %s, %z {axis = 3 : i64} : (tensor<1x8x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %c = xnn.center "c" %q, %z {{.*}}: (tensor<1x8x4x4xui8>, tensor<ui8>) -> tensor<1x8x4x4xi9>
// CHECK-NEXT: %b = xnn.cast "b" %n {to = bf16} : (tensor<?x4xf16>) -> tensor<?x4xbf16>
// CHECK-NEXT: %i = xnn.cast "i" %n {to = i32} : (tensor<?x4xf16>) -> tensor<?x4xi32>
// CHECK-NEXT: %p = xnn.sum_pool "p" %c {{.*}} : (tensor<1x8x4x4xi9>) -> tensor<1x8x2x2xi32>
// CHECK-NEXT: %t = xnn.restrict "t" %x, %m {levels = "ternary"{{.*}}} : (tensor<1x8x4x4xf32>, tensor<8xf32>) -> tensor<1x8x4x4xi2>
// CHECK-NEXT: %k = xnn.pack "k" %t {format = "ternary"} : (tensor<1x8x4x4xi2>) -> tensor<1x32xui8>
// CHECK-NEXT: %e = xnn.rescale "e" %c, %n8, %z {shift = 20 : i64{{.*}}} : (tensor<1x8x4x4xi9>, tensor<8xi32>, tensor<ui8>) -> tensor<1x8x4x4xui8>
