// RUN: xnn-opt %s --xnn-target --convert-to-blocks | filecheck %s
// RUN: sed 's/local rows 3/local rows 2/' %s | not xnn-opt --xnn-target --convert-to-blocks --order-layers 2>&1 | filecheck %s --check-prefix TALL
// RUN: sed 's/prim.sort "z".*/prim.view "z" %%y : tensor<1x8x8x8xf32> to tensor<1x32x4x4xf32>/; s/1x8x4x4/1x32x4x4/' %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix VIEW
// RUN: sed 's/return %%z/return %%y/; s/<1x8x4x4xf32> {$/<1x8x8x8xf32> {/; s/return \(.*\)4x4/return \18x8/' %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix OUT

// TALL: error: {{.*}}ring too small: layer "z" needs 3 rows of buffer "y", which has 2
// VIEW: {{.*}}: error: layer "y": its result cannot lie in a ring of rows, for "z" needs it whole
// OUT:  {{.*}}: error: layer "y": its result cannot lie in a ring of rows, for the outside needs it whole

// Three rows of "y" exist at a time: its blocks write them, and those of "z" read them, where they lie.
func.func @main(%x: tensor<1x8x8x8xf32>) -> tensor<1x8x4x4xf32> {
  %y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x8x8xf32>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 1, 8], outermost = positions, slots = 2> local rows 3 -> tensor<1x8x8x8xf32>
  %z = prim.sort "z" "max_pool" ins(%y : tensor<1x8x8x8xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> schedule <block = [1, 8, 1, 1, 1, 4], outermost = positions, slots = 2> -> tensor<1x8x4x4xf32>
  func.return %z : tensor<1x8x4x4xf32>
}

// CHECK:      %0 = dma.alloc "y" : memref<1x8x3x8xf32, #dma.local>
// CHECK-NEXT: %1 = dma.ring %0 dim 2 : memref<1x8x3x8xf32, #dma.local> to memref<1x8x8x8xf32, strided<[192, 24, 8, 1]>, #dma.local>
// CHECK-NEXT: dma.blocks "y" [8]
// CHECK:        %3 = dma.slice %1 at affine_map<(d0) -> (0, 0, d0, 0)> [1, 8, 1, 8] :
// CHECK:      dma.blocks "z" [4]
// CHECK-NEXT:   %5 = dma.slice %1 at affine_map<(d0) -> (0, 0, ((d0 * 2) + -1), -1)> [1, 8, 3, 9] :
