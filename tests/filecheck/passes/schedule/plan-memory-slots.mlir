// RUN: xnn-opt %s --target=edge --set local.banks=1 --plan-memory | filecheck %s

// Slots that have addresses of their own keep them, and what is between them is free.
// CHECK: dma.load %x at {{.*}} slots 2 {address = 0 : i64, slot_offsets = array<i64: 192, 0>}
// CHECK: dma.buffer slots 1 {address = 64 : i64, pitch = 64 : i64}
func.func @main(%x: memref<1x1x2x16xf32, #dma.external> {xnn.name = "x"}) -> (memref<1x1x2x16xf32, #dma.external>) {
  %a = dma.alloc "a" : memref<1x1x2x16xf32, #dma.external>
  dma.blocks "a" [2] {
    %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0, 0)> [1, 1, 1, 16] slots 2 {address = 0 : i64, slot_offsets = array<i64: 192, 0>} : memref<1x1x2x16xf32, #dma.external> -> memref<1x1x1x16xf32, #dma.local>
    %yb = dma.buffer slots 1 : memref<1x1x1x16xf32, #dma.local>
    prim.sort "a" "max_pool" ins(%xb : memref<1x1x1x16xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x1x1x16xf32, #dma.local>)
    dma.store %yb to %a at affine_map<(d0) -> (0, 0, d0, 0)> [1, 1, 1, 16] : memref<1x1x1x16xf32, #dma.local> to memref<1x1x2x16xf32, #dma.external>
  }
  dma.order {
    dma.run "a" ahead 1 behind 0
  }
  func.return %a : memref<1x1x2x16xf32, #dma.external>
}
