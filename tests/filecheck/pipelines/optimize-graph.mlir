// RUN: xnn-opt %s --optimize-graph | filecheck %s
// RUN: xnn-opt %s -p fold-zero-sized,canonicalize,decompose-conv-transpose,decompose-batch-norm,combine-scale-shift,absorb-scale-shift,fold-constants,graph-cse,dce,hoist-weights | filecheck %s

// A convolution, a batch norm after a dropout, a scale and a shift: one convolution, whose weights are computed once.
func.func @main(%x : tensor<1x3x4x4xf32> {xnn.name = "x"}) -> (tensor<1x8x4x4xf32> {xnn.name = "y"}) {
  %w = xnn.weight "w" "missing.onnx" at 0 : tensor<8x3x1x1xf32>
  %conv = xnn.conv "conv" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x3x4x4xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x4x4xf32>
  %drop = xnn.dropout "drop" %conv {ratio = 0.5 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %scale = xnn.weight "scale" "missing.onnx" at 96 : tensor<8xf32>
  %shift = xnn.constant "shift" dense<0.0> : tensor<8xf32>
  %mean = xnn.constant "mean" dense<0.5> : tensor<8xf32>
  %var = xnn.constant "var" dense<3.0> : tensor<8xf32>
  %bn = xnn.batch_norm "bn" %drop, %scale, %shift, %mean, %var {epsilon = 1.0 : f32} : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
  %c = xnn.constant "c" dense<2.0> : tensor<8x1x1xf32>
  %scaled = xnn.mul "scaled" %bn, %c : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %shifted = xnn.add "shifted" %scaled, %c : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %y = xnn.relu "y" %shifted : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  func.return %y : tensor<1x8x4x4xf32>
}

// CHECK:   func.func @main(%x: tensor<1x3x4x4xf32> {xnn.name = "x"}) -> (tensor<1x8x4x4xf32> {xnn.name = "y"}) {
// CHECK-NEXT:     %0 = xnn.parameter "scaled#scaled_weights" : tensor<8x3x1x1xf32>
// CHECK-NEXT:     %1 = xnn.parameter "shifted#bias" : tensor<8xf32>
// CHECK-NEXT:     %shifted = xnn.conv "shifted" %x, %0, %1 {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, layers = ["conv", "bn", "scaled"]} : (tensor<1x3x4x4xf32>, tensor<8x3x1x1xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     %y = xnn.relu "y" %shifted : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     func.return %y : tensor<1x8x4x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @weights() -> (tensor<8x3x1x1xf32> {xnn.name = "scaled#scaled_weights"}, tensor<8xf32> {xnn.name = "shifted#bias"}) {
// CHECK-NEXT:     %w = xnn.weight "w" "{{.*}}missing.onnx" at 0 : tensor<8x3x1x1xf32>
// CHECK-NEXT:     %scale = xnn.weight "scale" "{{.*}}missing.onnx" at 96 : tensor<8xf32>
// CHECK-NEXT:     %shift = xnn.constant "shift" dense<0.000000e+00> : tensor<8xf32>
// CHECK-NEXT:     %mean = xnn.constant "mean" dense<5.000000e-01> : tensor<8xf32>
// CHECK-NEXT:     %0 = xnn.constant "bn#deviation" dense<2.000000e+00> : tensor<8xf32>
// CHECK-NEXT:     %1 = xnn.div "bn#a" %scale, %0 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %2 = xnn.mul "bn#mean" %mean, %1 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %3 = xnn.sub "bn#b" %shift, %2 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %4 = xnn.reshape "bn#scale" %1 {shape = array<i64: 8, 1, 1>} : (tensor<8xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %5 = xnn.reshape "bn#shift" %3 {shape = array<i64: 8, 1, 1>} : (tensor<8xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %c = xnn.constant "c" dense<2.000000e+00> : tensor<8x1x1xf32>
// CHECK-NEXT:     %6 = xnn.mul "scaled#shift" %5, %c : (tensor<8x1x1xf32>, tensor<8x1x1xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %7 = xnn.mul "scaled#scale" %4, %c : (tensor<8x1x1xf32>, tensor<8x1x1xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %8 = xnn.reshape "scaled#scaled_weight_scale" %7 {shape = array<i64: 8, 1, 1, 1>} : (tensor<8x1x1xf32>) -> tensor<8x1x1x1xf32>
// CHECK-NEXT:     %9 = xnn.mul "scaled#scaled_weights" %w, %8 : (tensor<8x3x1x1xf32>, tensor<8x1x1x1xf32>) -> tensor<8x3x1x1xf32>
// CHECK-NEXT:     %10 = xnn.add "shifted#shift" %6, %c : (tensor<8x1x1xf32>, tensor<8x1x1xf32>) -> tensor<8x1x1xf32>
// CHECK-NEXT:     %11 = xnn.reshape "shifted#bias" %10 {shape = array<i64: 8>} : (tensor<8x1x1xf32>) -> tensor<8xf32>
// CHECK-NEXT:     func.return %9, %11 : tensor<8x3x1x1xf32>, tensor<8xf32>
// CHECK-NEXT:   }
