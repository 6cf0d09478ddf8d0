// RUN: xnn-opt %s --xnn-borrowed='tensor="x"' --xnn-borrowed='tensor="y"' --xnn-borrowed='tensor="x"' | filecheck %s
// RUN: xnn-opt %s --borrowed x --borrowed y --lower-to-dma --plan-memory | filecheck %s --check-prefix DMA
// RUN: xnn-opt %s --borrowed x --borrowed y --lower-to-dsa | filecheck %s --check-prefix DSA
// RUN: xnn-opt %s --borrowed x --borrowed y --lower-to-dsa | xnn-opt | filecheck %s --check-prefix DSA
// RUN: not xnn-opt %s --borrowed w --lower-to-dsa 2>&1 | filecheck %s --check-prefix NAME

// CHECK: builtin.module attributes {xnn.borrowed = ["x", "y"]} {
// DMA:   func.func @main(%x: memref<1x8xf32, #dma.external> {xnn.name = "x", dma.dynamic, dma.borrowed}, %z: memref<1x8xf32, #dma.external> {xnn.name = "z", dma.address = 64 : i64})
// DMA:   dma.alloc "y" dynamic borrowed : memref<1x8xf32, #dma.external>
// DSA:   dsa.buffer "x" input external dynamic borrowed : memref<1x8xf32>
// DSA:   dsa.buffer "z" input external at 64 : memref<1x8xf32>
// DSA:   dsa.buffer "y" feature_map external dynamic borrowed : memref<1x8xf32>
// NAME:  error: no input, output or parameter is called 'w'

func.func @main(%x : tensor<1x8xf32> {xnn.name = "x"}, %z : tensor<1x8xf32> {xnn.name = "z"}) -> (tensor<1x8xf32> {xnn.name = "y"}) {
  %y = xnn.add "y" %x, %z : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %y : tensor<1x8xf32>
}
