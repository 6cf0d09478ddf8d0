// RUN: xnn-opt %s --xnn-target --choose-schedules | filecheck %s

// "y" leaves less than four of sixteen banks: blocks are large, though their slices do not have banks of their own.
func.func @main(%x: tensor<1x3x223x223xi8>, %w: tensor<16x3x3x3xi8>) -> tensor<1x16x55x55xi32> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<16x3x3x3xi8>, tensor<1x3x223x223xi8>) window <kernel = [3, 3], strides = [2, 2]> local pitch 12352 -> tensor<1x16x111x111xi32>
  %z = prim.sort "z" "max_pool" ins(%y : tensor<1x16x111x111xi32>) window <kernel = [3, 3], strides = [2, 2]> -> tensor<1x16x55x55xi32>
  func.return %z : tensor<1x16x55x55xi32>
}

// CHECK: prim.matmul "y" {{.*}} schedule <block = [1, 1, 16, 3, 16, 111],
// CHECK: prim.sort "z" {{.*}} schedule <block = [1, 16, 1, 1, 7, 55],
