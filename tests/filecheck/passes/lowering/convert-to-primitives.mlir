// RUN: xnn-opt %s --convert-to-primitives | filecheck %s
// RUN: xnn-opt %s --convert-to-primitives --convert-to-primitives | filecheck %s

func.func @main(%x: tensor<1x4x9x9xf32>, %a: tensor<3x4xf32>) -> tensor<1x6x5x5xf32> {
  %w = xnn.parameter "w" : tensor<6x2x3x3xf32>
  %b = xnn.parameter "b" : tensor<6xf32>
  %c = xnn.parameter "c" : tensor<3xf32>
  %half = xnn.constant "half" dense<0.5> : tensor<3x3xf32>

  // A convolution; a product with its factors; what is computed of constants alone stays.
  %y = xnn.conv "y" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>, layers = ["scale"]} : (tensor<1x4x9x9xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<1x6x5x5xf32>
  %square = xnn.gemm "square" %half, %half {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %gemm = xnn.gemm "gemm" %a, %square, %c {alpha = 0.5 : f32, beta = 2.0 : f32, trans_a = true, trans_b = false} : (tensor<3x4xf32>, tensor<3x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>

  // Means: an lhs that all channels share; windows over pads that do not count have fewer of them.
  %mean = xnn.global_average_pool "mean" %x : (tensor<1x4x9x9xf32>) -> tensor<1x4x1x1xf32>
  %average = xnn.average_pool "average" %x {count_include_pad = false, dilations = array<i64: 1, 1>, kernel_shape = array<i64: 2, 1>, pads = array<i64: 0, 0, 1, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x9x9xf32>) -> tensor<1x4x5x5xf32>

  // What moves data is a transfer, but for constants; a transposition that moves nothing is a view.
  %turned = xnn.transpose "turned" %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x9x9xf32>) -> tensor<1x9x9x4xf32>
  %unmoved = xnn.transpose "unmoved" %turned {perm = array<i64: 1, 0, 2, 3>} : (tensor<1x9x9x4xf32>) -> tensor<9x1x9x4xf32>
  %constant = xnn.transpose "constant" %half {perm = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>

  // Sorting and views. A concatenation is a placement of its inputs, wherever they come from.
  %pool = xnn.max_pool "pool" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x9x9xf32>) -> tensor<1x4x5x5xf32>
  %relu = xnn.relu "relu" %average : (tensor<1x4x5x5xf32>) -> tensor<1x4x5x5xf32>
  %cat = xnn.concat "cat" %pool, %relu {axis = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<1x4x5x5xf32>) -> tensor<1x8x5x5xf32>
  %later = xnn.concat "later" %y, %relu {axis = 1 : i64} : (tensor<1x6x5x5xf32>, tensor<1x4x5x5xf32>) -> tensor<1x10x5x5xf32>
  %neg = xnn.neg "neg" %x : (tensor<1x4x9x9xf32>) -> tensor<1x4x9x9xf32>
  %given = xnn.concat "given" %neg, %x {axis = 1 : i64} : (tensor<1x4x9x9xf32>, tensor<1x4x9x9xf32>) -> tensor<1x8x9x9xf32>
  %twice = xnn.concat "twice" %neg, %neg {axis = 1 : i64} : (tensor<1x4x9x9xf32>, tensor<1x4x9x9xf32>) -> tensor<1x8x9x9xf32>
  %flat = xnn.reshape "flat" %mean {shape = array<i64: 2, 2>} : (tensor<1x4x1x1xf32>) -> tensor<2x2xf32>
  %tanh = xnn.tanh "tanh" %flat : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %exp = xnn.exp "exp" %flat : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %inner = xnn.concat "inner" %tanh, %exp {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
  func.return %y : tensor<1x6x5x5xf32>
}

// CHECK:      func.func @main(%x: tensor<1x4x9x9xf32>, %a: tensor<3x4xf32>) -> tensor<1x6x5x5xf32> {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<6x2x3x3xf32>
// CHECK-NEXT:   %b = xnn.parameter "b" : tensor<6xf32>
// CHECK-NEXT:   %c = xnn.parameter "c" : tensor<3xf32>
// CHECK-NEXT:   %half = xnn.constant "half" dense<5.000000e-01> : tensor<3x3xf32>
// CHECK-NEXT:   %y = prim.matmul "y" "conv" ins(%w, %x : tensor<6x2x3x3xf32>, tensor<1x4x9x9xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 2> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<6xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     prim.yield %2 : f32
// CHECK-NEXT:   } {layers = ["scale"]} -> tensor<1x6x5x5xf32>
// CHECK-NEXT:   %square = xnn.gemm "square" %half, %half {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
// CHECK-NEXT:   %0 = prim.transfer "gemm#a" "transpose" %a offset 0 sizes [4, 3] strides [1, 4] : tensor<3x4xf32> to tensor<4x3xf32>
// CHECK-NEXT:   %1 = xnn.transpose "gemm#b" %square {perm = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
// CHECK-NEXT:   %gemm = prim.matmul "gemm" "gemm" ins(%1, %0 : tensor<3x3xf32>, tensor<4x3xf32>) window <> post [affine_map<(d0, d1) -> (d1)>](%c : tensor<3xf32>) {
// CHECK-NEXT:   ^bb0(%2: f32, %3: f32):
// CHECK-NEXT:     %4 = arith.constant 5.000000e-01 : f32
// CHECK-NEXT:     %5 = arith.mulf %2, %4 : f32
// CHECK-NEXT:     %6 = arith.constant 2.000000e+00 : f32
// CHECK-NEXT:     %7 = arith.mulf %3, %6 : f32
// CHECK-NEXT:     %8 = arith.addf %5, %7 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } -> tensor<4x3xf32>
// CHECK-NEXT:   %2 = xnn.constant "mean#taps" dense<0.0123456791> : tensor<1x1x9x9xf32>
// CHECK-NEXT:   %mean = prim.matmul "mean" "average_pool" ins(%2, %x : tensor<1x1x9x9xf32>, tensor<1x4x9x9xf32>) window <kernel = [9, 9], groups = 4> -> tensor<1x4x1x1xf32>
// CHECK-NEXT:   %3 = xnn.constant "average#taps" dense<1.000000e+00> : tensor<1x1x2x1xf32>
// CHECK-NEXT:   %4 = xnn.constant "average#share0" dense<[5.000000e-01, 5.000000e-01, 5.000000e-01, 5.000000e-01, 1.000000e+00]> : tensor<5xf32>
// CHECK-NEXT:   %average = prim.matmul "average" "average_pool" ins(%3, %x : tensor<1x1x2x1xf32>, tensor<1x4x9x9xf32>) window <kernel = [2, 1], strides = [2, 2], pads = [0, 1, 0, 0], groups = 4> post [affine_map<(d0, d1, d2, d3) -> (d2)>](%4 : tensor<5xf32>) {
// CHECK-NEXT:   ^bb0(%5: f32, %6: f32):
// CHECK-NEXT:     %7 = arith.mulf %5, %6 : f32
// CHECK-NEXT:     prim.yield %7 : f32
// CHECK-NEXT:   } -> tensor<1x4x5x5xf32>
// CHECK-NEXT:   %turned = prim.transfer "turned" "transpose" %x offset 0 sizes [81, 4] strides [1, 81] : tensor<1x4x9x9xf32> to tensor<1x9x9x4xf32>
// CHECK-NEXT:   %unmoved = prim.view "unmoved" %turned : tensor<1x9x9x4xf32> to tensor<9x1x9x4xf32>
// CHECK-NEXT:   %constant = xnn.transpose "constant" %half {perm = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
// CHECK-NEXT:   %pool = prim.sort "pool" "max_pool" ins(%x : tensor<1x4x9x9xf32>) window <kernel = [1, 1], strides = [2, 2]> -> tensor<1x4x5x5xf32>
// CHECK-NEXT:   %relu = xnn.relu "relu" %average : (tensor<1x4x5x5xf32>) -> tensor<1x4x5x5xf32>
// CHECK-NEXT:   %cat = prim.place "cat" %pool, %relu at [#prim.place_of<offset = 0, strides = [200, 25, 5, 1]>, #prim.place_of<offset = 100, strides = [200, 25, 5, 1]>] : (tensor<1x4x5x5xf32>, tensor<1x4x5x5xf32>) -> tensor<1x8x5x5xf32>
// CHECK-NEXT:   %later = prim.place "later" %y, %relu at [#prim.place_of<offset = 0, strides = [250, 25, 5, 1]>, #prim.place_of<offset = 150, strides = [250, 25, 5, 1]>] : (tensor<1x6x5x5xf32>, tensor<1x4x5x5xf32>) -> tensor<1x10x5x5xf32>
// CHECK-NEXT:   %neg = xnn.neg "neg" %x : (tensor<1x4x9x9xf32>) -> tensor<1x4x9x9xf32>
// CHECK-NEXT:   %given = prim.place "given" %neg, %x at [#prim.place_of<offset = 0, strides = [648, 81, 9, 1]>, #prim.place_of<offset = 324, strides = [648, 81, 9, 1]>] : (tensor<1x4x9x9xf32>, tensor<1x4x9x9xf32>) -> tensor<1x8x9x9xf32>
// CHECK-NEXT:   %twice = prim.place "twice" %neg, %neg at [#prim.place_of<offset = 0, strides = [648, 81, 9, 1]>, #prim.place_of<offset = 324, strides = [648, 81, 9, 1]>] : (tensor<1x4x9x9xf32>, tensor<1x4x9x9xf32>) -> tensor<1x8x9x9xf32>
// CHECK-NEXT:   %flat = prim.view "flat" %mean : tensor<1x4x1x1xf32> to tensor<2x2xf32>
// CHECK-NEXT:   %tanh = xnn.tanh "tanh" %flat : (tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:   %exp = xnn.exp "exp" %flat : (tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:   %inner = prim.place "inner" %tanh, %exp at [#prim.place_of<offset = 0, strides = [4, 1]>, #prim.place_of<offset = 2, strides = [4, 1]>] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:   func.return %y : tensor<1x6x5x5xf32>
// CHECK-NEXT: }
