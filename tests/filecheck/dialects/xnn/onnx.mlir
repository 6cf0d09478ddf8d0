// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --lower-to-primitives --target edge | filecheck %s --check-prefix=PRIM

func.func @main(%x : tensor<2x2xf32> {xnn.name = "x"}) -> (tensor<f32> {xnn.name = "y"}) {
  %y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>
  func.return %y : tensor<f32>
}

// CHECK:      %y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>
// PRIM:       %y = prim.general "y" ins(%x : tensor<2x2xf32>) {
// PRIM-NEXT:  ^bb0(%{{.*}}: tensor<2x2xf32>):
// PRIM-NEXT:    %{{.*}} = xnn.onnx "y" %{{.*}} {op_type = "Det"
