// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// Rows of images, of sequences, of pools.
func.func @rings(%w: tensor<4x8x1x1xf32>, %x: tensor<1x8x9x7xf32>, %v: tensor<3x8x2xf32>, %l: tensor<1x8x6xf32>) {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> local rows 8 -> tensor<1x4x9x7xf32>
  %p = prim.sort "p" "max_pool" ins(%y : tensor<1x4x9x7xf32>) window <kernel = [3, 3]> local rows 1 {layers = ["q"]} -> tensor<1x4x7x5xf32>
  %s = prim.matmul "s" "conv" ins(%v, %l : tensor<3x8x2xf32>, tensor<1x8x6xf32>) window <kernel = [2]> local rows 4 -> tensor<1x3x5xf32>
  func.return
}

// CHECK: prim.matmul "y" {{.*}} local rows 8 -> tensor<1x4x9x7xf32>
// CHECK: prim.sort "p" {{.*}} local rows 1 {layers = ["q"]} -> tensor<1x4x7x5xf32>
// CHECK: prim.matmul "s" {{.*}} local rows 4 -> tensor<1x3x5xf32>
