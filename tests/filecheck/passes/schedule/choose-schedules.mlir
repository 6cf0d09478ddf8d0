// RUN: xnn-opt %s --choose-schedules | filecheck %s
// RUN: xnn-opt %s --choose-schedules | xnn-opt --choose-schedules | filecheck %s
// RUN: xnn-opt %s --set local.banks=4 --set local.rows=16 --choose-schedules | filecheck %s --check-prefix SMALL
// RUN: xnn-opt %s --set local.banks=4 --set local.rows=16 -p choose-schedules,convert-to-blocks,plan-memory | filecheck %s --check-prefix FITS
// RUN: not xnn-opt %s --set local.banks=1 --set local.rows=16 --choose-schedules 2>&1 | filecheck %s --check-prefix ERROR

// ERROR:      error: layer "conv" needs at least 1408 bytes of local memory, but the target has 1024; its largest buffer, lhs, takes 576 bytes
// ERROR-NEXT: hint: a larger [local] memory: more banks, rows or row_bytes

func.func @main(%x: tensor<1x16x16x16xf32>) -> tensor<1x32xf32> {
  %w = xnn.parameter "w" : tensor<32x16x3x3xf32>
  %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<32x16x3x3xf32>, tensor<1x16x16x16xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x32x16x16xf32>
  %fixed = prim.sort "fixed" "max_pool" ins(%conv : tensor<1x32x16x16xf32>) window <kernel = [4, 4], strides = [4, 4]> schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, order = output_stationary, groups_per_tile = 1, slots = 3> -> tensor<1x32x4x4xf32>
  %pool = prim.sort "pool" "max_pool" ins(%fixed : tensor<1x32x4x4xf32>) window <kernel = [4, 4]> -> tensor<1x32x1x1xf32>
  %flat = prim.view "flat" %pool : tensor<1x32x1x1xf32> to tensor<1x32xf32>
  %y = prim.general "y" ins(%flat : tensor<1x32xf32>) {
  ^bb0(%0: tensor<1x32xf32>):
    %1 = xnn.relu "y" %0 : (tensor<1x32xf32>) -> tensor<1x32xf32>
    prim.yield %1 : tensor<1x32xf32>
  } -> tensor<1x32xf32>
  func.return %y : tensor<1x32xf32>
}

// A module without a target gets `edge`. What has no schedule gets one; "fixed" keeps its own.
// CHECK:      builtin.module attributes {xnn.target = {name = "edge"
// CHECK-NEXT:   func.func @main(%x: tensor<1x16x16x16xf32>) -> tensor<1x32xf32> {
// CHECK-NEXT:     %w = xnn.parameter "w" : tensor<32x16x3x3xf32>
// CHECK-NEXT:     %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<32x16x3x3xf32>, tensor<1x16x16x16xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 1, 32, 16, 4, 16], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> -> tensor<1x32x16x16xf32>
// CHECK-NEXT:     %fixed = prim.sort "fixed" "max_pool" ins(%conv : tensor<1x32x16x16xf32>) window <kernel = [4, 4], strides = [4, 4]> schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> -> tensor<1x32x4x4xf32>
// CHECK-NEXT:     %pool = prim.sort "pool" "max_pool" ins(%fixed : tensor<1x32x4x4xf32>) window <kernel = [4, 4]> schedule <block = [1, 32, 1, 1, 1, 1], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> -> tensor<1x32x1x1xf32>
// CHECK-NEXT:     %flat = prim.view "flat" %pool : tensor<1x32x1x1xf32> to tensor<1x32xf32>
// CHECK-NEXT:     %y = prim.general "y" ins(%flat : tensor<1x32xf32>) {
// CHECK-NEXT:     ^bb0(%0: tensor<1x32xf32>):
// CHECK-NEXT:       %1 = xnn.relu "y" %0 : (tensor<1x32xf32>) -> tensor<1x32xf32>
// CHECK-NEXT:       prim.yield %1 : tensor<1x32xf32>
// CHECK-NEXT:     } -> tensor<1x32xf32>
// CHECK-NEXT:     func.return %y : tensor<1x32xf32>

// 4 KiB: the same layer in smaller blocks, of one input channel at a time, and all of them have room.
// SMALL:      prim.matmul "conv" {{.*}} schedule <block = [1, 1, 16, 1, {{[0-9]+}}, {{[0-9]+}}], outermost = {{.*}}, slots = 2>
// SMALL-NEXT: prim.sort "fixed" {{.*}} schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 3>
// FITS:       dma.blocks "conv" [{{.*}}] reduce
// FITS:       dma.blocks "fixed" [2, 2, 8]
// FITS:       dma.blocks "pool"
