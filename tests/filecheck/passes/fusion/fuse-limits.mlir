// RUN: xnn-opt %s --fuse-successors | filecheck %s

// All operands of a node may meet in one bank, which has eight eighths: lhs, rhs, partial sums and result
// leave room for four more.
func.func @main(%w : tensor<2x2x1x1xf32>, %x : tensor<1x2x4x4xf32>, %a : tensor<1x2x4x4xf32>, %b : tensor<1x2x4x4xf32>, %c : tensor<1x2x4x4xf32>, %d : tensor<1x2x4x4xf32>, %e : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<2x2x1x1xf32>, tensor<1x2x4x4xf32>) window <kernel = [1, 1]> -> tensor<1x2x4x4xf32>
  %y1 = xnn.add "y1" %y, %a : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y2 = xnn.mul "y2" %y1, %b : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y3 = xnn.add "y3" %y2, %c : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y4 = xnn.mul "y4" %y3, %d : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %y5 = xnn.add "y5" %y4, %e : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  func.return %y5 : tensor<1x2x4x4xf32>
}
// CHECK: prim.matmul "y4" "conv"
// CHECK-SAME: (%a, %b, %c, %d : {{.*}}) {
// CHECK: xnn.add "y5" %y4, %e
