// RUN: xnn-opt %s --pack-weights --hoist-weights | filecheck %s

// What the text knows: integers of 4 bits, in a byte two at a time; a row takes whole bytes.
func.func @main(%x: tensor<1x3x5x5xui8>, %a: tensor<1x9xi8>, %v: tensor<4x9xi4>) -> tensor<1x4xi32> {
  %w = xnn.parameter "w" : tensor<4x3x3x3xi4>
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x3x3x3xi4>, tensor<1x3x5x5xui8>) window <kernel = [3, 3]> -> tensor<1x4x3x3xi32>

  // What weights are restricted to, through a transposition too.
  %s = xnn.constant "s" dense<0.5> : tensor<f32>
  %f = xnn.parameter "f" : tensor<9x4xf32>
  %b = xnn.restrict "b" %f, %s {levels = "binary"} : (tensor<9x4xf32>, tensor<f32>) -> tensor<9x4xi2>
  %t = xnn.transpose "t" %b {perm = array<i64: 1, 0>} : (tensor<9x4xi2>) -> tensor<4x9xi2>
  %g = prim.matmul "g" "gemm" ins(%t, %a : tensor<4x9xi2>, tensor<1x9xi8>) window <> -> tensor<1x4xi32>

  // A byte each does no better; what is not known beforehand can't be packed.
  %w8 = xnn.parameter "w8" : tensor<4x9xi8>
  %h = prim.matmul "h" "gemm" ins(%w8, %a : tensor<4x9xi8>, tensor<1x9xi8>) window <> -> tensor<1x4xi32>
  %k = prim.matmul "k" "gemm" ins(%v, %a : tensor<4x9xi4>, tensor<1x9xi8>) window <> -> tensor<1x4xi32>
  func.return %g : tensor<1x4xi32>
}
func.func @weights() -> (tensor<4x3x3x3xi4> {xnn.name = "w"}, tensor<9x4xf32> {xnn.name = "f"}, tensor<4x9xi8> {xnn.name = "w8"}) {
  %w = xnn.constant "w" dense<3> : tensor<4x3x3x3xi4>
  %f = xnn.constant "f" dense<3.0> : tensor<9x4xf32>
  %w8 = xnn.constant "w8" dense<3> : tensor<4x9xi8>
  func.return %w, %f, %w8 : tensor<4x3x3x3xi4>, tensor<9x4xf32>, tensor<4x9xi8>
}

// CHECK: %[[W:.*]] = xnn.parameter "y#packed" : tensor<4x14xui8>
// CHECK: prim.matmul "y" "conv" ins(%[[W]], %x : tensor<4x14xui8>, tensor<1x3x5x5xui8>) packed <format = i4, taps = 27> window <kernel = [3, 3]>
// CHECK: %[[G:.*]] = xnn.parameter "g#packed" : tensor<4x2xui8>
// CHECK: prim.matmul "g" "gemm" ins(%[[G]], %a : tensor<4x2xui8>, tensor<1x9xi8>) packed <format = binary, taps = 9> window <>
// CHECK: prim.matmul "h" "gemm" ins(%{{.*}} : tensor<4x9xi8>, tensor<1x9xi8>) window <>
// CHECK: prim.matmul "k" "gemm" ins(%v, %a : tensor<4x9xi4>, tensor<1x9xi8>) window <>
// CHECK: func.func @weights()
// CHECK: xnn.pack "y#packed" %{{.*}} {format = "i4"} : (tensor<4x3x3x3xi4>) -> tensor<4x14xui8>
// CHECK: xnn.pack "g#packed" %{{.*}} {format = "binary"} : (tensor<4x9xi2>) -> tensor<4x2xui8>
