// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.onnx "y": version 22 of operator set ai.onnx has no Mystery
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x {op_type = "Mystery", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>

// -----

// CHECK: xnn.onnx "y": result 0 has type tensor<1xf32>, expected FLOAT of shape []
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<1xf32>

// -----

// CHECK: xnn.onnx "y": inputs [1, 0] are not the places of 2 values
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x, %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 1, 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<f32>

// -----

// CHECK: xnn.onnx "y": outputs [] are not the places of 1 values
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64>} : (tensor<2x2xf32>) -> tensor<f32>

// -----

// CHECK: xnn.onnx "y": {{.*}}unsupported type: tensor(int8)
%x = "test.op"() : () -> tensor<2x2xi8>
%y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xi8>) -> tensor<i8>

// -----

// CHECK: xnn.onnx "y": inputs [4294967296] are not the places of 1 values
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64: 4294967296>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>

// -----

// CHECK: xnn.onnx "y": {{.*}}Det
%y = xnn.onnx "y" {op_type = "Det", domain = "", opset = 22 : i64, attributes = {}, inputs = array<i64>, outputs = array<i64: 0>} : () -> tensor<f32>

// -----

// CHECK: xnn.onnx "y": {{.*}}domain
%x = "test.op"() : () -> tensor<2x2xf32>
%y = xnn.onnx "y" %x {op_type = "Det", domain = "", opset = 22 : i64, attributes = {domain = {}}, inputs = array<i64: 0>, outputs = array<i64: 0>} : (tensor<2x2xf32>) -> tensor<f32>
