// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%arg0 : tensor<1x8x4x4xf32>) {
  %exp = xnn.exp "exp" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %log = xnn.log "log" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %erf = xnn.erf "erf" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %sin = xnn.sin "sin" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %cos = xnn.cos "cos" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %tan = xnn.tan "tan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %asin = xnn.asin "asin" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %acos = xnn.acos "acos" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %atan = xnn.atan "atan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %sinh = xnn.sinh "sinh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %cosh = xnn.cosh "cosh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %tanh = xnn.tanh "tanh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %asinh = xnn.asinh "asinh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %acosh = xnn.acosh "acosh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %atanh = xnn.atanh "atanh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return
}

// CHECK:     %exp = xnn.exp "exp" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %log = xnn.log "log" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %erf = xnn.erf "erf" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %sin = xnn.sin "sin" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %cos = xnn.cos "cos" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %tan = xnn.tan "tan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %asin = xnn.asin "asin" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %acos = xnn.acos "acos" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %atan = xnn.atan "atan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %sinh = xnn.sinh "sinh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %cosh = xnn.cosh "cosh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %tanh = xnn.tanh "tanh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %asinh = xnn.asinh "asinh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %acosh = xnn.acosh "acosh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %atanh = xnn.atanh "atanh" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
