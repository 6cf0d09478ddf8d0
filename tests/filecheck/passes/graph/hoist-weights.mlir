// RUN: xnn-opt %s --split-input-file --hoist-weights | filecheck %s
// RUN: xnn-opt %s --split-input-file --hoist-weights --hoist-weights | filecheck %s
// RUN: sed "s/xnn.name = \"w\"/foo = \"w\"/" %s | not xnn-opt --split-input-file --hoist-weights 2>&1 | filecheck %s --check-prefix NAME

// NAME: error: pass hoist-weights: xnn.parameter "w": @weights returns no value of this name

// A constant expression moves as a whole; what the network needs of it becomes a parameter.
func.func @main(%x : tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %w = xnn.weight "w" "missing.onnx" at 64 : tensor<2xf32>
  %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
  %t = xnn.add "s" %s, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %a = xnn.mul "a" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %b = xnn.mul "b" %a, %t : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %c = xnn.constant "c" dense<1.0> : tensor<2xf32>
  func.return %b, %c : tensor<2xf32>, tensor<2xf32>
}

// -----

// @weights grows, and what is computed of its results goes there too.
func.func @weights() -> (tensor<2xf32> {xnn.name = "w"}) {
  %w = xnn.weight "w" "missing.onnx" at 64 : tensor<2xf32>
  func.return %w : tensor<2xf32>
}
func.func @main(%x : tensor<2xf32>) -> tensor<2xf32> {
  %w = xnn.parameter "w" : tensor<2xf32>
  %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
  %a = xnn.mul "a" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %a : tensor<2xf32>
}

// CHECK:   func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
// CHECK-NEXT:     %s = xnn.parameter "s" : tensor<2xf32>
// CHECK-NEXT:     %t = xnn.parameter "s#copy2" : tensor<2xf32>
// CHECK-NEXT:     %a = xnn.mul "a" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %b = xnn.mul "b" %a, %t : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %c = xnn.parameter "c" : tensor<2xf32>
// CHECK-NEXT:     func.return %b, %c : tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @weights() -> (tensor<2xf32> {xnn.name = "s"}, tensor<2xf32> {xnn.name = "s#copy2"}, tensor<2xf32> {xnn.name = "c"}) {
// CHECK-NEXT:     %w = xnn.weight "w" "{{.*}}missing.onnx" at 64 : tensor<2xf32>
// CHECK-NEXT:     %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %t = xnn.add "s" %s, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %c = xnn.constant "c" dense<1.000000e+00> : tensor<2xf32>
// CHECK-NEXT:     func.return %s, %t, %c : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT:   }
// Nobody reads w any more, so it is returned no more.
// CHECK:   func.func @weights() -> (tensor<2xf32> {xnn.name = "s"}) {
// CHECK-NEXT:     %w = xnn.weight "w" "{{.*}}missing.onnx" at 64 : tensor<2xf32>
// CHECK-NEXT:     %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     func.return %s : tensor<2xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
// CHECK-NEXT:     %s = xnn.parameter "s" : tensor<2xf32>
// CHECK-NEXT:     %a = xnn.mul "a" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     func.return %a : tensor<2xf32>
// CHECK-NEXT:   }
