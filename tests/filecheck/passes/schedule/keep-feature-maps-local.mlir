// RUN: xnn-opt %s --set local.banks=8 --set local.rows=16 --keep-feature-maps-local | filecheck %s
// RUN: xnn-opt %s --set local.banks=5 --set local.rows=16 --keep-feature-maps-local | filecheck %s --check-prefix TIGHT

// 8 banks of 1 KiB. "big" is too large, "seen" an operand of general compute and "r" its result, "y"
// leaves the network: only "small" and "next" stay, and a view of "small". In 5 banks only "next" does:
// 4 KiB of "small" and windows of 2 KiB are more.

// TIGHT:     %small = dma.alloc "small" : memref<1x64x4x4xf32, #dma.external>
// TIGHT:     %next = dma.alloc "next" : memref<1x64x4xf32, #dma.local>

func.func @main(%x: memref<1x64x8x8xf32, #dma.external>) -> memref<1x32x4xf32, #dma.external> {
  %big = dma.alloc "big" : memref<1x64x8x8xf32, #dma.external>
  dma.blocks "big" [16] {
    %xb = dma.load %x at affine_map<(d0) -> (0, d0 * 4, 0, 0)> [1, 4, 8, 8] slots 2 : memref<1x64x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x4x8x8xf32, #dma.local>
    prim.sort "big" "max_pool" ins(%xb : memref<1x4x8x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x4x8x8xf32, #dma.local>)
    dma.store %yb to %big at affine_map<(d0) -> (0, d0 * 4, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> to memref<1x64x8x8xf32, #dma.external>
  }
  %small = dma.alloc "small" : memref<1x64x4x4xf32, #dma.external>
  dma.blocks "small" [16] {
    %xb = dma.load %big at affine_map<(d0) -> (0, d0 * 4, 0, 0)> [1, 4, 8, 8] slots 2 : memref<1x64x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x4x4x4xf32, #dma.local>
    prim.sort "small" "max_pool" ins(%xb : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x4x4xf32, #dma.local>)
    dma.store %yb to %small at affine_map<(d0) -> (0, d0 * 4, 0, 0)> [1, 4, 4, 4] : memref<1x4x4x4xf32, #dma.local> to memref<1x64x4x4xf32, #dma.external>
  }
  %flat = dma.view %small offset 0 : memref<1x64x4x4xf32, #dma.external> to memref<1x64x16xf32, #dma.external>
  %next = dma.alloc "next" : memref<1x64x4xf32, #dma.external>
  dma.blocks "next" [16] {
    %xb = dma.load %flat at affine_map<(d0) -> (0, d0 * 4, 0)> [1, 4, 16] slots 2 : memref<1x64x16xf32, #dma.external> -> memref<1x4x16xf32, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x4x4xf32, #dma.local>
    prim.sort "next" "max_pool" ins(%xb : memref<1x4x16xf32, #dma.local>) window <kernel = [4], strides = [4]> outs(%yb : memref<1x4x4xf32, #dma.local>)
    dma.store %yb to %next at affine_map<(d0) -> (0, d0 * 4, 0)> [1, 4, 4] : memref<1x4x4xf32, #dma.local> to memref<1x64x4xf32, #dma.external>
  }
  %seen = dma.alloc "seen" : memref<1x32x4xf32, #dma.external>
  dma.blocks "seen" [2] {
    %all = dma.load %next at affine_map<(d0) -> (0, 0, 0)> [1, 64, 4] slots 1 : memref<1x64x4xf32, #dma.external> -> memref<1x64x4xf32, #dma.local>
    %xb = dma.slice %all at affine_map<(d0) -> (0, d0 * 16, 0)> [1, 16, 4] : memref<1x64x4xf32, #dma.local> -> memref<1x16x4xf32, strided<[256, 4, 1]>, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x16x4xf32, #dma.local>
    prim.sort "seen" "max_pool" ins(%xb : memref<1x16x4xf32, strided<[256, 4, 1]>, #dma.local>) window <kernel = [1]> outs(%yb : memref<1x16x4xf32, #dma.local>)
    dma.store %yb to %seen at affine_map<(d0) -> (0, d0 * 16, 0)> [1, 16, 4] : memref<1x16x4xf32, #dma.local> to memref<1x32x4xf32, #dma.external>
  }
  %r = dma.alloc "r" : memref<1x32x4xf32, #dma.external>
  prim.general "r" ins(%seen : memref<1x32x4xf32, #dma.external>) outs(%r : memref<1x32x4xf32, #dma.external>) {
  ^bb0(%0: tensor<1x32x4xf32>):
    %1 = xnn.relu "r" %0 : (tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
    prim.yield %1 : tensor<1x32x4xf32>
  }
  %y = dma.alloc "y" : memref<1x32x4xf32, #dma.external>
  dma.blocks "y" [] {
    %xb = dma.load %r at affine_map<() -> (0, 0, 0)> [1, 32, 4] slots 1 : memref<1x32x4xf32, #dma.external> -> memref<1x32x4xf32, #dma.local>
    %yb = dma.buffer slots 1 : memref<1x32x4xf32, #dma.local>
    prim.sort "y" "max_pool" ins(%xb : memref<1x32x4xf32, #dma.local>) window <kernel = [1]> outs(%yb : memref<1x32x4xf32, #dma.local>)
    dma.store %yb to %y at affine_map<() -> (0, 0, 0)> [1, 32, 4] : memref<1x32x4xf32, #dma.local> to memref<1x32x4xf32, #dma.external>
  }
  func.return %y : memref<1x32x4xf32, #dma.external>
}

// CHECK:      func.func @main(%x: memref<1x64x8x8xf32, #dma.external>) -> memref<1x32x4xf32, #dma.external> {
// CHECK-NEXT:   %big = dma.alloc "big" : memref<1x64x8x8xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "big" [16] {
// CHECK-NEXT:     %xb = dma.load %x at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 8, 8] slots 2 : memref<1x64x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:     %yb = dma.buffer slots 2 : memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:     prim.sort "big" "max_pool" ins(%xb : memref<1x4x8x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x4x8x8xf32, #dma.local>)
// CHECK-NEXT:     dma.store %yb to %big at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> to memref<1x64x8x8xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK-NEXT:   %small = dma.alloc "small" : memref<1x64x4x4xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "small" [16] {
// CHECK-NEXT:     %xb_1 = dma.load %big at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 8, 8] slots 2 : memref<1x64x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:     %yb_1 = dma.slice %small at affine_map<(d0) -> (0, (d0 * 4), 0, 0)> [1, 4, 4, 4] : memref<1x64x4x4xf32, #dma.local> -> memref<1x4x4x4xf32, strided<[1024, 16, 4, 1]>, #dma.local>
// CHECK-NEXT:     prim.sort "small" "max_pool" ins(%xb_1 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb_1 : memref<1x4x4x4xf32, strided<[1024, 16, 4, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %flat = dma.view %small offset 0 : memref<1x64x4x4xf32, #dma.local> to memref<1x64x16xf32, #dma.local>
// CHECK-NEXT:   %next = dma.alloc "next" : memref<1x64x4xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "next" [16] {
// CHECK-NEXT:     %xb_2 = dma.slice %flat at affine_map<(d0) -> (0, (d0 * 4), 0)> [1, 4, 16] : memref<1x64x16xf32, #dma.local> -> memref<1x4x16xf32, strided<[1024, 16, 1]>, #dma.local>
// CHECK-NEXT:     %yb_2 = dma.slice %next at affine_map<(d0) -> (0, (d0 * 4), 0)> [1, 4, 4] : memref<1x64x4xf32, #dma.local> -> memref<1x4x4xf32, strided<[256, 4, 1]>, #dma.local>
// CHECK-NEXT:     prim.sort "next" "max_pool" ins(%xb_2 : memref<1x4x16xf32, strided<[1024, 16, 1]>, #dma.local>) window <kernel = [4], strides = [4]> outs(%yb_2 : memref<1x4x4xf32, strided<[256, 4, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %seen = dma.alloc "seen" : memref<1x32x4xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "seen" [2] {
// CHECK-NEXT:     %xb_3 = dma.slice %next at affine_map<(d0) -> (0, (d0 * 16), 0)> [1, 16, 4] : memref<1x64x4xf32, #dma.local> -> memref<1x16x4xf32, strided<[256, 4, 1]>, #dma.local>
// CHECK-NEXT:     %yb_3 = dma.buffer slots 2 : memref<1x16x4xf32, #dma.local>
// CHECK-NEXT:     prim.sort "seen" "max_pool" ins(%xb_3 : memref<1x16x4xf32, strided<[256, 4, 1]>, #dma.local>) window <kernel = [1]> outs(%yb_3 : memref<1x16x4xf32, #dma.local>)
// CHECK-NEXT:     dma.store %yb_3 to %seen at affine_map<(d0) -> (0, (d0 * 16), 0)> [1, 16, 4] : memref<1x16x4xf32, #dma.local> to memref<1x32x4xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK:        %r = dma.alloc "r" : memref<1x32x4xf32, #dma.external>
// CHECK:        %y = dma.alloc "y" : memref<1x32x4xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "y" [] {
// CHECK-NEXT:     %xb_4 = dma.load %r
// CHECK-NEXT:     %yb_4 = dma.buffer slots 1
// CHECK-NEXT:     prim.sort "y"
// CHECK-NEXT:     dma.store %yb_4 to %y
