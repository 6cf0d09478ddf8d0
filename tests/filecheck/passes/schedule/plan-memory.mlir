// RUN: xnn-opt %s --set local.banks=8 --set local.rows=16 --plan-memory | filecheck %s
// RUN: xnn-opt %s --set local.banks=2 --set local.rows=16 --plan-memory | filecheck %s --check-prefix CLOSE
// RUN: not xnn-opt %s --set local.banks=1 --set local.rows=16 --plan-memory 2>&1 | filecheck %s --check-prefix LARGE
// RUN: not xnn-opt %s --set local.banks=1 --set local.rows=8 --plan-memory 2>&1 | filecheck %s --check-prefix MAP
// RUN: not xnn-opt %s --set external.capacity_bytes=2000 --plan-memory 2>&1 | filecheck %s --check-prefix EXTERNAL

// LARGE:         {{.*}}plan-memory.mlir:{{[0-9]+}}:3: error: layer "a": its buffers need 1040 bytes of local memory, beside 0 of feature maps kept there and 0 of other layers that run meanwhile, but the target has 1024; the largest is memref<1x1x8x8xf32, #dma.local>, 2 times
// LARGE-NEXT:    hint: a smaller schedule block, another order, or more local memory
// MAP:           error: feature map "b" of 1024 bytes does not fit local memory beside the others that are kept there
// EXTERNAL:      error: the network needs 2240 bytes of external memory, but the target has 2000
// EXTERNAL-NEXT: hint: a larger external.capacity_bytes

