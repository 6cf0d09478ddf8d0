// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<?x8x4xf32>, %c : tensor<8xf32>, %s : tensor<8x1xf32>, %b : tensor<4xf32>) {
  %bn = xnn.batch_norm "bn" %x, %c, %c, %c, %c {epsilon = 1.0e-5 : f32} : (tensor<?x8x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x4xf32>
  %lrn = xnn.lrn "lrn" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 5 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %squares = xnn.lrn "squares" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 5 : i64, square_step = 3.125000e-02 : f32, square_bits = 8 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %softmax = xnn.softmax "softmax" %x {axis = 1 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %together = xnn.softmax "together" %x {axis = 1 : i64, to_end} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %steps = xnn.softmax "steps" %x {axis = 1 : i64, exponent_step = 3.125000e-02 : f32} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %norm = xnn.normalize "norm" %x scale %s : tensor<8x1xf32> bias %b : tensor<4xf32> {axes = array<i64: 1, 2>, epsilon = 1.0e-5 : f32} : tensor<?x8x4xf32>
  %rms = xnn.normalize "rms" %x bias %b : tensor<4xf32> {axes = array<i64: 2>, epsilon = 1.0e-5 : f32, uncentered} : tensor<?x8x4xf32>
  %log = xnn.log_softmax "log" %x {axis = 2 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  func.return
}

// CHECK:   func.func @main(%x: tensor<?x8x4xf32>, %c: tensor<8xf32>, %s: tensor<8x1xf32>, %b: tensor<4xf32>) {
// CHECK-NEXT:     %bn = xnn.batch_norm "bn" %x, %c, %c, %c, %c {epsilon = 1.000000e-05 : f32} : (tensor<?x8x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %lrn = xnn.lrn "lrn" %x {alpha = 1.000000e-04 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, size = 5 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %squares = xnn.lrn "squares" %x {alpha = 1.000000e-04 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, size = 5 : i64, square_step = 3.125000e-02 : f32, square_bits = 8 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %softmax = xnn.softmax "softmax" %x {axis = 1 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %together = xnn.softmax "together" %x {axis = 1 : i64, to_end} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %steps = xnn.softmax "steps" %x {axis = 1 : i64, exponent_step = 3.125000e-02 : f32} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %norm = xnn.normalize "norm" %x scale %s : tensor<8x1xf32> bias %b : tensor<4xf32> {axes = array<i64: 1, 2>, epsilon = 1.000000e-05 : f32} : tensor<?x8x4xf32>
// CHECK-NEXT:     %rms = xnn.normalize "rms" %x bias %b : tensor<4xf32> {axes = array<i64: 2>, epsilon = 1.000000e-05 : f32, uncentered} : tensor<?x8x4xf32>
// CHECK-NEXT:     %log = xnn.log_softmax "log" %x {axis = 2 : i64} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %bn = "xnn.batch_norm"(%x, %c, %c, %c, %c) <{name = "bn", epsilon = 1.000000e-05 : f32}> : (tensor<?x8x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %lrn = "xnn.lrn"(%x) <{name = "lrn", alpha = 1.000000e-04 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, size = 5 : i64}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %squares = "xnn.lrn"(%x) <{name = "squares", alpha = 1.000000e-04 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, size = 5 : i64, square_step = 3.125000e-02 : f32, square_bits = 8 : i64}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %softmax = "xnn.softmax"(%x) <{name = "softmax", axis = 1 : i64}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %together = "xnn.softmax"(%x) <{name = "together", axis = 1 : i64, to_end}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %steps = "xnn.softmax"(%x) <{name = "steps", axis = 1 : i64, exponent_step = 3.125000e-02 : f32}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %norm = "xnn.normalize"(%x, %s, %b) <{name = "norm", axes = array<i64: 1, 2>, epsilon = 1.000000e-05 : f32, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<?x8x4xf32>, tensor<8x1xf32>, tensor<4xf32>) -> tensor<?x8x4xf32>
