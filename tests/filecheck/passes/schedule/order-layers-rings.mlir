// RUN: xnn-opt %s --xnn-target --convert-to-blocks --order-layers | filecheck %s
// RUN: sed 's/local rows 3/local rows 4/' %s | xnn-opt --xnn-target --convert-to-blocks --order-layers | filecheck %s --check-prefix MORE
// RUN: sed 's/1, 1, 1, 8\], outermost/1, 1, 4, 8], outermost/; s/local rows 3/local rows 4/' %s | not xnn-opt --xnn-target --convert-to-blocks --order-layers 2>&1 | filecheck %s --check-prefix SMALL

// A row of "z" needs three of "y", of which three exist: no row of "y" takes the place of one that is needed.
// With four, "y" is a row ahead.

// CHECK:      dma.order {
// CHECK-NEXT:   dma.run "y" blocks 3 ahead 1 behind 0
// CHECK-NEXT:   dma.run "z" blocks 1 ahead 0 behind 0
// CHECK-NEXT:   dma.run "y" blocks 1 ahead 1 behind 0
// CHECK-NEXT:   dma.run "z" blocks 1 ahead 0 behind 0
// CHECK-NEXT:   dma.run "y" blocks 2 ahead 1 behind 0
// CHECK-NEXT:   dma.run "z" blocks 1 ahead 0 behind 0
// CHECK-NEXT:   dma.run "y" blocks 2 ahead 1 behind 0
// CHECK-NEXT:   dma.run "z" blocks 1 ahead 0 behind 0
// CHECK-NEXT: }

// MORE:      dma.order {
// MORE-NEXT:   dma.run "y" blocks 4
// MORE-NEXT:   dma.run "z" blocks 1

// SMALL:      {{.*}}: error: ring too small: its users, layers "y", "z", need 5 rows of buffer "y", 1280 bytes, which has 4, 1024 bytes
// SMALL-NEXT: hint: more rows, lower blocks, or blocks whose outermost loop is over positions

func.func @main(%x: tensor<1x8x8x8xf32>) -> tensor<1x8x4x4xf32> {
  %y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 1, 8], outermost = positions, slots = 2> local rows 3 -> tensor<1x8x8x8xf32>
  %z = prim.sort "z" "max_pool" ins(%y : tensor<1x8x8x8xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> schedule <block = [1, 8, 1, 1, 1, 4], outermost = positions, slots = 2> -> tensor<1x8x4x4xf32>
  func.return %z : tensor<1x8x4x4xf32>
}
