// RUN: xnn-opt %s --split-input-file --insert-quantization="small=0" | filecheck %s
// RUN: xnn-opt %s --split-input-file --insert-quantization | filecheck %s --check-prefix SMALL

// A move keeps the scale of its operand; a concatenation that is far too coarse for one of its operands gets that one
// at another scale; a constant operand is rounded as well.
func.func @main(%x : tensor<2x4xf32> {xnn.range = [-128.0 : f32, 127.0 : f32]}) -> tensor<5x3xf32> {
  %s = xnn.sigmoid "s" %x {xnn.range = [0.0 : f32, 1.0 : f32]} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %first = xnn.constant "first" dense<0> : tensor<1xi64>
  %g = xnn.gather "g" %s, %first {xnn.range = [0.0 : f32, 0.5 : f32], axis = 0 : i64} : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  %t = xnn.constant "t" dense<[[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]> : tensor<2x4xf32>
  %c = xnn.concat "c" %x, %g, %t {xnn.range = [-128.0 : f32, 127.0 : f32], axis = 0 : i64} : (tensor<2x4xf32>, tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<5x4xf32>
  %w = xnn.constant "w" dense<[[1.0, 0.5, 2.0, -1.0], [1.0, 0.5, 2.0, -1.0], [0.0, 0.5, 2.0, -1.0]]> : tensor<3x4xf32>
  %y = xnn.gemm "y" %c, %w {xnn.range = [-9.0 : f32, 9.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<5x4xf32>, tensor<3x4xf32>) -> tensor<5x3xf32>
  func.return %y : tensor<5x3xf32>
}

// CHECK: xnn.constant "arg0#scale" dense<1.000000e+00>
// CHECK: %[[X:.*]] = xnn.dequantize "arg0#dequantized"
// CHECK: xnn.constant "s#scale" dense<[[FINE:.*]]> : tensor<f32>
// CHECK: %[[S:.*]] = xnn.dequantize "s#dequantized"
// CHECK: xnn.gather "g" %[[S]]
// CHECK: xnn.constant "g#scale" dense<[[FINE]]> : tensor<f32>
// CHECK: %[[G:.*]] = xnn.dequantize "g#dequantized"
// CHECK: xnn.constant "c#operand1_scale" dense<1.000000e+00>
// CHECK: xnn.quantize "c#operand1_quantized" %[[G]]
// CHECK: %[[G1:.*]] = xnn.dequantize "c#operand1_dequantized"
// CHECK: xnn.quantize "c#operand2_quantized" %t
// CHECK: %[[T:.*]] = xnn.dequantize "c#operand2_dequantized"
// CHECK: xnn.concat "c" %[[X]], %[[G1]], %[[T]]

// -----

// What ends in outputs, and is of no product's making or use, stays real; so does a mask.
func.func @main(%x : tensor<4x4xf32> {xnn.range = [-1.0 : f32, 1.0 : f32]}) -> (tensor<2x4xf32>, tensor<4x4xf32>) {
  %w = xnn.constant "w" dense<[[1.0, 0.5, 2.0, -1.0], [1.0, 0.5, 2.0, -1.0], [0.0, 0.5, 2.0, -1.0], [0.0, 0.5, 1.0, 0.0]]> : tensor<4x4xf32>
  %p = xnn.gemm "p" %x, %w {xnn.range = [-4.0 : f32, 4.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %h = xnn.slice "h" %p {xnn.range = [-4.0 : f32, 4.0 : f32], axes = array<i64: 0>, starts = array<i64: 0>, ends = array<i64: 2>, steps = array<i64: 1>} : (tensor<4x4xf32>) -> tensor<2x4xf32>
  %s = xnn.sigmoid "s" %h {xnn.range = [0.0 : f32, 1.0 : f32]} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %m = xnn.log "m" %x {xnn.range = [0xFF800000 : f32, 0.0 : f32]} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = xnn.gemm "y" %m, %w {xnn.range = [-4.0 : f32, 4.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  func.return %s, %y : tensor<2x4xf32>, tensor<4x4xf32>
}

// CHECK: xnn.kept_formats = {p = "only read by what computes with floats", h = "only read by what computes with floats", s = "output of the network", m = "not finite in calibration", y = "m: not finite in calibration"}
// CHECK: %[[P:.*]] = xnn.gemm "p" %{{.*}}, %{{.*}} {
// CHECK-NEXT: %[[H:.*]] = xnn.slice "h" %[[P]]
// CHECK-NEXT: xnn.sigmoid "s" %[[H]]
// CHECK-NEXT: %[[M:.*]] = xnn.log "m"
// CHECK-NOT: "m#quantized"
// CHECK: xnn.gemm "y" %[[M]]

// -----

// Of two feature maps that are added one may be sums of products, unrounded; an activation has one source. Of few
// elements both stay real.
func.func @main(%x : tensor<1x4xf32> {xnn.range = [-1.0 : f32, 1.0 : f32]}) -> tensor<1x4xf32> {
  %w = xnn.constant "w" dense<[[1.0, 0.5, 2.0, -1.0], [1.0, 0.5, 2.0, -1.0], [0.0, 0.5, 2.0, -1.0], [0.0, 0.5, 1.0, 0.0]]> : tensor<4x4xf32>
  %p = xnn.gemm "p" %x, %w {xnn.range = [-4.0 : f32, 4.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %g = xnn.sigmoid "g" %p {xnn.range = [0.0 : f32, 1.0 : f32]} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %a = xnn.mul "a" %p, %g {xnn.range = [-1.0 : f32, 4.0 : f32]} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %t = xnn.tanh "t" %x {xnn.range = [-1.0 : f32, 1.0 : f32]} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %n = xnn.softmax "n" %t {xnn.range = [0.0 : f32, 1.0 : f32], axis = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %y = xnn.add "y" %a, %n {xnn.range = [-1.0 : f32, 5.0 : f32]} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %y : tensor<1x4xf32>
}

// CHECK: %[[P:.*]] = xnn.gemm "p"
// CHECK-NEXT: %[[G:.*]] = xnn.sigmoid "g" %[[P]]
// CHECK-NEXT: %[[A:.*]] = xnn.mul "a" %[[P]], %[[G]]
// CHECK: %[[N:.*]] = xnn.dequantize "n#dequantized"
// CHECK: xnn.add "y" %[[A]], %[[N]]
// SMALL: %[[N:.*]] = xnn.softmax "n"
// SMALL-NEXT: xnn.add "y" %{{.*}}, %[[N]]

// -----

// What is moved, not only seen in another shape, before elementwise operators and a product is moved in integers.
func.func @main(%x : tensor<1x4xf32> {xnn.range = [-1.0 : f32, 1.0 : f32]}, %z : tensor<1x4xf32> {xnn.range = [-1.0 : f32, 1.0 : f32]}) -> tensor<2x4xf32> {
  %w = xnn.constant "w" dense<[[1.0, 0.5, 2.0, -1.0], [1.0, 0.5, 2.0, -1.0], [0.0, 0.5, 2.0, -1.0], [0.0, 0.5, 1.0, 0.0]]> : tensor<4x4xf32>
  %c = xnn.concat "c" %x, %z {xnn.range = [-1.0 : f32, 1.0 : f32], axis = 0 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %b = xnn.constant "b" dense<[1.0, 0.5, 2.0, -1.0]> : tensor<4xf32>
  %a = xnn.add "a" %c, %b {xnn.range = [-1.0 : f32, 3.0 : f32]} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %y = xnn.gemm "y" %a, %w {xnn.range = [-4.0 : f32, 4.0 : f32], alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<2x4xf32>
}

// CHECK: %[[Z:.*]] = xnn.dequantize "arg1#dequantized"
// CHECK: %[[X:.*]] = xnn.dequantize "arg0#dequantized"
// CHECK: xnn.concat "c" %[[X]], %[[Z]]
// CHECK: %[[C:.*]] = xnn.dequantize "c#dequantized"
// CHECK: %[[A:.*]] = xnn.add "a" %[[C]], %b
// CHECK: xnn.quantize "a#quantized" %[[A]]
