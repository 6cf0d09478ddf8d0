// RUN: xnn-opt %s --canonicalize | filecheck %s

func.func @views(%x : memref<1x16xf32, #dma.external>) -> (memref<4xf32, #dma.external>, memref<1x16xf32, #dma.external>) {
  %a = dma.view %x offset 4 : memref<1x16xf32, #dma.external> to memref<8xf32, #dma.external>
  %b = dma.view %a offset 2 : memref<8xf32, #dma.external> to memref<4xf32, #dma.external>
  %c = dma.view %x offset 0 : memref<1x16xf32, #dma.external> to memref<1x16xf32, #dma.external>
  func.return %b, %c : memref<4xf32, #dma.external>, memref<1x16xf32, #dma.external>
}

// What moves data or writes buffers stays.
func.func @effects(%x : memref<1x4x8x8xf32, #dma.external>, %y : memref<1x4x4x4xf32, #dma.external>) {
  %unread = dma.parameter "unread" : memref<4xf32, #dma.external>
  dma.blocks "y" [] {
    %xb = dma.load %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] slots 1 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
    %yb = dma.buffer slots 1 : memref<1x4x4x4xf32, #dma.local>
    prim.sort "y" "max_pool" ins(%xb : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x4x4xf32, #dma.local>)
    dma.store %yb to %y at affine_map<() -> (0, 0, 0, 0)> [1, 4, 4, 4] : memref<1x4x4x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
  }
  func.return
}

// CHECK:   func.func @views(%x: memref<1x16xf32, #dma.external>) -> (memref<4xf32, #dma.external>, memref<1x16xf32, #dma.external>) {
// CHECK-NEXT:     %b = dma.view %x offset 6 : memref<1x16xf32, #dma.external> to memref<4xf32, #dma.external>
// CHECK-NEXT:     func.return %b, %x : memref<4xf32, #dma.external>, memref<1x16xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK:   func.func @effects(%x: memref<1x4x8x8xf32, #dma.external>, %y: memref<1x4x4x4xf32, #dma.external>) {
// CHECK-NEXT:     dma.blocks "y" [] {
// CHECK-NEXT:       %xb = dma.load %x at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] slots 1 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:       %yb = dma.buffer slots 1 : memref<1x4x4x4xf32, #dma.local>
// CHECK-NEXT:       prim.sort "y" "max_pool" ins(%xb : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%yb : memref<1x4x4x4xf32, #dma.local>)
// CHECK-NEXT:       dma.store %yb to %y at affine_map<() -> (0, 0, 0, 0)> [1, 4, 4, 4] : memref<1x4x4x4xf32, #dma.local> to memref<1x4x4x4xf32, #dma.external>
// CHECK-NEXT:     }
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
