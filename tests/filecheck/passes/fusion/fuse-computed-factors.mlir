// RUN: xnn-opt %s --fuse-predecessors | filecheck %s

// Squeeze and excitation: a computed factor for each channel goes into the product that reads the map. A factor for
// each row does, too; of two maps of the same size neither does, and a factor that makes the map larger does not.
func.func @main(%x: tensor<1x4x8x8xf32>, %gate: tensor<1x4x1x1xf32>, %rows: tensor<8x1xf32>, %z: tensor<1x4x8x8xf32>, %line: tensor<1x4x1x8xf32>) -> (tensor<1x6x8x8xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x6x8x8xf32>) {
  %w = xnn.parameter "w" : tensor<6x4x1x1xf32>
  %gated = xnn.mul "gated" %gate, %x : (tensor<1x4x1x1xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %a = prim.matmul "a" "conv" ins(%w, %gated : tensor<6x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x6x8x8xf32>
  %scaled = xnn.mul "scaled" %x, %rows : (tensor<1x4x8x8xf32>, tensor<8x1xf32>) -> tensor<1x4x8x8xf32>
  %b = prim.sort "b" "max_pool" ins(%scaled : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
  %both = xnn.mul "both" %x, %z : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %c = prim.sort "c" "max_pool" ins(%both : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
  %outer = xnn.mul "outer" %line, %rows : (tensor<1x4x1x8xf32>, tensor<8x1xf32>) -> tensor<1x4x8x8xf32>
  %d = prim.matmul "d" "conv" ins(%w, %outer : tensor<6x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x6x8x8xf32>
  func.return %a, %b, %c, %d : tensor<1x6x8x8xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x6x8x8xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x8x8xf32>, %gate: tensor<1x4x1x1xf32>, %rows: tensor<8x1xf32>, %z: tensor<1x4x8x8xf32>, %line: tensor<1x4x1x8xf32>) -> (tensor<1x6x8x8xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x6x8x8xf32>) {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<6x4x1x1xf32>
// CHECK-NEXT:   %a = prim.matmul "a" "conv" ins(%w, %x : tensor<6x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>](%gate : tensor<1x4x1x1xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.mulf %1, %0 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["gated"]} -> tensor<1x6x8x8xf32>
// CHECK-NEXT:   %b = prim.sort "b" "max_pool" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> pre [affine_map<(d0, d1, d2, d3) -> (d2, 0)>](%rows : tensor<8x1xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.mulf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["scaled"]} -> tensor<1x4x4x4xf32>
// CHECK-NEXT:   %both = xnn.mul "both" %x, %z : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %c = prim.sort "c" "max_pool" ins(%both : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
// CHECK-NEXT:   %outer = xnn.mul "outer" %line, %rows : (tensor<1x4x1x8xf32>, tensor<8x1xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %d = prim.matmul "d" "conv" ins(%w, %outer : tensor<6x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x6x8x8xf32>
// CHECK-NEXT:   func.return %a, %b, %c, %d : tensor<1x6x8x8xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x6x8x8xf32>
// CHECK-NEXT: }
