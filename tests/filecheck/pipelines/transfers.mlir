// RUN: xnn-opt %s --lower-to-primitives | filecheck %s --check-prefix PRIM
// RUN: xnn-opt %s -p convert-to-primitives,choose-schedules,convert-to-blocks | filecheck %s --check-prefix DMA
// RUN: xnn-opt %s --set local.banks=2 --set local.rows=8 --lower-to-primitives --convert-to-blocks | filecheck %s --check-prefix SMALL
// RUN: xnn-opt %s --lower-to-dma | filecheck %s --check-prefix KEPT
// RUN: xnn-opt %s --lower-to-dsa | filecheck %s --check-prefix DSA
// RUN: xnn-opt %s --lower-to-dsa | xnn-opt | filecheck %s --check-prefix DSA
// RUN: not xnn-opt %s --set local.banks=1 --set local.rows=1 --lower-to-primitives 2>&1 | filecheck %s --check-prefix ERROR

// ERROR:      error: layer "first" needs at least 128 bytes of local memory, but the target has 64
// ERROR-NEXT: hint: a larger [local] memory: more banks, rows or row_bytes

// A transposition is a transfer with strides. Axes that stay side by side are one, those of size 1 none: a
// transposition that moves nothing ("same") is a view. Three in a row: a load, a copy within local memory, a store.
func.func @main(%x: tensor<1x8x4x8x8xf32> {xnn.name = "x"}) -> (tensor<1x64x8x4xf32> {xnn.name = "y"}) {
  %first = xnn.transpose "first" %x {perm = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x8x4x8x8xf32>) -> tensor<1x4x8x8x8xf32>
  %flat = xnn.reshape "flat" %first {shape = array<i64: 1, 32, 8, 8>} : (tensor<1x4x8x8x8xf32>) -> tensor<1x32x8x8xf32>
  %pool = xnn.max_pool "pool" %flat {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32>
  %five = xnn.reshape "five" %pool {shape = array<i64: 1, 4, 8, 64>} : (tensor<1x32x8x8xf32>) -> tensor<1x4x8x64xf32>
  %back = xnn.transpose "back" %five {perm = array<i64: 0, 2, 1, 3>} : (tensor<1x4x8x64xf32>) -> tensor<1x8x4x64xf32>
  %map = xnn.reshape "map" %back {shape = array<i64: 1, 32, 8, 8>} : (tensor<1x8x4x64xf32>) -> tensor<1x32x8x8xf32>
  %again = xnn.max_pool "again" %map {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x32x8x8xf32>) -> tensor<1x32x8x8xf32>
  %four = xnn.reshape "four" %again {shape = array<i64: 4, 8, 64, 1>} : (tensor<1x32x8x8xf32>) -> tensor<4x8x64x1xf32>
  %same = xnn.transpose "same" %four {perm = array<i64: 3, 0, 1, 2>} : (tensor<4x8x64x1xf32>) -> tensor<1x4x8x64xf32>
  %y = xnn.transpose "y" %same {perm = array<i64: 0, 3, 2, 1>} : (tensor<1x4x8x64xf32>) -> tensor<1x64x8x4xf32>
  func.return %y : tensor<1x64x8x4xf32>
}

// PRIM:      %first = prim.transfer "first" "transpose" %x offset 0 sizes [4, 8, 64] strides [64, 256, 1] schedule <block = [4, 8, 64], slots = 2> local : tensor<1x8x4x8x8xf32> to tensor<1x4x8x8x8xf32>
// PRIM-NEXT: %flat = prim.view "flat" %first : tensor<1x4x8x8x8xf32> to tensor<1x32x8x8xf32>
// PRIM:      %back = prim.transfer "back" "transpose" %five offset 0 sizes [8, 4, 64] strides [64, 512, 1] schedule <block = [8, 4, 64], slots = 2> local : tensor<1x4x8x64xf32> to tensor<1x8x4x64xf32>
// PRIM:      %y = prim.transfer "y" "transpose" %four offset 0 sizes [64, 8, 4] strides [1, 64, 512] schedule <block = [64, 8, 4], slots = 2> {layers = ["same"]} : tensor<4x8x64x1xf32> to tensor<1x64x8x4xf32>

// DMA:      %0 = dma.alloc "first" : memref<1x4x8x8x8xf32, #dma.external>
// DMA-NEXT: %1 = dma.view %0 offset 0 : memref<1x4x8x8x8xf32, #dma.external> to memref<4x8x64xf32, #dma.external>
// DMA-NEXT: %2 = dma.view %x offset 0 : memref<1x8x4x8x8xf32, #dma.external> to memref<4x8x64xf32, strided<[64, 256, 1]>, #dma.external>
// DMA-NEXT: dma.blocks "first" [] attributes {xnn.work = {engine = "dma", operator = "transpose", {{.*}}, macs = 0 : i64, auxiliary_macs = 0 : i64, operations = 0 : i64, constant_bytes = 0 : i64, feature_map_bytes = 16384 : i64, precision = 32 : i64, formats = {{{.*}}}, computation_cycles = 0 : i64}} {
// DMA-NEXT:   %3 = dma.load %2 at affine_map<() -> (0, 0, 0)> [4, 8, 64] slots 1 : memref<4x8x64xf32, strided<[64, 256, 1]>, #dma.external> -> memref<4x8x64xf32, #dma.local>
// DMA-NEXT:   dma.store %3 to %1 at affine_map<() -> (0, 0, 0)> [4, 8, 64] : memref<4x8x64xf32, #dma.local> to memref<4x8x64xf32, #dma.external>
// DMA-NEXT: }
// DMA:      dma.view {{.*}} : memref<4x8x64x1xf32, #dma.external> to memref<1x4x8x64xf32, #dma.external>
// DMA:      dma.blocks "y"

// 1 KiB: two slots of at most 512 bytes, in whole rows where there are any.
// SMALL:      dma.blocks "first" [4, 4]
// SMALL-NEXT:   %3 = dma.load %2 at affine_map<(d0, d1) -> (d0, (d1 * 2), 0)> [1, 2, 64] slots 2 : memref<4x8x64xf32, strided<[64, 256, 1]>, #dma.external> -> memref<1x2x64xf32, #dma.local>
// SMALL-NEXT:   dma.store %3 to %1 at affine_map<(d0, d1) -> (d0, (d1 * 2), 0)> [1, 2, 64] : memref<1x2x64xf32, #dma.local> to memref<4x8x64xf32, #dma.external>
// SMALL:      dma.blocks "y" [8, 2]
// SMALL-NEXT:   dma.load {{.*}} [8, 4, 4] slots 2

// KEPT:      dma.blocks "first" []
// KEPT-NEXT:   dma.copy %2 to %1 at affine_map<() -> (0, 0, 0)> [4, 8, 64] : memref<4x8x64xf32, strided<[64, 256, 1]>, #dma.external> to memref<4x8x64xf32, #dma.local>
// KEPT-NEXT: }
// KEPT:      dma.blocks "back" []
// KEPT-NEXT:   dma.copy %10 to %9 at affine_map<() -> (0, 0, 0)> [8, 4, 64] : memref<8x4x64xf32, strided<[64, 512, 1]>, #dma.local> to memref<8x4x64xf32, #dma.local>
// KEPT-NEXT: }
// KEPT:      dma.blocks "y" []
// KEPT-NEXT:   dma.copy %18 to %17 at affine_map<() -> (0, 0, 0)> [64, 8, 4] : memref<64x8x4xf32, strided<[1, 64, 512]>, #dma.local> to memref<64x8x4xf32, #dma.external>
// KEPT-NEXT: }

// A layer of transfers has no configuration. The side in external memory leads: its runs are as long as they can be.
// DSA:      dsa.layer "first" {xnn.work
// DSA-NEXT: dsa.transfer "first" "dma0" load of ["x", "first"] at affine_map<() -> (0, 0)> sizes [8, 4, 64] source [256, 64, 1] target [64, 512, 1] reservations [{{[0-9]}}] : f32
// DSA:      dsa.layer "back" {xnn.work
// DSA-NEXT: dsa.transfer "back" "dma1" copy of ["pool", "back"] at affine_map<() -> (0, 0)> sizes [4, 8, 64] source [512, 64, 1] target [64, 256, 1] reservations [{{[0-9], [0-9]}}] after <sort 1> : f32
// DSA:      dsa.layer "y" {xnn.work
// DSA-NEXT: dsa.transfer "y" "dma{{[01]}}" store of ["again", "y"] at affine_map<() -> (0, 0)> sizes [64, 8, 4] source [1, 64, 512] target [32, 4, 1] reservations [{{[0-9]}}] after <sort 1> : f32
