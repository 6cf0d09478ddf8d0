// RUN: xnn-opt %s --fuse-successors | filecheck %s
// RUN: xnn-opt %s --fuse-successors --fuse-successors | filecheck %s

func.func @main(%x: tensor<1x4x8x8xf32>, %r: tensor<1x8x8x8xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<2x8x8x8xf32>) {
  %w = xnn.parameter "w" : tensor<8x4x1x1xf32>
  %b = xnn.parameter "b" : tensor<8x1x1xf32>
  %two = xnn.parameter "two" : tensor<2x8x1x1xf32>

  // Subtraction from a bias that broadcasts, ReLU, clip: one primitive, with operands and operators in their order.
  %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<8x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %biased = xnn.sub "biased" %b, %conv {layers = ["shift"]} : (tensor<8x1x1xf32>, tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %relu = xnn.relu "relu" %biased : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %y = xnn.clip "y" %relu {max = 6.0 : f32} : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>

  // A residual of two candidates: the later one takes the sum in, and reads the earlier one's result.
  %left = prim.matmul "left" "conv" ins(%w, %x : tensor<8x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %right = prim.sort "right" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %sum = xnn.add "sum" %right, %left : (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>

  // An operator that uses a result twice.
  %used = prim.sort "used" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %twice = xnn.add "twice" %used, %used : (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  // Nothing to fuse: a second use by the outside; a result of another shape.
  %out = prim.sort "out" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %neg = xnn.neg "neg" %out : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %both = xnn.add "both" %neg, %twice : (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %once = prim.sort "once" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
  %grown = xnn.mul "grown" %once, %two : (tensor<1x8x8x8xf32>, tensor<2x8x1x1xf32>) -> tensor<2x8x8x8xf32>
  func.return %y, %sum, %both, %out, %grown : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<2x8x8x8xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x8x8xf32>, %r: tensor<1x8x8x8xf32>) -> (tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<2x8x8x8xf32>) {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<8x4x1x1xf32>
// CHECK-NEXT:   %b = xnn.parameter "b" : tensor<8x1x1xf32>
// CHECK-NEXT:   %two = xnn.parameter "two" : tensor<2x8x1x1xf32>
// CHECK-NEXT:   %y = prim.matmul "y" "conv" ins(%w, %x : tensor<8x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%b : tensor<8x1x1xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.subf %1, %0 : f32
// CHECK-NEXT:     %3 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %4 = arith.maximumf %2, %3 : f32
// CHECK-NEXT:     %5 = arith.constant 6.000000e+00 : f32
// CHECK-NEXT:     %6 = arith.minimumf %4, %5 : f32
// CHECK-NEXT:     prim.yield %6 : f32
// CHECK-NEXT:   } {layers = ["conv", "shift", "biased", "relu"]} -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %left = prim.matmul "left" "conv" ins(%w, %x : tensor<8x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %sum = prim.sort "sum" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%left : tensor<1x8x8x8xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["right"]} -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %out = prim.sort "out" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %neg = xnn.neg "neg" %out : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %both = prim.sort "both" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%neg : tensor<1x8x8x8xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %0 : f32
// CHECK-NEXT:     %3 = arith.addf %1, %2 : f32
// CHECK-NEXT:     prim.yield %3 : f32
// CHECK-NEXT:   } {layers = ["used", "twice"]} -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %once = prim.sort "once" "max_pool" ins(%r : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %grown = xnn.mul "grown" %once, %two : (tensor<1x8x8x8xf32>, tensor<2x8x1x1xf32>) -> tensor<2x8x8x8xf32>
// CHECK-NEXT:   func.return %y, %sum, %both, %out, %grown : tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<1x8x8x8xf32>, tensor<2x8x8x8xf32>
// CHECK-NEXT: }
