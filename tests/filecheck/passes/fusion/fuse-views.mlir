// RUN: xnn-opt %s --fuse-successors --fuse-predecessors | filecheck %s

// Through views: dimensions of size 1 come and go, others may be joined or divided if no operand depends on their index.
func.func @main(%x: tensor<1x4x2x3xf32>, %r: tensor<4x2x3xf32>, %c: tensor<3xf32>, %k: tensor<8x1xf32>) -> (tensor<4x2x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x3xf32>) {
  // After: indices of the operands are those of the primitive's result.
  %a = prim.sort "a" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x4x2x3xf32>
  %av = prim.view "av" %a : tensor<1x4x2x3xf32> to tensor<4x2x3xf32>
  %b = xnn.add "b" %av, %r : (tensor<4x2x3xf32>, tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %d = xnn.relu "d" %b : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>

  // Another shape: with no index that is needed, with one that is the same, and with one that is not.
  %e = prim.sort "e" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x4x2x3xf32>
  %ev = prim.view "ev" %e : tensor<1x4x2x3xf32> to tensor<8x3xf32>
  %f = xnn.relu "f" %ev : (tensor<8x3xf32>) -> tensor<8x3xf32>
  %g = prim.sort "g" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x4x2x3xf32>
  %gv = prim.view "gv" %g : tensor<1x4x2x3xf32> to tensor<8x3xf32>
  %h = xnn.mul "h" %gv, %c : (tensor<8x3xf32>, tensor<3xf32>) -> tensor<8x3xf32>
  %i = prim.sort "i" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x4x2x3xf32>
  %iv = prim.view "iv" %i : tensor<1x4x2x3xf32> to tensor<8x3xf32>
  %j = xnn.mul "j" %iv, %k : (tensor<8x3xf32>, tensor<8x1xf32>) -> tensor<8x3xf32>

  // Before: the primitive sees the operand through a view.
  %s = xnn.relu "s" %r : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %sv = prim.view "sv" %s : tensor<4x2x3xf32> to tensor<1x4x2x3xf32>
  %t = prim.reduce "t" "sum" sum ins(%sv : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x1x2x3xf32>

  // Not if something else uses the value or the view.
  %u = xnn.neg "u" %r : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %uv = prim.view "uv" %u : tensor<4x2x3xf32> to tensor<1x8x3xf32>
  %v = prim.reduce "v" "sum" sum ins(%uv : tensor<1x8x3xf32>) window <kernel = [1]> -> tensor<1x1x3xf32>
  %w = prim.reduce "w" "sum" max ins(%uv : tensor<1x8x3xf32>) window <kernel = [1]> -> tensor<1x1x3xf32>
  %y = xnn.add "y" %v, %w : (tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> tensor<1x1x3xf32>
  func.return %d, %f, %h, %j, %t, %y : tensor<4x2x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x3xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x2x3xf32>, %r: tensor<4x2x3xf32>, %c: tensor<3xf32>, %k: tensor<8x1xf32>) -> (tensor<4x2x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x3xf32>) {
// CHECK-NEXT:   %d = prim.sort "d" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1, d2, d3)>](%r : tensor<4x2x3xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     %3 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %4 = arith.maximumf %2, %3 : f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } {layers = ["a", "b"]} -> tensor<1x4x2x3xf32>
// CHECK-NEXT:   %d_1 = prim.view "d" %d : tensor<1x4x2x3xf32> to tensor<4x2x3xf32>
// CHECK-NEXT:   %f = prim.sort "f" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT:   ^bb0(%0: f32):
// CHECK-NEXT:     %1 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %2 = arith.maximumf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["e"]} -> tensor<1x4x2x3xf32>
// CHECK-NEXT:   %f_1 = prim.view "f" %f : tensor<1x4x2x3xf32> to tensor<8x3xf32>
// CHECK-NEXT:   %h = prim.sort "h" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d3)>](%c : tensor<3xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.mulf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["g"]} -> tensor<1x4x2x3xf32>
// CHECK-NEXT:   %h_1 = prim.view "h" %h : tensor<1x4x2x3xf32> to tensor<8x3xf32>
// CHECK-NEXT:   %i = prim.sort "i" "max_pool" ins(%x : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> -> tensor<1x4x2x3xf32>
// CHECK-NEXT:   %iv = prim.view "iv" %i : tensor<1x4x2x3xf32> to tensor<8x3xf32>
// CHECK-NEXT:   %j = xnn.mul "j" %iv, %k : (tensor<8x3xf32>, tensor<8x1xf32>) -> tensor<8x3xf32>
// CHECK-NEXT:   %0 = prim.view "t#rhs" %r : tensor<4x2x3xf32> to tensor<1x4x2x3xf32>
// CHECK-NEXT:   %t = prim.reduce "t" "sum" sum ins(%0 : tensor<1x4x2x3xf32>) window <kernel = [1, 1]> pre [](:) {
// CHECK-NEXT:   ^bb0(%1: f32):
// CHECK-NEXT:     %2 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %3 = arith.maximumf %1, %2 : f32
// CHECK-NEXT:     prim.yield %3 : f32
// CHECK-NEXT:   } {layers = ["s"]} -> tensor<1x1x2x3xf32>
// CHECK-NEXT:   %u = xnn.neg "u" %r : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
// CHECK-NEXT:   %uv = prim.view "uv" %u : tensor<4x2x3xf32> to tensor<1x8x3xf32>
// CHECK-NEXT:   %v = prim.reduce "v" "sum" sum ins(%uv : tensor<1x8x3xf32>) window <kernel = [1]> -> tensor<1x1x3xf32>
// CHECK-NEXT:   %y = prim.reduce "y" "sum" max ins(%uv : tensor<1x8x3xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, d1, d2)>](%v : tensor<1x1x3xf32>) {
// CHECK-NEXT:   ^bb0(%1: f32, %2: f32):
// CHECK-NEXT:     %3 = arith.addf %2, %1 : f32
// CHECK-NEXT:     prim.yield %3 : f32
// CHECK-NEXT:   } {layers = ["w"]} -> tensor<1x1x3xf32>
// CHECK-NEXT:   func.return %d_1, %f_1, %h_1, %j, %t, %y : tensor<4x2x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<8x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x3xf32>
// CHECK-NEXT: }
