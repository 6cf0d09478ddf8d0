// RUN: xnn-opt %s --fold-constants --dce | filecheck %s

// What is folded is small; the last name stays.
func.func @small(%x : tensor<2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
  %a = xnn.constant "a" dense<[1.0, 4.0]> : tensor<2xf32>
  %b = xnn.sqrt "b" %a : (tensor<2xf32>) -> tensor<2xf32>
  %c = xnn.add "c" %b, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %y = xnn.mul "y" %x, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %d = xnn.reshape "d" %a {shape = array<i64: 1, 2>} : (tensor<2xf32>) -> tensor<1x2xf32>
  %e = xnn.concat "e" %d, %d {axis = 0 : i64} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  func.return %y, %e : tensor<2xf32>, tensor<2x2xf32>
}

// Splats of any size stay splats.
func.func @splats() -> tensor<4096x1000x1xf32> {
  %a = xnn.constant "a" dense<2.0> : tensor<1000x4096xf32>
  %b = xnn.constant "b" dense<0.5> : tensor<4096xf32>
  %c = xnn.mul "c" %a, %b : (tensor<1000x4096xf32>, tensor<4096xf32>) -> tensor<1000x4096xf32>
  %d = xnn.clip "d" %c {max = 0.25 : f32} : (tensor<1000x4096xf32>) -> tensor<1000x4096xf32>
  %e = xnn.transpose "e" %d {perm = array<i64: 1, 0>} : (tensor<1000x4096xf32>) -> tensor<4096x1000xf32>
  %f = xnn.reshape "f" %e {shape = array<i64: 0, 0, 1>} : (tensor<4096x1000xf32>) -> tensor<4096x1000x1xf32>
  func.return %f : tensor<4096x1000x1xf32>
}

// Weights in files are not read, and results larger than 4 KiB not written out.
func.func @left(%x : tensor<2xf32>) -> (tensor<2xf32>, tensor<1025x2xf32>) {
  %w = xnn.weight "w" "missing.onnx" at 0 : tensor<2xf32>
  %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
  %a = xnn.constant "a" dense<1.0> : tensor<1025x1xf32>
  %b = xnn.constant "b" dense<[1.0, 4.0]> : tensor<2xf32>
  %c = xnn.mul "c" %a, %b : (tensor<1025x1xf32>, tensor<2xf32>) -> tensor<1025x2xf32>
  func.return %s, %c : tensor<2xf32>, tensor<1025x2xf32>
}

// CHECK:   func.func @small(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
// CHECK-NEXT:     %c = xnn.constant "c" dense<[2.000000e+00, 6.000000e+00]> : tensor<2xf32>
// CHECK-NEXT:     %y = xnn.mul "y" %x, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %e = xnn.constant "e" dense<{{\[\[}}1.000000e+00, 4.000000e+00], [1.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
// CHECK-NEXT:     func.return %y, %e : tensor<2xf32>, tensor<2x2xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @splats() -> tensor<4096x1000x1xf32> {
// CHECK-NEXT:     %f = xnn.constant "f" dense<2.500000e-01> : tensor<4096x1000x1xf32>
// CHECK-NEXT:     func.return %f : tensor<4096x1000x1xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @left(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<1025x2xf32>) {
// CHECK-NEXT:     %w = xnn.weight "w" "{{.*}}missing.onnx" at 0 : tensor<2xf32>
// CHECK-NEXT:     %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT:     %a = xnn.constant "a" dense<1.000000e+00> : tensor<1025x1xf32>
// CHECK-NEXT:     %b = xnn.constant "b" dense<[1.000000e+00, 4.000000e+00]> : tensor<2xf32>
// CHECK-NEXT:     %c = xnn.mul "c" %a, %b : (tensor<1025x1xf32>, tensor<2xf32>) -> tensor<1025x2xf32>
// CHECK-NEXT:     func.return %s, %c : tensor<2xf32>, tensor<1025x2xf32>
// CHECK-NEXT:   }
