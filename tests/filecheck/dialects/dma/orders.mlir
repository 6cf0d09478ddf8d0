// RUN: xnn-opt %s | filecheck %s
// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --target edge-4m --plan-memory --convert-to-instructions | filecheck %s --check-prefix DSA

// Strips of two layers, interleaved: "z" reads three rows of "y" for each of its own. Its weights come
// before anything else, its first result is stored after the second.
builtin.module attributes {xnn.level = #xnn<level dma>} {
  func.func @main(%x: memref<1x4x8x8xf32, #dma.external> {xnn.name = "x"}) -> (memref<1x4x8x8xf32, #dma.external> {xnn.name = "z"}) {
    %w = dma.parameter "w" : memref<4x4x1x1xf32, #dma.external>
    %v = dma.parameter "v" : memref<4x4x3x3xf32, #dma.external>
    %y = dma.alloc "y" : memref<1x4x8x8xf32, #dma.local>
    dma.blocks "y" [8] {
      %wb = dma.load %w at affine_map<(d0) -> (0, 0, 0, 0)> [4, 4, 1, 1] slots 1 : memref<4x4x1x1xf32, #dma.external> -> memref<4x4x1x1xf32, #dma.local>
      %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0, 0)> [1, 4, 1, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x4x1x8xf32, #dma.local>
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, d0, 0)> [1, 4, 1, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x1x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
      prim.matmul "y" "conv" ins(%wb, %xb : memref<4x4x1x1xf32, #dma.local>, memref<1x4x1x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x4x1x8xf32, strided<[256, 64, 8, 1]>, #dma.local>)
    }
    %z = dma.alloc "z" : memref<1x4x8x8xf32, #dma.external>
    dma.blocks "z" [8] {
      %vb = dma.load %v at affine_map<(d0) -> (0, 0, 0, 0)> [4, 4, 3, 3] slots 1 : memref<4x4x3x3xf32, #dma.external> -> memref<4x4x3x3xf32, #dma.local>
      %yb = dma.slice %y at affine_map<(d0) -> (0, 0, d0 - 1, -1)> [1, 4, 3, 10] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x3x10xf32, strided<[256, 64, 8, 1]>, #dma.local>
      %zb = dma.buffer slots 2 : memref<1x4x1x8xf32, #dma.local>
      prim.matmul "z" "conv" ins(%vb, %yb : memref<4x4x3x3xf32, #dma.local>, memref<1x4x3x10xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> outs(%zb : memref<1x4x1x8xf32, #dma.local>)
      dma.store %zb to %z at affine_map<(d0) -> (0, 0, d0, 0)> [1, 4, 1, 8] : memref<1x4x1x8xf32, #dma.local> to memref<1x4x8x8xf32, #dma.external>
    }
    // CHECK:      dma.order {
    // CHECK-NEXT:   dma.prefetch "z" operand 0 count 1
    // CHECK-NEXT:   dma.run "y" blocks 2 ahead 1 behind 0
    // CHECK-NEXT:   dma.repeat 6 {
    // CHECK-NEXT:     dma.run "z" blocks 1 ahead 0 behind 1
    // CHECK-NEXT:     dma.run "y" blocks 1 ahead 1 behind 0
    // CHECK-NEXT:   }
    // CHECK-NEXT:   dma.run "z" ahead 0 behind 1
    // CHECK-NEXT:   dma.write_back "z" count 1
    // CHECK-NEXT: }
    dma.order {
      dma.prefetch "z" operand 0 count 1
      dma.run "y" blocks 2 ahead 1 behind 0
      dma.repeat 6 {
        dma.run "z" blocks 1 ahead 0 behind 1
        dma.run "y" blocks 1 ahead 1 behind 0
      }
      dma.run "z" ahead 0 behind 1
      dma.write_back "z" count 1
    }
    func.return %z : memref<1x4x8x8xf32, #dma.external>
  }
  func.func @weights() -> (tensor<4x4x1x1xf32> {xnn.name = "w"}, tensor<4x4x3x3xf32> {xnn.name = "v"}) {
    %w = xnn.constant "w" dense<0.5> : tensor<4x4x1x1xf32>
    %v = xnn.constant "v" dense<0.25> : tensor<4x4x3x3xf32>
    func.return %w, %v : tensor<4x4x1x1xf32>, tensor<4x4x3x3xf32>
  }
}

// DSA:      dsa.layer "z" @matmul0
// DSA-NEXT: dsa.transfer "z" "dma0" load of ["v", "z#0"]
