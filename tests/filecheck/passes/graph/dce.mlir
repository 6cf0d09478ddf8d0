// RUN: xnn-opt %s --dce | filecheck %s

// xDSL's own pass removes dead operators, since all of ours are pure.
func.func @main(%x : tensor<2xf32>) -> tensor<2xf32> {
  %w = xnn.weight "w" "missing.onnx" at 64 : tensor<2xf32>
  %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
  %c = xnn.constant "c" dense<1.0> : tensor<2xf32>
  %p = xnn.parameter "p" : tensor<2xf32>
  %a = xnn.mul "a" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %b = xnn.add "b" %a, %p : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %y = xnn.relu "y" %x : (tensor<2xf32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}

// CHECK:   func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
// CHECK-NEXT:     %y = xnn.relu "y" %x : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     func.return %y : tensor<2xf32>
// CHECK-NEXT:   }
