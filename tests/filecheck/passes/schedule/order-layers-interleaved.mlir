// RUN: xnn-opt %s --xnn-target --convert-to-blocks --order-layers | filecheck %s
// RUN: xnn-opt %s --set local.banks=2 --set local.rows=960 --convert-to-blocks --order-layers | filecheck %s --check-prefix TIGHT

// A block of the pooling "p" runs beside the next block of "y", as soon as the two blocks of "y" that it
// needs are there; so does the pooling "q" of an input. The product "z" needs all of "p". Where local
// memory has no room for the slices of "q" meanwhile, one layer runs after the other.

// CHECK:      dma.order {
// CHECK-NEXT:   dma.run "y" blocks 1 ahead 1 behind 0
// CHECK-NEXT:   dma.run "q" ahead 0 behind 0
// CHECK-NEXT:   dma.run "y" blocks 2 ahead 1 behind 0
// CHECK-NEXT:   dma.run "p" blocks 1 ahead 0 behind 0
// CHECK-NEXT:   dma.run "y" blocks 1 ahead 1 behind 0
// CHECK-NEXT:   dma.run "p" blocks 1 ahead 0 behind 0
// CHECK-NEXT:   dma.run "z" ahead 0 behind 0
// CHECK-NEXT: }

// TIGHT:      dma.order {
// TIGHT-NEXT:   dma.run "y" ahead 1 behind 0
// TIGHT-NEXT:   dma.run "p" ahead 0 behind 0

func.func @main(%x: tensor<1x16x16x16xf32>, %w: tensor<64x16x3x3xf32>, %v: tensor<16x64x1x1xf32>) -> (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<64x16x3x3xf32>, tensor<1x16x16x16xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 1, 64, 16, 4, 16], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> local -> tensor<1x64x16x16xf32>
  %p = prim.sort "p" "max_pool" ins(%y : tensor<1x64x16x16xf32>) window <kernel = [2, 2], strides = [2, 2]> schedule <block = [1, 64, 1, 1, 4, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> local -> tensor<1x64x8x8xf32>
  %z = prim.matmul "z" "conv" ins(%v, %p : tensor<16x64x1x1xf32>, tensor<1x64x8x8xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 16, 64, 8, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x16x8x8xf32>
  %q = prim.sort "q" "max_pool" ins(%x : tensor<1x16x16x16xf32>) window <kernel = [2, 2], strides = [2, 2]> schedule <block = [1, 16, 1, 1, 8, 8], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x16x8x8xf32>
  func.return %z, %q : tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>
}
