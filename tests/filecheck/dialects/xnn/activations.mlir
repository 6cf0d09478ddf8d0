// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%arg0 : tensor<1x8x4x4xf32>, %arg1 : tensor<8x1x1xf32>, %arg2 : tensor<1x8xf32>) {
  %relu = xnn.relu "relu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %leaky_relu = xnn.leaky_relu "leaky_relu" %arg0 {alpha = 0.01 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %prelu = xnn.prelu "prelu" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %thresholded_relu = xnn.thresholded_relu "thresholded_relu" %arg0 {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %elu = xnn.elu "elu" %arg0 {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %celu = xnn.celu "celu" %arg0 {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %selu = xnn.selu "selu" %arg2 {alpha = 1.67326319 : f32, gamma = 1.05070102 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %sigmoid = xnn.sigmoid "sigmoid" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %hard_sigmoid = xnn.hard_sigmoid "hard_sigmoid" %arg2 {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %swish = xnn.swish "swish" %arg0 {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %hard_swish = xnn.hard_swish "hard_swish" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %gelu = xnn.gelu "gelu" %arg0 {approximate = true} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %mish = xnn.mish "mish" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %softplus = xnn.softplus "softplus" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %softsign = xnn.softsign "softsign" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %shrink = xnn.shrink "shrink" %arg0 {bias = 0.5 : f32, lambd = 0.5 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return
}

// CHECK:     %relu = xnn.relu "relu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %leaky_relu = xnn.leaky_relu "leaky_relu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %prelu = xnn.prelu "prelu" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %thresholded_relu = xnn.thresholded_relu "thresholded_relu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %elu = xnn.elu "elu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %celu = xnn.celu "celu" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %selu = xnn.selu "selu" %arg2 : (tensor<1x8xf32>) -> tensor<1x8xf32>
// CHECK-NEXT: %sigmoid = xnn.sigmoid "sigmoid" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %hard_sigmoid = xnn.hard_sigmoid "hard_sigmoid" %arg2 : (tensor<1x8xf32>) -> tensor<1x8xf32>
// CHECK-NEXT: %swish = xnn.swish "swish" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %hard_swish = xnn.hard_swish "hard_swish" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %gelu = xnn.gelu "gelu" %arg0 {approximate = true} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %mish = xnn.mish "mish" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %softplus = xnn.softplus "softplus" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %softsign = xnn.softsign "softsign" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: %shrink = xnn.shrink "shrink" %arg0 {bias = 5.000000e-01 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
