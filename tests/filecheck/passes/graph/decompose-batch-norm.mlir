// RUN: xnn-opt %s --decompose-batch-norm | filecheck %s

func.func @main(%x : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %scale = xnn.weight "scale" "missing.onnx" at 0 : tensor<8xf32>
  %shift = xnn.weight "shift" "missing.onnx" at 32 : tensor<8xf32>
  %mean = xnn.weight "mean" "missing.onnx" at 64 : tensor<8xf32>
  %var = xnn.weight "var" "missing.onnx" at 96 : tensor<8xf32>
  %y = xnn.batch_norm "y" %x, %scale, %shift, %mean, %var {epsilon = 1.0e-5 : f32} : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
  func.return %y : tensor<1x8x4x4xf32>
}

// Without spatial dimensions there is nothing to reshape.
func.func @matrix(%x : tensor<?x8xf32>, %c : tensor<8xf32>) -> tensor<?x8xf32> {
  %y = xnn.batch_norm "y" %x, %c, %c, %c, %c {epsilon = 1.0e-3 : f32} : (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  func.return %y : tensor<?x8xf32>
}

// CHECK:   func.func @main(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
// CHECK-NEXT:     %scale = xnn.weight "scale" "{{.*}}missing.onnx" at 0 : tensor<8xf32>
// CHECK-NEXT:     %shift = xnn.weight "shift" "{{.*}}missing.onnx" at 32 : tensor<8xf32>
// CHECK-NEXT:     %mean = xnn.weight "mean" "{{.*}}missing.onnx" at 64 : tensor<8xf32>
// CHECK-NEXT:     %var = xnn.weight "var" "{{.*}}missing.onnx" at 96 : tensor<8xf32>
// CHECK-NEXT:     %0 = xnn.constant "y#epsilon" dense<1.000000e-05> : tensor<f32>
// CHECK-NEXT:     %1 = xnn.add "y#variance" %var, %0 : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
// CHECK-NEXT:     %2 = xnn.sqrt "y#deviation" %1 : (tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %3 = xnn.div "y#a" %scale, %2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %4 = xnn.mul "y#mean" %mean, %3 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %5 = xnn.sub "y#b" %shift, %4 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %6 = xnn.reshape "y#scale" %3 {shape = array<i64: 8, 1, 1>} : (tensor<8xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %7 = xnn.reshape "y#shift" %5 {shape = array<i64: 8, 1, 1>} : (tensor<8xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %8 = xnn.mul "y#mul" %x, %6 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     %y = xnn.add "y" %8, %7 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     func.return %y : tensor<1x8x4x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @matrix(%x: tensor<?x8xf32>, %c: tensor<8xf32>) -> tensor<?x8xf32> {
// CHECK-NEXT:     %0 = xnn.constant "y#epsilon" dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT:     %1 = xnn.add "y#variance" %c, %0 : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
// CHECK-NEXT:     %2 = xnn.sqrt "y#deviation" %1 : (tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %3 = xnn.div "y#a" %c, %2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %4 = xnn.mul "y#mean" %c, %3 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %5 = xnn.sub "y#b" %c, %4 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %6 = xnn.mul "y#mul" %x, %3 : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
// CHECK-NEXT:     %y = xnn.add "y" %6, %5 : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
// CHECK-NEXT:     func.return %y : tensor<?x8xf32>
// CHECK-NEXT:   }
