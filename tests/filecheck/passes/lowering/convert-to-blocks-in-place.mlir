// RUN: xnn-opt %s --xnn-target --convert-to-blocks | filecheck %s
// RUN: sed 's/local pitch 64/external/' %s | xnn-opt --xnn-target --convert-to-blocks | filecheck %s --check-prefix EXTERNAL
// RUN: sed 's/return %%z : tensor<1x8x6x6xui8>/return %%a : tensor<1x8x6x6xi8>/; s/-> tensor<1x8x6x6xui8> {$/-> tensor<1x8x6x6xi8> {/' %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix LATER
// RUN: not xnn-opt %s --xnn-target --schedule b=in_place --force-schedules 2>&1 | filecheck %s --check-prefix NONE

// "y" takes the place of "a", which it reads element by element: elements of another type of the same size.
func.func @main(%x: tensor<1x8x6x6xi8>) -> tensor<1x8x6x6xui8> {
  %a = prim.sort "a" "max_pool" ins(%x : tensor<1x8x6x6xi8>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 6, 6]> local pitch 64 -> tensor<1x8x6x6xi8>
  %b = prim.sort "b" "max_pool" ins(%a : tensor<1x8x6x6xi8>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 8, 1, 1, 6, 6]> local -> tensor<1x8x6x6xi8>
  %y = prim.sort "y" "max_pool" ins(%b : tensor<1x8x6x6xi8>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%a : tensor<1x8x6x6xi8>) {
  ^bb0(%0: i8, %1: i8):
    %2 = prim.convert %1 : i8 to ui8
    prim.yield %2 : ui8
  } schedule <block = [1, 4, 1, 1, 6, 6]> in_place -> tensor<1x8x6x6xui8>
  %z = prim.sort "z" "max_pool" ins(%y : tensor<1x8x6x6xui8>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 6, 6]> -> tensor<1x8x6x6xui8>
  func.return %z : tensor<1x8x6x6xui8>
}

// CHECK:      [[A:%[0-9]+]] = dma.alloc "a" : memref<1x8x6x6xi8, strided<[512, 64, 6, 1]>, #dma.local>
// CHECK:      [[Y:%[0-9]+]] = dma.view [[A]] offset 0 : {{.*}} to memref<1x8x6x6xui8, strided<[512, 64, 6, 1]>, #dma.local>
// CHECK-NEXT: dma.blocks "y" [2]
// CHECK:        dma.slice [[A]] at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 6, 6]
// CHECK-NEXT:   dma.slice [[Y]] at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 6, 6]
// CHECK:      dma.blocks "z"
// CHECK-NEXT:   dma.slice [[Y]]

// EXTERNAL:   [[A:%[0-9]+]] = dma.alloc "a" : memref<1x8x6x6xi8, #dma.external>
// EXTERNAL:   [[Y:%[0-9]+]] = dma.view [[A]] offset 0 : {{.*}} to memref<1x8x6x6xui8, #dma.external>
// EXTERNAL:   dma.store {{.*}} to [[Y]] at

// LATER: error: layer "y": its result cannot take the place of an operand: post has none of the same size that blocks read just where they write, and that nothing reads later
// NONE:  error: layer "b": its result cannot take the place of an operand
