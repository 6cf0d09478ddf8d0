// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

// The file of a weight does not exist, and need not: nothing here opens it.

func.func @main() {
  %splat = xnn.constant "splat" dense<0.5> : tensor<64x3x7x7xf32>
  %small = xnn.constant "small" dense<[1.0, 2.0]> : tensor<2xf32>
  %bytes = xnn.constant "bytes" dense<[[1, -2]]> : tensor<1x2xi8>
  %scalar = xnn.constant "scalar" dense<1.0e-5> : tensor<f32>
  %w = xnn.weight "conv1_w" "missing.onnx" at 1234 : tensor<64x3x7x7xf32>
  %c = xnn.weight "conv2_w" "missing.onnx" at 1234 crc32 0xDEADBEEF : tensor<64x3x7x7xf32>
  %p = xnn.parameter "conv1_b" : tensor<64xf32>
  %l = xnn.parameter "fused" {layers = ["a", "b"]} : tensor<64xf32>
  func.return
}

// CHECK:   func.func @main() {
// CHECK-NEXT:     %splat = xnn.constant "splat" dense<5.000000e-01> : tensor<64x3x7x7xf32>
// CHECK-NEXT:     %small = xnn.constant "small" dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-NEXT:     %bytes = xnn.constant "bytes" dense<{{\[\[}}1, -2]]> : tensor<1x2xi8>
// CHECK-NEXT:     %scalar = xnn.constant "scalar" dense<1.000000e-05> : tensor<f32>
// CHECK-NEXT:     %w = xnn.weight "conv1_w" "{{.*}}missing.onnx" at 1234 : tensor<64x3x7x7xf32>
// CHECK-NEXT:     %c = xnn.weight "conv2_w" "{{.*}}missing.onnx" at 1234 crc32 3735928559 : tensor<64x3x7x7xf32>
// CHECK-NEXT:     %p = xnn.parameter "conv1_b" : tensor<64xf32>
// CHECK-NEXT:     %l = xnn.parameter "fused" {layers = ["a", "b"]} : tensor<64xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %splat = "xnn.constant"() <{name = "splat", value = dense<5.000000e-01> : tensor<64x3x7x7xf32>}> : () -> tensor<64x3x7x7xf32>
// GENERIC-NEXT: %small = "xnn.constant"() <{name = "small", value = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>}> : () -> tensor<2xf32>
// GENERIC-NEXT: %bytes = "xnn.constant"() <{name = "bytes", value = dense<{{\[\[}}1, -2]]> : tensor<1x2xi8>}> : () -> tensor<1x2xi8>
// GENERIC-NEXT: %scalar = "xnn.constant"() <{name = "scalar", value = dense<1.000000e-05> : tensor<f32>}> : () -> tensor<f32>
// GENERIC-NEXT: %w = "xnn.weight"() <{name = "conv1_w", file = "{{.*}}missing.onnx", offset = 1234 : i64}> : () -> tensor<64x3x7x7xf32>
// GENERIC-NEXT: %c = "xnn.weight"() <{name = "conv2_w", file = "{{.*}}missing.onnx", offset = 1234 : i64, crc32 = 3735928559 : i64}> : () -> tensor<64x3x7x7xf32>
// GENERIC-NEXT: %p = "xnn.parameter"() <{name = "conv1_b"}> : () -> tensor<64xf32>
// GENERIC-NEXT: %l = "xnn.parameter"() <{name = "fused", layers = ["a", "b"]}> : () -> tensor<64xf32>
