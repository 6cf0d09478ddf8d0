// RUN: xnn-opt %s --xnn-target --convert-to-blocks | filecheck %s

// What is local is neither loaded nor stored: slices of it are used in place, also those of an operand that
// would be loaded whole, and of a part of "c". Transfers copy.
func.func @main(%x: tensor<4x8x4xf32>, %t: tensor<8x4xf32>, %i: tensor<4xi64>) -> tensor<4x4x4xf32> {
  %a = prim.sort "a" "max_pool" ins(%x : tensor<4x8x4xf32>) window <kernel = [1]> schedule <block = [4, 8, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> local -> tensor<4x8x4xf32>
  %b = prim.transfer "b" "slice" %a offset 0 sizes [4, 16] strides [32, 1] schedule <block = [2, 16], slots = 2> : tensor<4x8x4xf32> to tensor<4x4x4xf32>
  %g = prim.gather "g" "gather" %t by %i axis 0 schedule <block = [1, 4, 4], slots = 2> : tensor<8x4xf32>, tensor<4xi64> to tensor<4x4xf32>
  %e = prim.view "e" %g : tensor<4x4xf32> to tensor<4x1x4xf32>
  %f = prim.transfer "f" "slice" %a offset 16 sizes [4, 12] strides [32, 1] schedule <block = [4, 12], slots = 2> : tensor<4x8x4xf32> to tensor<4x3x4xf32>
  %c = prim.place "c" %b, %e, %f at [#prim.place_of<offset = 0, strides = [32, 4, 1]>, #prim.place_of<offset = 16, strides = [32, 4, 1]>, #prim.place_of<offset = 20, strides = [32, 4, 1]>] local : (tensor<4x4x4xf32>, tensor<4x1x4xf32>, tensor<4x3x4xf32>) -> tensor<4x8x4xf32>
  %d = prim.sort "d" "max_pool" ins(%c : tensor<4x8x4xf32>) window <kernel = [1]> schedule <block = [4, 8, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<4x8x4xf32>
  %y = prim.map "y" "add" ins(%b : tensor<4x4x4xf32>) window <kernel = [1]> post [affine_map<(d0, d1, d2) -> (d0, d1, d2)>](%b : tensor<4x4x4xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } schedule <block = [2, 4, 1, 1, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<4x4x4xf32>
  func.return %y : tensor<4x4x4xf32>
}

// CHECK:      %0 = dma.alloc "a" : memref<4x8x4xf32, #dma.local>
// CHECK-NEXT: dma.blocks "a" []
// CHECK-NEXT:   %1 = dma.load %x
// CHECK-NEXT:   %2 = dma.slice %0 at affine_map<() -> (0, 0, 0)> [4, 8, 4] : memref<4x8x4xf32, #dma.local>
// CHECK-NEXT:   prim.sort "a" {{.*}} slots = 2> outs(%2 :
// CHECK-NEXT: }
// CHECK:      %3 = dma.alloc "c" : memref<4x8x4xf32, #dma.local>
// CHECK:      dma.blocks "b" [2]
// CHECK-NEXT:   dma.copy %{{.*}} to %{{.*}} at affine_map<(d0) -> ((d0 * 2), 0)> [2, 16] : memref<4x16xf32, strided<[32, 1]>, #dma.local> to memref<4x16xf32, strided<[32, 1]>, #dma.local>
// CHECK-NEXT: }
// CHECK:      dma.blocks "g" []
// CHECK-NEXT:   %{{.*}} = dma.slice
// CHECK-NEXT:   dma.gather
// CHECK-NEXT: }
// CHECK:      dma.blocks "f" []
// CHECK-NEXT:   dma.copy
// CHECK-NEXT: }
// CHECK-NEXT: %{{.*}} = dma.alloc "d" : memref<4x8x4xf32, #dma.external>
// CHECK-NEXT: dma.blocks "d" []
// CHECK-NEXT:   %{{.*}} = dma.slice %3
// CHECK-NEXT:   %{{.*}} = dma.buffer slots 1
// CHECK-NEXT:   prim.sort "d"
// CHECK-NEXT:   dma.store
// CHECK:      dma.blocks "y" [2]
// CHECK-NEXT:   %{{.*}} = dma.slice %{{.*}} at affine_map<(d0) -> ((d0 * 2), 0, 0)> [2, 4, 4] : memref<4x4x4xf32, strided<[32, 4, 1]>, #dma.local>
// CHECK-NEXT:   %{{.*}} = dma.slice %{{.*}} at affine_map<(d0) -> ((d0 * 2), 0, 0)> [2, 4, 4] : memref<4x4x4xf32, strided<[32, 4, 1]>, #dma.local>
// CHECK-NEXT:   %{{.*}} = dma.buffer slots 2
// CHECK-NEXT:   prim.map "y"
