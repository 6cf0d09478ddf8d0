// RUN: xnn-opt %s --lower-to-primitives | filecheck %s
// RUN: xnn-opt %s -p optimize-graph,convert-to-primitives,hoist-weights,fuse-successors,fuse-predecessors,map-elementwise,wrap-general,choose-schedules,keep-feature-maps-local | filecheck %s

// Every operator becomes primitives with schedules, part of one, or a view.
func.func @main(%x : tensor<1x3x16x16xf32> {xnn.name = "x"}) -> (tensor<1x10xf32> {xnn.name = "y"}) {
  %w = xnn.constant "w" dense<0.5> : tensor<8x3x3x3xf32>
  %b = xnn.constant "b" dense<0.25> : tensor<8xf32>
  %conv = xnn.conv "conv" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x16x16xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x8x8x8xf32>
  %relu = xnn.relu "relu" %conv : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %mean = xnn.global_average_pool "mean" %relu : (tensor<1x8x8x8xf32>) -> tensor<1x8x1x1xf32>
  %flat = xnn.reshape "flat" %mean {shape = array<i64: 1, 8>} : (tensor<1x8x1x1xf32>) -> tensor<1x8xf32>
  %v = xnn.constant "v" dense<2.0> : tensor<10x8xf32>
  %logits = xnn.gemm "logits" %flat, %v {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<1x8xf32>, tensor<10x8xf32>) -> tensor<1x10xf32>
  %y = xnn.softmax "y" %logits {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  func.return %y : tensor<1x10xf32>
}

// CHECK:      func.func @main(%x: tensor<1x3x16x16xf32> {xnn.name = "x"}) -> (tensor<1x10xf32> {xnn.name = "y"}) {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<8x3x3x3xf32>
// CHECK-NEXT:   %b = xnn.parameter "b" : tensor<8xf32>
// CHECK-NEXT:   %relu = prim.matmul "relu" "conv" ins(%w, %x : tensor<8x3x3x3xf32>, tensor<1x3x16x16xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<8xf32>) {
// CHECK-NEXT:   ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:     %2 = arith.addf %0, %1 : f32
// CHECK-NEXT:     %3 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:     %4 = arith.maximumf %2, %3 : f32
// CHECK-NEXT:     prim.yield %4 : f32
// CHECK-NEXT:   } schedule <{{.*}}> local {layers = ["conv"]} -> tensor<1x8x8x8xf32>
// CHECK-NEXT:   %0 = xnn.parameter "mean#taps" : tensor<1x1x8x8xf32>
// CHECK-NEXT:   %mean = prim.matmul "mean" "average_pool" ins(%0, %relu : tensor<1x1x8x8xf32>, tensor<1x8x8x8xf32>) window <kernel = [8, 8], groups = 8> schedule <{{.*}}> local -> tensor<1x8x1x1xf32>
// CHECK-NEXT:   %flat = prim.view "flat" %mean : tensor<1x8x1x1xf32> to tensor<1x8xf32>
// CHECK-NEXT:   %v = xnn.parameter "v" : tensor<10x8xf32>
// CHECK-NEXT:   %logits = prim.matmul "logits" "gemm" ins(%v, %flat : tensor<10x8xf32>, tensor<1x8xf32>) window <> schedule <{{.*}}> local -> tensor<1x10xf32>
// CHECK-NEXT:   %1 = prim.reduce "y#max" "softmax" max ins(%logits : tensor<1x10xf32>) window <> schedule <{{.*}}> local -> tensor<1x1xf32>
// CHECK-NEXT:   %2 = prim.reduce "y#sum" "softmax" sum ins(%logits : tensor<1x10xf32>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%1 : tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%3: f32, %4: f32):
// CHECK-NEXT:     %5 = arith.subf %3, %4 : f32
// CHECK-NEXT:     %6 = math.exp %5 : f32
// CHECK-NEXT:     prim.yield %6 : f32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%7: f32):
// CHECK-NEXT:     %8 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:     %9 = arith.divf %8, %7 : f32
// CHECK-NEXT:     prim.yield %9 : f32
// CHECK-NEXT:   } schedule <{{.*}}> local -> tensor<1x1xf32>
// CHECK-NEXT:   %y = prim.map "y" "softmax" ins(%logits : tensor<1x10xf32>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%1, %2 : tensor<1x1xf32>, tensor<1x1xf32>) {
// CHECK-NEXT:   ^bb0(%3: f32, %4: f32, %5: f32):
// CHECK-NEXT:     %6 = arith.subf %3, %4 : f32
// CHECK-NEXT:     %7 = math.exp %6 : f32
// CHECK-NEXT:     %8 = arith.mulf %7, %5 : f32
// CHECK-NEXT:     prim.yield %8 : f32
// CHECK-NEXT:   } schedule <{{.*}}> -> tensor<1x10xf32>
// CHECK-NEXT:   func.return %y : tensor<1x10xf32>
// CHECK-NEXT: }
