// RUN: xnn-opt %s --set local.banks=8 --set local.rows=16 --keep-feature-maps-local | filecheck %s
// RUN: xnn-opt %s --set local.banks=8 --set local.rows=16 --keep-feature-maps-local --keep-feature-maps-local | filecheck %s
// RUN: xnn-opt %s --set local.banks=5 --set local.rows=16 --keep-feature-maps-local | filecheck %s --check-prefix TIGHT

// 8 banks of 1 KiB. "big" is too large, "seen" an operand of general compute and "r" its result, "y"
// leaves the network: only "small", which is read through a view, and "next" stay. In 5 banks only
// "next" does: 4 KiB of "small" and slices of 2 KiB are more.

// CHECK:      prim.sort "big" {{.*}} slots = 2> -> tensor<1x64x8x8xf32>
// CHECK-NEXT: prim.sort "small" {{.*}} slots = 2> local -> tensor<1x64x4x4xf32>
// CHECK-NEXT: prim.view "flat"
// CHECK-NEXT: prim.sort "next" {{.*}} slots = 2> local -> tensor<1x64x4xf32>
// CHECK-NEXT: prim.sort "seen" {{.*}} slots = 2> -> tensor<1x64x4xf32>
// CHECK:      } -> tensor<1x64x4xf32>
// CHECK-NEXT: prim.sort "y" {{.*}} slots = 2> -> tensor<1x64x4xf32>

// TIGHT:      prim.sort "small" {{.*}} slots = 2> -> tensor<1x64x4x4xf32>
// TIGHT:      prim.sort "next" {{.*}} slots = 2> local -> tensor<1x64x4xf32>

func.func @main(%x: tensor<1x64x8x8xf32>) -> tensor<1x64x4xf32> {
  %big = prim.sort "big" "max_pool" ins(%x : tensor<1x64x8x8xf32>) window <kernel = [1, 1]> schedule <block = [1, 4, 1, 1, 8, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x8x8xf32>
  %small = prim.sort "small" "max_pool" ins(%big : tensor<1x64x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> schedule <block = [1, 4, 1, 1, 4, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x4x4xf32>
  %flat = prim.view "flat" %small : tensor<1x64x4x4xf32> to tensor<1x64x16xf32>
  %next = prim.sort "next" "max_pool" ins(%flat : tensor<1x64x16xf32>) window <kernel = [4], strides = [4]> schedule <block = [1, 4, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x4xf32>
  %seen = prim.sort "seen" "max_pool" ins(%next : tensor<1x64x4xf32>) window <kernel = [1]> schedule <block = [1, 16, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x4xf32>
  %r = prim.general "r" ins(%seen : tensor<1x64x4xf32>) {
  ^bb0(%0: tensor<1x64x4xf32>):
    %1 = xnn.relu "r" %0 : (tensor<1x64x4xf32>) -> tensor<1x64x4xf32>
    prim.yield %1 : tensor<1x64x4xf32>
  } -> tensor<1x64x4xf32>
  %y = prim.sort "y" "max_pool" ins(%r : tensor<1x64x4xf32>) window <kernel = [1]> schedule <block = [1, 64, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x4xf32>
  func.return %y : tensor<1x64x4xf32>
}