func.func @main(%x: memref<1x4x8x8xf32, #dma.external> {xnn.name = "x"}, %unused: memref<3xf32, #dma.external>) -> memref<1x4x1x1xf32, #dma.external> {
  %w = dma.parameter "w" : memref<4xf32, #dma.external>
  %a = dma.alloc "a" : memref<1x4x8x8xf32, #dma.external>
  dma.blocks "a" [4] {
    %xb = dma.load %x at affine_map<(d0) -> (0, d0, 0, 0)> [1, 1, 8, 8] slots 2 : memref<1x4x8x8xf32, #dma.external> -> memref<1x1x8x8xf32, #dma.local>
    %wb = dma.load %w at affine_map<(d0) -> (d0)> [1] slots 2 : memref<4xf32, #dma.external> -> memref<1xf32, #dma.local>
    %vb = dma.load %w at affine_map<(d0) -> (d0)> [1] slots 2 : memref<4xf32, #dma.external> -> memref<1xf32, #dma.local>
    %yb = dma.buffer slots 2 : memref<1x1x8x8xf32, #dma.local>
    prim.sort "a" "max_pool" ins(%xb : memref<1x1x8x8xf32, #dma.local>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d1)>](%wb, %vb : memref<1xf32, #dma.local>, memref<1xf32, #dma.local>) {
    ^bb0(%0: f32, %1: f32, %2: f32):
      %3 = arith.mulf %0, %1 : f32
      %4 = arith.addf %3, %2 : f32
      prim.yield %4 : f32
    } outs(%yb : memref<1x1x8x8xf32, #dma.local>)
    dma.store %yb to %a at affine_map<(d0) -> (0, d0, 0, 0)> [1, 1, 8, 8] : memref<1x1x8x8xf32, #dma.local> to memref<1x4x8x8xf32, #dma.external>
  }
  %b = dma.alloc "b" : memref<1x4x8x8xf32, #dma.local>
  dma.blocks "b" [4] {
    %xb = dma.load %a at affine_map<(d0) -> (0, d0, 0, 0)> [1, 1, 8, 8] slots 3 : memref<1x4x8x8xf32, #dma.external> -> memref<1x1x8x8xf32, #dma.local>
    %yb = dma.slice %b at affine_map<(d0) -> (0, d0, 0, 0)> [1, 1, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x1x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
    prim.sort "b" "max_pool" ins(%xb : memref<1x1x8x8xf32, #dma.local>) window <kernel = [1, 1]> outs(%yb : memref<1x1x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>)
  }
  %c = dma.alloc "c" : memref<1x4x1x1xf32, #dma.external>
  dma.blocks "c" [] {
    %xb = dma.slice %b at affine_map<() -> (0, 0, 0, 0)> [1, 4, 8, 8] : memref<1x4x8x8xf32, #dma.local> -> memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>
    %yb = dma.buffer slots 1 : memref<1x4x1x1xf32, #dma.local>
    prim.sort "c" "max_pool" ins(%xb : memref<1x4x8x8xf32, strided<[256, 64, 8, 1]>, #dma.local>) window <kernel = [8, 8]> outs(%yb : memref<1x4x1x1xf32, #dma.local>)
    dma.store %yb to %c at affine_map<() -> (0, 0, 0, 0)> [1, 4, 1, 1] : memref<1x4x1x1xf32, #dma.local> to memref<1x4x1x1xf32, #dma.external>
  }
  func.return %c : memref<1x4x1x1xf32, #dma.external>
}

// In external memory all have a place of their own, from the next burst of 64 bytes on: inputs, parameters, maps.
// CHECK:   func.func @main(%x: {{.*}} {xnn.name = "x", dma.address = 0 : i64}, %unused: {{.*}} {dma.address = 1024 : i64})
// CHECK-NEXT:     %w = dma.parameter "w" {address = 1088 : i64}
// CHECK-NEXT:     %a = dma.alloc "a" {address = 1152 : i64}

// 8 banks of 1 KiB: every slot of a large window has banks to itself; small windows share them, slot by slot.
// CHECK-NEXT:     dma.blocks "a" [4] {
// CHECK-NEXT:       %xb = dma.load %x {{.*}} slots 2 {address = 0 : i64, pitch = 1024 : i64}
// CHECK-NEXT:       %wb = dma.load %w {{.*}} slots 2 {address = 4096 : i64, pitch = 1024 : i64}
// CHECK-NEXT:       %vb = dma.load %w {{.*}} slots 2 {address = 4160 : i64, pitch = 1024 : i64}
// CHECK-NEXT:       %yb = dma.buffer slots 2 {address = 2048 : i64, pitch = 1024 : i64}

// "b" lives in layers "b" and "c", so its place is free in "a" and taken in these; "c" is external.
// CHECK:          %b = dma.alloc "b" {address = 0 : i64} : memref<1x4x8x8xf32, #dma.local>
// CHECK-NEXT:     dma.blocks "b" [4] {
// CHECK-NEXT:       %xb_1 = dma.load %a {{.*}} slots 3 {address = 1024 : i64, pitch = 1024 : i64}
// CHECK-NEXT:       %yb_1 = dma.slice %b at affine_map
// CHECK:          %c = dma.alloc "c" {address = 2176 : i64} : memref<1x4x1x1xf32, #dma.external>
// CHECK-NEXT:     dma.blocks "c" [] {
// CHECK-NEXT:       %xb_2 = dma.slice %b at affine_map
// CHECK-NEXT:       %yb_2 = dma.buffer slots 1 {address = 1024 : i64

// 2 banks: windows lie close, in multiples of a burst.
// CLOSE:          dma.blocks "a" [4] {
// CLOSE-NEXT:       %xb = dma.load %x {{.*}} slots 2 {address = 0 : i64, pitch = 256 : i64}
// CLOSE-NEXT:       %wb = dma.load %w {{.*}} slots 2 {address = 1024 : i64, pitch = 64 : i64}
// CLOSE-NEXT:       %vb = dma.load %w {{.*}} slots 2 {address = 1152 : i64, pitch = 64 : i64}
// CLOSE-NEXT:       %yb = dma.buffer slots 2 {address = 512 : i64, pitch = 256 : i64}
// CLOSE:            %xb_1 = dma.load %a {{.*}} slots 3 {address = 1024 : i64, pitch = 256 : i64}
