// RUN: xnn-opt %s --target=edge --plan-memory | filecheck %s
// RUN: sed 's|%yb = dma.buffer slots 1 {address = 64|%yb = dma.buffer slots 1 {address = 0|' %s | not xnn-opt --target=edge --plan-memory 2>&1 | filecheck %s --check-prefix LOST

// "b" writes where "a" has read its operand, before the result of "a" is stored.
// CHECK: dma.order
// LOST: error: slot 0 for results of layer "a" is overwritten by slot 0 for "y" of layer "b" before it is used

module {
  func.func @main(%x: memref<1x1x1x16xf32, #dma.external> {xnn.name = "x"}, %y: memref<1x1x1x16xf32, #dma.external> {xnn.name = "y"}) -> (memref<1x1x1x16xf32, #dma.external>, memref<1x1x1x16xf32, #dma.external>) {
    %a = dma.alloc "a" : memref<1x1x1x16xf32, #dma.external>
    dma.blocks "a" [] {
      %xb = dma.load %x at affine_map<() -> (0, 0, 0, 0)> [1, 1, 1, 16] slots 1 {address = 0 : i64, pitch = 64 : i64} : memref<1x1x1x16xf32, #dma.external> -> memref<1x1x1x16xf32, #dma.local>
      %yb = dma.buffer slots 1 {address = 64 : i64, pitch = 64 : i64} : memref<1x1x1x16xf32, #dma.local>
      prim.sort "a" "max_pool" ins(%xb : memref<1x1x1x16xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x1x1x16xf32, #dma.local>)
      dma.store %yb to %a at affine_map<() -> (0, 0, 0, 0)> [1, 1, 1, 16] : memref<1x1x1x16xf32, #dma.local> to memref<1x1x1x16xf32, #dma.external>
    }
    %b = dma.alloc "b" : memref<1x1x1x16xf32, #dma.external>
    dma.blocks "b" [] {
      %xb = dma.load %y at affine_map<() -> (0, 0, 0, 0)> [1, 1, 1, 16] slots 1 {address = 0 : i64, pitch = 64 : i64} : memref<1x1x1x16xf32, #dma.external> -> memref<1x1x1x16xf32, #dma.local>
      %yb = dma.buffer slots 1 {address = 128 : i64, pitch = 64 : i64} : memref<1x1x1x16xf32, #dma.local>
      prim.sort "b" "max_pool" ins(%xb : memref<1x1x1x16xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x1x1x16xf32, #dma.local>)
      dma.store %yb to %b at affine_map<() -> (0, 0, 0, 0)> [1, 1, 1, 16] : memref<1x1x1x16xf32, #dma.local> to memref<1x1x1x16xf32, #dma.external>
    }
    dma.order {
      dma.run "a" ahead 0 behind 1
      dma.run "b" ahead 0 behind 0
      dma.write_back "a" count 1
    }
    func.return %a, %b : memref<1x1x1x16xf32, #dma.external>, memref<1x1x1x16xf32, #dma.external>
  }
}
