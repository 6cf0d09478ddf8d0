// RUN: xnn-opt %s --tune-schedules | filecheck %s
// RUN: xnn-opt %s --keep-feature-maps-local --choose-schedules | filecheck %s --check-prefix ALONE
// RUN: sed 's/window <kernel = .1, 1.>/& schedule <block = [1, 1, 8, 32, 16, 16]> external/' %s | xnn-opt --tune-schedules | filecheck %s --check-prefix GIVEN
// RUN: sed 's/"thorough"/"default"/' %s | xnn-opt --tune-schedules | filecheck %s --check-prefix DEFAULT

// By itself the last layer is best in two blocks. Nothing runs after it: of four, the last is stored sooner.
module attributes {xnn.level = #xnn<level prim>, xnn.effort = "thorough"} {
  func.func @main(%x: tensor<1x32x16x16xf32> {xnn.name = "x"}) -> (tensor<1x32x16x16xf32> {xnn.name = "z"}) {
    %w = xnn.parameter "w" : tensor<8x32x1x1xf32>
    %v = xnn.parameter "v" : tensor<32x8x3x3xf32>
    %y = prim.matmul "y" "conv" ins(%w, %x : tensor<8x32x1x1xf32>, tensor<1x32x16x16xf32>) window <kernel = [1, 1]> -> tensor<1x8x16x16xf32>
    %z = prim.matmul "z" "conv" ins(%v, %y : tensor<32x8x3x3xf32>, tensor<1x8x16x16xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x32x16x16xf32>
    func.return %z : tensor<1x32x16x16xf32>
  }
  func.func @weights() -> (tensor<8x32x1x1xf32> {xnn.name = "w"}, tensor<32x8x3x3xf32> {xnn.name = "v"}) {
    %w = xnn.constant "w" dense<3.0> : tensor<8x32x1x1xf32>
    %v = xnn.constant "v" dense<3.0> : tensor<32x8x3x3xf32>
    func.return %w, %v : tensor<8x32x1x1xf32>, tensor<32x8x3x3xf32>
  }
}

// CHECK: prim.matmul "y" {{.*}} schedule <block = [1, 1, 8, 32, 16, 16], {{.*}}> local -> tensor
// CHECK: prim.matmul "z" {{.*}} schedule <block = [1, 1, 32, 8, 4, 16], {{.*}}> external -> tensor

// ALONE: prim.matmul "y" {{.*}} schedule <block = [1, 1, 8, 32, 16, 16], {{.*}}> local -> tensor
// ALONE: prim.matmul "z" {{.*}} schedule <block = [1, 1, 32, 8, 8, 16], {{.*}}> -> tensor

// What is given stays.
// GIVEN: prim.matmul "y" {{.*}} schedule <block = [1, 1, 8, 32, 16, 16]{{.*}}> external -> tensor

// DEFAULT: prim.matmul "y" {{.*}} window <kernel = [1, 1]> -> tensor
// DEFAULT: prim.matmul "z" {{.*}} -> tensor
