// RUN: xnn-opt %s --xnn-target --limit-reservations | filecheck %s
// RUN: xnn-opt %s --xnn-target --limit-reservations --limit-reservations --convert-to-instructions | filecheck %s --check-prefix LIMITED
// RUN: xnn-opt %s --xnn-target --convert-to-instructions | filecheck %s --check-prefix FREE
// RUN: sed 's/slots = 1>/slots = 1, eighths = 4>/' %s | xnn-opt --xnn-target --limit-reservations | filecheck %s --check-prefix GIVEN

// The pooling reads in the bank in which the product still writes. If it takes all of it, they take turns;
// with less it lasts longer, but the product goes on meanwhile.
module attributes {xnn.level = #xnn<level dma>} {
  func.func @main(%x: memref<1x16x16x16xf32, #dma.external> {dma.address = 0 : i64}) -> memref<1x64x8x8xf32, #dma.external> {
    %w = dma.parameter "w" {address = 32768 : i64} : memref<64x16x3x3xf32, #dma.external>
    %y = dma.alloc "y" {address = 131072 : i64} : memref<1x64x16x16xf32, #dma.local>
    dma.blocks "y" [4] {
      %wb = dma.load %w at affine_map<(d0) -> (0, 0, 0, 0)> [64, 16, 3, 3] slots 1 {address = 0 : i64, pitch = 65536 : i64} : memref<64x16x3x3xf32, #dma.external> -> memref<64x16x3x3xf32, #dma.local>
      %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0 * 4 - 1, -1)> [1, 16, 6, 18] slots 4 {address = 65536 : i64, pitch = 8192 : i64} : memref<1x16x16x16xf32, #dma.external> -> memref<1x16x6x18xf32, #dma.local>
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, d0 * 4, 0)> [1, 64, 4, 16] : memref<1x64x16x16xf32, #dma.local> -> memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>
      prim.matmul "y" "conv" ins(%wb, %xb : memref<64x16x3x3xf32, #dma.local>, memref<1x16x6x18xf32, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> schedule <block = [1, 1, 64, 16, 4, 16], slots = 2> outs(%yb : memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>)
    }
    %p = dma.alloc "p" {address = 131072 : i64} : memref<1x64x8x8xf32, #dma.external>
    dma.blocks "p" [4] {
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, d0 * 4, 0)> [1, 64, 4, 16] : memref<1x64x16x16xf32, #dma.local> -> memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>
      %pb = dma.buffer slots 2 {address = 196608 : i64, pitch = 65536 : i64} : memref<1x64x2x8xf32, #dma.local>
      prim.sort "p" "max_pool" ins(%yb : memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> schedule <block = [1, 64, 1, 1, 2, 8], slots = 1> outs(%pb : memref<1x64x2x8xf32, #dma.local>)
      dma.store %pb to %p at affine_map<(d0) -> (0, 0, d0 * 2, 0)> [1, 64, 2, 8] : memref<1x64x2x8xf32, #dma.local> to memref<1x64x8x8xf32, #dma.external>
    }
    dma.order {
      dma.run "y" blocks 1 ahead 3 behind 0
      dma.run "p" blocks 1 ahead 0 behind 1
      dma.run "y" blocks 1 ahead 3 behind 0
      dma.run "p" blocks 1 ahead 0 behind 1
      dma.run "y" blocks 1 ahead 3 behind 0
      dma.run "p" blocks 1 ahead 0 behind 1
      dma.run "y" blocks 1 ahead 3 behind 0
      dma.run "p" blocks 1 ahead 0 behind 0
    }
    func.return %p : memref<1x64x8x8xf32, #dma.external>
  }
}

// CHECK: prim.matmul "y" {{.*}} slots = 2> outs
// CHECK: prim.sort "p" {{.*}} slots = 1, eighths = 7> outs

// FREE: predicted_cycles = 14416
// FREE: dsa.sort "p" {{.*}} reservations [8, 2]

// LIMITED: predicted_cycles = 13685
// LIMITED: dsa.sort "p" {{.*}} reservations [7, 2]

// GIVEN: prim.sort "p" {{.*}} slots = 1, eighths = 4> outs
