// RUN: xnn-opt %s --graph-cse | filecheck %s

// Names do not matter.
func.func @main(%x : tensor<4xf32>) -> tensor<4xf32> {
  %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
  %b = xnn.relu "b" %x {layers = ["was", "fused"]} : (tensor<4xf32>) -> tensor<4xf32>
  %c = xnn.sqrt "c" %a : (tensor<4xf32>) -> tensor<4xf32>
  %d = xnn.sqrt "d" %b : (tensor<4xf32>) -> tensor<4xf32>
  %e = xnn.add "e" %c, %d : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %e : tensor<4xf32>
}

func.func @constants() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %a = xnn.constant "a" dense<1.0> : tensor<2xf32>
  %b = xnn.constant "b" dense<1.0> : tensor<2xf32>
  %v = xnn.weight "v" "missing.onnx" at 64 : tensor<2xf32>
  %w = xnn.weight "w" "missing.onnx" at 64 : tensor<2xf32>
  func.return %a, %b, %v, %w : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// Other properties do; and a parameter is its name.
func.func @different(%x : tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %a = xnn.softmax "a" %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = xnn.softmax "b" %x {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %p = xnn.parameter "p" : tensor<4x4xf32>
  %q = xnn.parameter "q" : tensor<4x4xf32>
  func.return %a, %b, %p, %q : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// Primitives are left alone: what they do before and after is not compared.
func.func @regions(%w : tensor<4x4xf32>, %x : tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %a = prim.matmul "a" "gemm" ins(%w, %x : tensor<4x4xf32>, tensor<2x4xf32>) window <> post [](:) {
  ^bb0(%0: f32):
    %1 = math.tanh %0 : f32
    prim.yield %1 : f32
  } -> tensor<2x4xf32>
  %b = prim.matmul "b" "gemm" ins(%w, %x : tensor<4x4xf32>, tensor<2x4xf32>) window <> post [](:) {
  ^bb0(%2: f32):
    %3 = math.exp %2 : f32
    prim.yield %3 : f32
  } -> tensor<2x4xf32>
  func.return %a, %b : tensor<2x4xf32>, tensor<2x4xf32>
}

// CHECK:   func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:     %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %c = xnn.sqrt "c" %a : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %e = xnn.add "e" %c, %c : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     func.return %e : tensor<4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @constants() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
// CHECK-NEXT:     %a = xnn.constant "a" dense<1.000000e+00> : tensor<2xf32>
// CHECK-NEXT:     %v = xnn.weight "v" "{{.*}}missing.onnx" at 64 : tensor<2xf32>
// CHECK-NEXT:     func.return %a, %a, %v, %v : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @different(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
// CHECK-NEXT:     %a = xnn.softmax "a" %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:     %b = xnn.softmax "b" %x {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:     %p = xnn.parameter "p" : tensor<4x4xf32>
// CHECK-NEXT:     %q = xnn.parameter "q" : tensor<4x4xf32>
// CHECK-NEXT:     func.return %a, %b, %p, %q : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @regions
// CHECK:     prim.matmul "a"
// CHECK:     prim.matmul "b"
// CHECK:     func.return %a, %b
