// RUN: xnn-opt %s --fuse-predecessors | filecheck %s
// RUN: xnn-opt %s --convert-to-primitives --fuse-predecessors | filecheck %s --check-prefix CONVERTED

func.func @main(%x: tensor<1x4x8x8xf32>, %z: tensor<1x4x8x8xf32>) -> (tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>, tensor<2x4x8x8xf32>) {
  %w = xnn.parameter "w" : tensor<6x4x3x3xf32>
  %bias = xnn.parameter "bias" : tensor<6xf32>
  %scale = xnn.parameter "scale" : tensor<4x1x1xf32>
  %shift = xnn.parameter "shift" : tensor<4x1x1xf32>
  %two = xnn.parameter "two" : tensor<2x1x1x1xf32>

  // DenseNet: batch norm and ReLU before a convolution. Their source has other users.
  %mul = xnn.mul "mul" %x, %scale {layers = ["bn"]} : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %sub = xnn.sub "sub" %shift, %mul : (tensor<4x1x1xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %relu = xnn.relu "relu" %sub : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %y = prim.matmul "y" "conv" ins(%w, %relu : tensor<6x4x3x3xf32>, tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> pre [](:) {
  ^bb0(%0: f32):
    %1 = math.tanh %0 : f32
    prim.yield %1 : f32
  } post [affine_map<(d0, d1, d2, d3) -> (d1)>](%bias : tensor<6xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } {layers = ["tanh", "conv"]} -> tensor<1x6x8x8xf32>

  // The same before an operator that becomes a primitive only in the second run.
  %mul_1 = xnn.mul "mul_1" %x, %scale : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %add_1 = xnn.add "add_1" %mul_1, %shift : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %relu_1 = xnn.relu "relu_1" %add_1 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %conv = xnn.conv "conv" %relu_1, %w, %bias {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<1x6x8x8xf32>

  // Nothing to fuse: two streams; a second use; a source of another shape.
  %sum = xnn.add "sum" %x, %z : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %a = prim.matmul "a" "conv" ins(%w, %sum : tensor<6x4x3x3xf32>, tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x6x8x8xf32>
  %neg = xnn.neg "neg" %x : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %b = prim.sort "b" "max_pool" ins(%neg : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
  %grown = xnn.mul "grown" %x, %two : (tensor<1x4x8x8xf32>, tensor<2x1x1x1xf32>) -> tensor<2x4x8x8xf32>
  %c = prim.sort "c" "max_pool" ins(%grown : tensor<2x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<2x4x8x8xf32>
  func.return %y, %conv, %a, %neg, %b, %c : tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>, tensor<2x4x8x8xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x8x8xf32>, %z: tensor<1x4x8x8xf32>) -> (tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>, tensor<2x4x8x8xf32>) {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<6x4x3x3xf32>
// CHECK-NEXT:   %bias = xnn.parameter "bias" : tensor<6xf32>
// CHECK-NEXT:   %scale = xnn.parameter "scale" : tensor<4x1x1xf32>
// CHECK-NEXT:   %shift = xnn.parameter "shift" : tensor<4x1x1xf32>
// CHECK-NEXT:   %two = xnn.parameter "two" : tensor<2x1x1x1xf32>
// CHECK-NEXT:   %y = prim.matmul "y" "conv" ins(%w, %x : tensor<6x4x3x3xf32>, tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>, affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%shift, %scale : tensor<4x1x1xf32>, tensor<4x1x1xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32, %2: f32):
// CHECK-NEXT:     %3 = arith.mulf %0, %2 : f32
// CHECK-NEXT:     %4 = arith.subf %1, %3 : f32
// CHECK-NEXT:     %5 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %6 = arith.maximumf %4, %5 : f32
// CHECK-NEXT:     %7 = math.tanh %6 : f32
// CHECK-NEXT:     prim.yield %7 : f32
// CHECK-NEXT:   } post [affine_map<(d0, d1, d2, d3) -> (d1)>](%bias : tensor<6xf32>) {
// CHECK-NEXT:   ^bb0(%8: f32, %9: f32):
// CHECK-NEXT:     %10 = arith.addf %8, %9 : f32
// CHECK-NEXT:     prim.yield %10 : f32
// CHECK-NEXT:   } {layers = ["bn", "mul", "sub", "relu", "tanh", "conv"]} -> tensor<1x6x8x8xf32>
// CHECK-NEXT:   %mul = xnn.mul "mul_1" %x, %scale : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %add = xnn.add "add_1" %mul, %shift : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %relu = xnn.relu "relu_1" %add : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %conv = xnn.conv "conv" %relu, %w, %bias {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<1x6x8x8xf32>
// CHECK-NEXT:   %sum = xnn.add "sum" %x, %z : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %a = prim.matmul "a" "conv" ins(%w, %sum : tensor<6x4x3x3xf32>, tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x6x8x8xf32>
// CHECK-NEXT:   %neg = xnn.neg "neg" %x : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
// CHECK-NEXT:   %b = prim.sort "b" "max_pool" ins(%neg : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
// CHECK-NEXT:   %grown = xnn.mul "grown" %x, %two : (tensor<1x4x8x8xf32>, tensor<2x1x1x1xf32>) -> tensor<2x4x8x8xf32>
// CHECK-NEXT:   %c = prim.sort "c" "max_pool" ins(%grown : tensor<2x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<2x4x8x8xf32>
// CHECK-NEXT:   func.return %y, %conv, %a, %neg, %b, %c : tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x6x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>, tensor<2x4x8x8xf32>
// CHECK-NEXT: }

// CONVERTED:        %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<6x4x3x3xf32>, tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>, affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%shift, %scale : tensor<4x1x1xf32>, tensor<4x1x1xf32>) {
// CONVERTED-NEXT:   ^bb0(%0: f32, %1: f32, %2: f32):
// CONVERTED-NEXT:     %3 = arith.mulf %0, %2 : f32
// CONVERTED-NEXT:     %4 = arith.addf %3, %1 : f32
// CONVERTED-NEXT:     %5 = arith.constant 0.000000e+00 : f32
// CONVERTED-NEXT:     %6 = arith.maximumf %4, %5 : f32
// CONVERTED-NEXT:     prim.yield %6 : f32
// CONVERTED-NEXT:   } post [affine_map<(d0, d1, d2, d3) -> (d1)>](%bias : tensor<6xf32>) {
// CONVERTED-NEXT:   ^bb0(%7: f32, %8: f32):
// CONVERTED-NEXT:     %9 = arith.addf %7, %8 : f32
// CONVERTED-NEXT:     prim.yield %9 : f32
// CONVERTED-NEXT:   } {layers = ["mul_1", "add_1", "relu_1"]} -> tensor<1x6x8x8xf32>
// CONVERTED-NEXT:   %sum = xnn.add "sum"
