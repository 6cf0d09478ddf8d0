// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.constant "c": attribute tensor<3xf32> expected from variable 'T', but got tensor<2xf32>
func.func @main() {
  %0 = "xnn.constant"() <{name = "c", value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>
  func.return
}

// -----

// CHECK: xnn.constant "c": result 'result' at position 0 does not verify: f32 should be of base attribute tensor
func.func @main() {
  %0 = "xnn.constant"() <{name = "c", value = dense<[1.0, 2.0]> : tensor<2xf32>}> : () -> f32
  func.return
}

// -----

// CHECK: xnn.weight "w": offset -4 is negative
func.func @main() {
  %0 = xnn.weight "w" "model.onnx" at -4 : tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.weight "w": must have a static shape, but has type tensor<?xf32>
func.func @main() {
  %0 = xnn.weight "w" "model.onnx" at 0 : tensor<?xf32>
  func.return
}

// -----

// CHECK: xnn.weight "w": elements of type index have no size in memory
func.func @main() {
  %0 = xnn.weight "w" "model.onnx" at 0 : tensor<4xindex>
  func.return
}

// -----

// CHECK: xnn.parameter "p": must have a static shape, but has type tensor<?x4xf32>
func.func @main() {
  %0 = xnn.parameter "p" : tensor<?x4xf32>
  func.return
}

// -----

// CHECK: xnn.parameter: property 'name' expected in operation 'xnn.parameter'
func.func @main() {
  %0 = "xnn.parameter"() : () -> tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.weight "w": crc32 -1 is not in 0 to 4294967295
func.func @main() {
  %0 = xnn.weight "w" "model.onnx" at 0 crc32 -1 : tensor<4xf32>
  func.return
}

// -----

// CHECK: xnn.weight "w": crc32 4294967296 is not in 0 to 4294967295
func.func @main() {
  %0 = xnn.weight "w" "model.onnx" at 0 crc32 4294967296 : tensor<4xf32>
  func.return
}
