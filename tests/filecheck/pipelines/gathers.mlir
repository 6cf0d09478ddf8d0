// RUN: xnn-opt %s --lower-to-primitives | filecheck %s --check-prefix PRIM
// RUN: xnn-opt %s --lower-to-dma | filecheck %s --check-prefix DMA
// RUN: xnn-opt %s --set local.banks=2 --set local.rows=4 --lower-to-primitives --convert-to-blocks | filecheck %s --check-prefix SMALL
// RUN: xnn-opt %s --set local.banks=2 --set local.rows=4 --lower-to-dsa | filecheck %s --check-prefix AHEAD
// RUN: xnn-opt %s --lower-to-dsa | filecheck %s --check-prefix DSA
// RUN: xnn-opt %s --lower-to-dsa | xnn-opt | filecheck %s --check-prefix DSA
// RUN: not xnn-opt %s --schedule every=local --lower-to-dma 2>&1 | filecheck %s --check-prefix TABLE

// Rows of a table by indices that are data; a constant whose steps are equal is a transfer by strides ("every"),
// or nothing at all ("all"); other constants stay indices ("some").
func.func @main(%ids: tensor<2x8xi64> {xnn.name = "ids"}) -> (tensor<2x8x1x16xf32> {xnn.name = "y"}, tensor<2x3x2xf32> {xnn.name = "some"}) {
  %table = xnn.constant "table" dense<0.5> : tensor<100x16xf32>
  %axis = xnn.constant "axis" dense<[0, 1, 2, 3, 4, 5, 6, -1]> : tensor<8xi32>
  %tokens = xnn.gather "tokens" %table, %ids {axis = 0 : i64} : (tensor<100x16xf32>, tensor<2x8xi64>) -> tensor<2x8x16xf32>
  %four = xnn.reshape "four" %tokens {shape = array<i64: 2, 8, 1, 16>} : (tensor<2x8x16xf32>) -> tensor<2x8x1x16xf32>
  %y = xnn.max_pool "y" %four {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<2x8x1x16xf32>) -> tensor<2x8x1x16xf32>
  %all = xnn.gather "all" %y, %axis {axis = 1 : i64} : (tensor<2x8x1x16xf32>, tensor<8xi32>) -> tensor<2x8x1x16xf32>
  %odd = xnn.constant "odd" dense<[1, 3, -3]> : tensor<3xi64>
  %every = xnn.gather "every" %all, %odd {axis = 1 : i64} : (tensor<2x8x1x16xf32>, tensor<3xi64>) -> tensor<2x3x1x16xf32>
  %three = xnn.reshape "three" %every {shape = array<i64: 2, 3, 16>} : (tensor<2x3x1x16xf32>) -> tensor<2x3x16xf32>
  %ends = xnn.constant "ends" dense<[15, 0]> : tensor<2xi64>
  %some = xnn.gather "some" %three, %ends {axis = 2 : i64} : (tensor<2x3x16xf32>, tensor<2xi64>) -> tensor<2x3x2xf32>
  func.return %y, %some : tensor<2x8x1x16xf32>, tensor<2x3x2xf32>
}

// TABLE: {{.*}}: error: layer "every": its result cannot be local, for it is read by an indexed transfer, layer "some"

// PRIM:      %tokens = prim.gather "tokens" "gather" %table by %ids axis 0 schedule <block = [1, 16, 16], slots = 2> local : tensor<100x16xf32>, tensor<2x8xi64> to tensor<2x8x16xf32>
// PRIM:      %all = prim.view "all" %y : tensor<2x8x1x16xf32> to tensor<2x8x1x16xf32>
// PRIM-NEXT: %every = prim.transfer "every" "gather" %all offset 16 sizes [2, 3, 16] strides [128, 32, 1] schedule <block = [2, 3, 16], slots = 2> : tensor<2x8x1x16xf32> to tensor<2x3x1x16xf32>
// PRIM:      %some = prim.gather "some" "gather" %three by %ends axis 2 schedule <block = [6, 2, 1], slots = 2> : tensor<2x3x16xf32>, tensor<2xi64> to tensor<2x3x2xf32>

// Into local memory: a map that stays there, or a buffer that is stored.
// DMA:      dma.blocks "tokens" []
// DMA-NEXT:   %5 = dma.slice %2 at affine_map<() -> (0, 0, 0)> [1, 16, 16] : memref<1x16x16xf32, #dma.local> -> memref<1x16x16xf32, strided<[256, 16, 1]>, #dma.local>
// DMA-NEXT:   dma.gather %3 by %4 to %5 : memref<1x100x16xf32, #dma.external>, memref<16xi64, #dma.external> to memref<1x16x16xf32, strided<[256, 16, 1]>, #dma.local>
// DMA-NEXT: }
// DMA:      dma.blocks "some" []
// DMA-NEXT:   %20 = dma.buffer slots 1 : memref<6x2x1xf32, #dma.local>
// DMA-NEXT:   dma.gather %19 by %16 to %20 : memref<6x16x1xf32, #dma.external>, memref<2xi64, #dma.external> to memref<6x2x1xf32, #dma.local>
// DMA-NEXT:   dma.store %20 to %18 at affine_map<() -> (0, 0, 0)> [6, 2, 1] : memref<6x2x1xf32, #dma.local> to memref<6x2x1xf32, #dma.external>
// DMA-NEXT: }

// DSA:      dsa.gather "tokens" "dma0" of ["table", "ids", "tokens"] at affine_map<() -> (0, 0, 0)> sizes [1, 16, 16] rows 100 source [1600, 16, 1] target [256, 16, 1] reservations [{{[0-9]}}] : f32 by i64
// DSA:      dsa.gather "some" "dma0" of ["every", "ends", "some#0"] at affine_map<() -> (0, 0, 0)> sizes [6, 2, 1] rows 16 source [16, 1, 1] target [2, 1, 1] reservations [{{[0-9]}}] after <dma1 1> : f32 by i64

// SMALL:      dma.blocks "tokens" [4]
// SMALL-NEXT:   %5 = dma.buffer slots 2 : memref<1x4x16xf32, #dma.local>
// SMALL-NEXT:   dma.gather %3 by %4 to %5 : memref<1x100x16xf32, #dma.external>, memref<16xi64, #dma.external> to memref<1x4x16xf32, #dma.local>
// SMALL-NEXT:   dma.store %5 to %2 at affine_map<(d0) -> (0, (d0 * 4), 0)> [1, 4, 16] : memref<1x4x16xf32, #dma.local> to memref<1x16x16xf32, #dma.external>

// The gather of the next block comes before the store of this one.
// AHEAD:      dsa.layer "tokens"
// AHEAD-NEXT: dsa.gather "tokens" "dma0"
// AHEAD-NEXT: dsa.gather "tokens" "dma0"
// AHEAD-NEXT: dsa.transfer "tokens" "dma1" store
