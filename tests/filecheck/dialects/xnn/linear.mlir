// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%a : tensor<2x4xf32>, %b : tensor<3x4xf32>, %c : tensor<3xf32>, %n : tensor<?x4xf32>, %q : tensor<2x4xi8>, %r : tensor<4x3xi8>, %s : tensor<2x3x4xf32>) {
  %plain = xnn.gemm "plain" %a, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<2x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %both = xnn.gemm "both" %b, %a {alpha = 0.5 : f32, beta = 0.0 : f32, trans_a = false, trans_b = true} : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  %symbolic = xnn.gemm "symbolic" %n, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %integers = xnn.gemm "integers" %q, %r {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<2x4xi8>, tensor<4x3xi8>) -> tensor<2x3xi32>
  %stack = xnn.einsum "stack" %s, %s {equation = "bmk,bnk->mbn"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<3x2x3xf32>
  func.return
}

// CHECK:   func.func @main(%a: tensor<2x4xf32>, %b: tensor<3x4xf32>, %c: tensor<3xf32>, %n: tensor<?x4xf32>, %q: tensor<2x4xi8>, %r: tensor<4x3xi8>, %s: tensor<2x3x4xf32>) {
// CHECK-NEXT:     %plain = xnn.gemm "plain" %a, %b, %c {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true} : (tensor<2x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:     %both = xnn.gemm "both" %b, %a {alpha = 5.000000e-01 : f32, beta = 0.000000e+00 : f32, trans_a = false, trans_b = true} : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
// CHECK-NEXT:     %symbolic = xnn.gemm "symbolic" %n, %b, %c {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true} : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
// CHECK-NEXT:     %integers = xnn.gemm "integers" %q, %r {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false} : (tensor<2x4xi8>, tensor<4x3xi8>) -> tensor<2x3xi32>
// CHECK-NEXT:     %stack = xnn.einsum "stack" %s, %s {equation = "bmk,bnk->mbn"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<3x2x3xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %plain = "xnn.gemm"(%a, %b, %c) <{name = "plain", alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true}> : (tensor<2x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// GENERIC-NEXT: %both = "xnn.gemm"(%b, %a) <{name = "both", alpha = 5.000000e-01 : f32, beta = 0.000000e+00 : f32, trans_a = false, trans_b = true}> : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
// GENERIC-NEXT: %symbolic = "xnn.gemm"(%n, %b, %c) <{name = "symbolic", alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true}> : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
// GENERIC-NEXT: %integers = "xnn.gemm"(%q, %r) <{name = "integers", alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false}> : (tensor<2x4xi8>, tensor<4x3xi8>) -> tensor<2x3xi32>
