// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --canonicalize | filecheck %s --check-prefix MERGED

// Blocks that only move data: through local memory, or to or from it.
func.func @transfers(%x: memref<1x4x6xf32, #dma.external>, %y: memref<6x4xf32, #dma.external>, %l: memref<6x4xf32, #dma.local>) {
  %flat = dma.view %x offset 0 : memref<1x4x6xf32, #dma.external> to memref<24xf32, #dma.external>
  %t = dma.view %flat offset 0 : memref<24xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
  // of a view that is not dense, strides still count elements of memory
  %last = dma.view %t offset 12 : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x2xf32, strided<[1, 6]>, #dma.external>
  dma.blocks "y" [3] {
    %b = dma.load %t at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
    dma.store %b to %y at affine_map<(d0) -> (d0 * 2, 0)> [2, 4] : memref<2x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
  }
  dma.blocks "l" [2] {
    dma.copy %t to %l at affine_map<(d0) -> (d0 * 4, 0)> [4, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
  }
  dma.blocks "z" [] {
    dma.copy %l to %y at affine_map<() -> (0, 0)> [6, 4] : memref<6x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
  }
  %part = dma.alloc "part" : memref<6x2xf32, #dma.local>
  dma.blocks "last" [] {
    dma.copy %last to %part at affine_map<() -> (0, 0)> [6, 2] : memref<6x2xf32, strided<[1, 6]>, #dma.external> to memref<6x2xf32, #dma.local>
  }
  func.return
}

func.func @gathers(%table: memref<1x9x4xf32, #dma.external>, %ids: memref<6xi32, #dma.external>, %y: memref<1x6x4xf32, #dma.external>) {
  dma.blocks "y" [2] {
    %b = dma.buffer slots 2 : memref<1x3x4xf32, #dma.local>
    dma.gather %table by %ids to %b : memref<1x9x4xf32, #dma.external>, memref<6xi32, #dma.external> to memref<1x3x4xf32, #dma.local>
    dma.store %b to %y at affine_map<(d0) -> (0, d0 * 3, 0)> [1, 3, 4] : memref<1x3x4xf32, #dma.local> to memref<1x6x4xf32, #dma.external>
  }
  func.return
}

// CHECK:         %flat = dma.view %x offset 0 : memref<1x4x6xf32, #dma.external> to memref<24xf32, #dma.external>
// CHECK-NEXT:    %t = dma.view %flat offset 0 : memref<24xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
// CHECK-NEXT:    %last = dma.view %t offset 12 : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x2xf32, strided<[1, 6]>, #dma.external>
// CHECK-NEXT:    dma.blocks "y" [3] {
// CHECK-NEXT:      %b = dma.load %t at affine_map<(d0) -> ((d0 * 2), 0)> [2, 4] slots 2 : memref<6x4xf32, strided<[1, 6]>, #dma.external> -> memref<2x4xf32, #dma.local>
// CHECK-NEXT:      dma.store %b to %y at affine_map<(d0) -> ((d0 * 2), 0)> [2, 4] : memref<2x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
// CHECK-NEXT:    }
// CHECK-NEXT:    dma.blocks "l" [2] {
// CHECK-NEXT:      dma.copy %t to %l at affine_map<(d0) -> ((d0 * 4), 0)> [4, 4] : memref<6x4xf32, strided<[1, 6]>, #dma.external> to memref<6x4xf32, #dma.local>
// CHECK-NEXT:    }
// CHECK-NEXT:    dma.blocks "z" [] {
// CHECK-NEXT:      dma.copy %l to %y at affine_map<() -> (0, 0)> [6, 4] : memref<6x4xf32, #dma.local> to memref<6x4xf32, #dma.external>
// CHECK-NEXT:    }
// CHECK-NEXT:    %part = dma.alloc "part" : memref<6x2xf32, #dma.local>
// CHECK-NEXT:    dma.blocks "last" [] {
// CHECK-NEXT:      dma.copy %last to %part at affine_map<() -> (0, 0)> [6, 2] : memref<6x2xf32, strided<[1, 6]>, #dma.external> to memref<6x2xf32, #dma.local>
// CHECK-NEXT:    }
// CHECK:         dma.gather %table by %ids to %b : memref<1x9x4xf32, #dma.external>, memref<6xi32, #dma.external> to memref<1x3x4xf32, #dma.local>

// MERGED:      %t = dma.view %x offset 0 : memref<1x4x6xf32, #dma.external> to memref<6x4xf32, strided<[1, 6]>, #dma.external>
// MERGED-NEXT: %last = dma.view %x offset 12 : memref<1x4x6xf32, #dma.external> to memref<6x2xf32, strided<[1, 6]>, #dma.external>
