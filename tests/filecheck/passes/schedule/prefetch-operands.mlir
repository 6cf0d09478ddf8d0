// RUN: xnn-opt %s --xnn-target --prefetch-operands | filecheck %s
// RUN: xnn-opt %s --xnn-target --prefetch-operands --prefetch-operands --plan-memory | filecheck %s
// RUN: xnn-opt %s --xnn-target --prefetch-operands --plan-memory --convert-to-instructions | filecheck %s --check-prefix DSA

// Weights of "z" come while "y" computes, all slices in slots of their own, each in a bank that nothing reads meanwhile;
// "y" has more slots than it had.
module attributes {xnn.level = #xnn<level dma>} {
  func.func @main(%x: memref<1x64x16x16xf32, #dma.external>) -> memref<1x64x16x16xf32, #dma.external> {
    %w = dma.parameter "w" : memref<64x64x1x1xf32, #dma.external>
    %y = dma.alloc "y" : memref<1x64x16x16xf32, #dma.local>
    dma.blocks "y" [4] {
      %wb = dma.load %w at affine_map<(d0) -> (0, 0, 0, 0)> [64, 64, 1, 1] slots 1 : memref<64x64x1x1xf32, #dma.external> -> memref<64x64x1x1xf32, #dma.local>
      %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0 * 4, 0)> [1, 64, 4, 16] slots 2 : memref<1x64x16x16xf32, #dma.external> -> memref<1x64x4x16xf32, #dma.local>
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, d0 * 4, 0)> [1, 64, 4, 16] : memref<1x64x16x16xf32, #dma.local> -> memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>
      prim.matmul "y" "conv" ins(%wb, %xb : memref<64x64x1x1xf32, #dma.local>, memref<1x64x4x16xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x64x4x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>)
    }
    %v = dma.parameter "v" : memref<64x64x1x1xf32, #dma.external>
    %z = dma.alloc "z" : memref<1x64x16x16xf32, #dma.external>
    dma.blocks "z" [4] {
      %vb = dma.load %v at affine_map<(d0) -> (d0 * 16, 0, 0, 0)> [16, 64, 1, 1] slots 2 : memref<64x64x1x1xf32, #dma.external> -> memref<16x64x1x1xf32, #dma.local>
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, 0, 0)> [1, 64, 16, 16] : memref<1x64x16x16xf32, #dma.local> -> memref<1x64x16x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>
      %zb = dma.buffer slots 2 : memref<1x16x16x16xf32, #dma.local>
      prim.matmul "z" "conv" ins(%vb, %yb : memref<16x64x1x1xf32, #dma.local>, memref<1x64x16x16xf32, strided<[16384, 256, 16, 1]>, #dma.local>) window <kernel = [1, 1]> outs(%zb : memref<1x16x16x16xf32, #dma.local>)
      dma.store %zb to %z at affine_map<(d0) -> (0, d0 * 16, 0, 0)> [1, 16, 16, 16] : memref<1x16x16x16xf32, #dma.local> to memref<1x64x16x16xf32, #dma.external>
    }
    dma.order {
      dma.run "y" ahead 1 behind 0
      dma.run "z" ahead 1 behind 0
    }
    func.return %z : memref<1x64x16x16xf32, #dma.external>
  }
}

// CHECK: dma.load %w at {{.*}} slots 1 {address = 65536 : i64, pitch = 16384 : i64}
// CHECK: dma.load %x at {{.*}} slots 4 {address = 131072 : i64, slot_offsets = array<i64: 0, 65536, 131072, 16384>}
// CHECK: dma.load %v at {{.*}} slots 4 {address = 196608 : i64, slot_offsets = array<i64: 16384, 81920, 0, 65536>}
// CHECK: dma.buffer slots 2 {address = 65536 : i64, pitch = 65536 : i64}
// CHECK: dma.order {
// CHECK-NEXT: dma.prefetch "y" operand 0 count 1
// CHECK-NEXT: dma.prefetch "y" operand 1 count 2
// CHECK-NEXT: dma.run "y" blocks 1 ahead 0 behind 0
// CHECK-NEXT: dma.prefetch "y" operand 1 count 1
// CHECK-NEXT: dma.run "y" blocks 1 ahead 0 behind 0
// CHECK-NEXT: dma.prefetch "y" operand 1 count 1
// CHECK-NEXT: dma.run "y" blocks 1 ahead 0 behind 0
// CHECK-NEXT: dma.prefetch "z" operand 0 count 1
// CHECK-NEXT: dma.run "y" blocks 1 ahead 0 behind 0
// CHECK-NEXT: dma.prefetch "z" operand 0 count 3
// CHECK-NEXT: dma.run "z" blocks 2 ahead 0 behind 4
// CHECK-NEXT: dma.write_back "z" count 2
// CHECK-NEXT: dma.run "z" blocks 1 ahead 0 behind 4
// CHECK-NEXT: dma.write_back "z" count 1
// CHECK-NEXT: dma.run "z" blocks 1 ahead 0 behind 4
// CHECK-NEXT: dma.write_back "z" count 1
// CHECK-NEXT: }
// CHECK-NEXT: func.return %z : memref<1x64x16x16xf32, #dma.external>

// DSA: predicted_cycles = 11960
// DSA: dsa.buffer "y#1.0" slice local at 131072 : memref<1x64x4x16xf32>
// DSA-NEXT: dsa.buffer "y#1.1" slice local at 196608 : memref<1x64x4x16xf32>
// DSA: dsa.buffer "z#1" slice local at 65536 slots 2 pitch 65536 : memref<1x16x16x16xf32>
