// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%arg0 : tensor<1x8x4x4xf32>, %arg1 : tensor<8x1x1xf32>, %arg2 : tensor<f32>, %arg3 : tensor<1x8xf32>) {
  %add = xnn.add "add" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %sub = xnn.sub "sub" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %mul = xnn.mul "mul" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %div = xnn.div "div" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %mod = xnn.mod "mod" %arg0, %arg1 {fmod = 1 : i64} : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %pow = xnn.pow "pow" %arg0, %arg2 : (tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
  %max = xnn.max "max" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %min = xnn.min "min" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %clip = xnn.clip "clip" %arg3 {max = 6.0 : f32, min = 0.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %neg = xnn.neg "neg" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %abs = xnn.abs "abs" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %sign = xnn.sign "sign" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %reciprocal = xnn.reciprocal "reciprocal" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %sqrt = xnn.sqrt "sqrt" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %ceil = xnn.ceil "ceil" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %floor = xnn.floor "floor" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %round = xnn.round "round" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return
}

// CHECK:     %add = xnn.add "add" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %sub = xnn.sub "sub" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %mul = xnn.mul "mul" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %div = xnn.div "div" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %mod = xnn.mod "mod" %arg0, %arg1 {fmod = 1 : i64} : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %pow = xnn.pow "pow" %arg0, %arg2 : (tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %max = xnn.max "max" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %min = xnn.min "min" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %clip = xnn.clip "clip" %arg3 {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
// CHECK-NEXT: %neg = xnn.neg "neg" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %abs = xnn.abs "abs" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %sign = xnn.sign "sign" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %reciprocal = xnn.reciprocal "reciprocal" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %sqrt = xnn.sqrt "sqrt" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %ceil = xnn.ceil "ceil" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %floor = xnn.floor "floor" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %round = xnn.round "round" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
