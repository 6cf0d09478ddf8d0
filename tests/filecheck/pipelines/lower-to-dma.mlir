// RUN: xnn-opt %s --lower-to-dma | filecheck %s
// RUN: xnn-opt %s --lower-to-primitives | xnn-opt -p convert-to-blocks,order-layers | filecheck %s

// All feature maps but the result stay local. Weights are parameters in external memory.
func.func @main(%x : tensor<1x3x16x16xf32> {xnn.name = "x"}) -> (tensor<1x10xf32> {xnn.name = "y"}) {
  %w = xnn.constant "w" dense<0.5> : tensor<8x3x3x3xf32>
  %b = xnn.constant "b" dense<0.25> : tensor<8xf32>
  %conv = xnn.conv "conv" %x, %w, %b {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x16x16xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x8x8x8xf32>
  %relu = xnn.relu "relu" %conv : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  %mean = xnn.global_average_pool "mean" %relu : (tensor<1x8x8x8xf32>) -> tensor<1x8x1x1xf32>
  %flat = xnn.reshape "flat" %mean {shape = array<i64: 1, 8>} : (tensor<1x8x1x1xf32>) -> tensor<1x8xf32>
  %v = xnn.constant "v" dense<2.0> : tensor<10x8xf32>
  %logits = xnn.gemm "logits" %flat, %v {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<1x8xf32>, tensor<10x8xf32>) -> tensor<1x10xf32>
  %y = xnn.softmax "y" %logits {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  func.return %y : tensor<1x10xf32>
}

// CHECK:      func.func @main(%x: memref<1x3x16x16xf32, #dma.external> {xnn.name = "x"}) -> (memref<1x10xf32, #dma.external> {xnn.name = "y"}) {
// CHECK-NEXT:   %0 = dma.parameter "w" : memref<8x3x3x3xf32, #dma.external>
// CHECK-NEXT:   %1 = dma.parameter "b" : memref<8xf32, #dma.external>
// CHECK-NEXT:   %2 = dma.alloc "relu"{{.*}} : memref<1x8x8x8xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "relu" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %3 = dma.load %0 at affine_map<() -> (0, 0, 0, 0)> [8, 3, 3, 3] slots 1{{.*}} : memref<8x3x3x3xf32, #dma.external> -> memref<8x3x3x3xf32, strided<[32, 9, 3, 1]>, #dma.local>
// CHECK-NEXT:     %4 = dma.load %x at affine_map<() -> (0, 0, -1, -1)> [1, 3, 17, 17] slots 1{{.*}} : memref<1x3x16x16xf32, #dma.external> -> memref<1x3x17x17xf32, #dma.local>
// CHECK-NEXT:     %5 = dma.load %1 at affine_map<() -> (0)> [8] slots 1{{.*}} : memref<8xf32, #dma.external> -> memref<8xf32, #dma.local>
// CHECK-NEXT:     %6 = dma.slice %2 at affine_map<() -> (0, 0, 0, 0)> [1, 8, 8, 8] : memref<1x8x8x8xf32, #dma.local> -> memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>
// CHECK-NEXT:     prim.matmul "relu" "conv" ins(%3, %4 : memref<8x3x3x3xf32, strided<[32, 9, 3, 1]>, #dma.local>, memref<1x3x17x17xf32, #dma.local>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%5 : memref<8xf32, #dma.local>) {
// CHECK-NEXT:     ^bb0(%7: f32, %8: f32):
// CHECK-NEXT:       %9 = arith.addf %7, %8 : f32
// CHECK-NEXT:       %10 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:       %11 = arith.maximumf %9, %10 : f32
// CHECK-NEXT:       prim.yield %11 : f32
// CHECK-NEXT:     } schedule <{{.*}}> outs(%6 : memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>) {layers = ["conv"]}
// CHECK-NEXT:   }
// CHECK-NEXT:   %7 = dma.parameter "mean#taps" : memref<1x1x8x8xf32, #dma.external>
// CHECK-NEXT:   %8 = dma.alloc "mean"{{.*}} : memref<1x8x1x1xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "mean" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %9 = dma.load %7 at affine_map<() -> (0, 0, 0, 0)> [1, 1, 8, 8] slots 1{{.*}} : memref<1x1x8x8xf32, #dma.external> -> memref<1x1x8x8xf32, #dma.local>
// CHECK-NEXT:     %10 = dma.slice %2 at affine_map<() -> (0, 0, 0, 0)> [1, 8, 8, 8] : memref<1x8x8x8xf32, #dma.local> -> memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>
// CHECK-NEXT:     %11 = dma.slice %8 at affine_map<() -> (0, 0, 0, 0)> [1, 8, 1, 1] : memref<1x8x1x1xf32, #dma.local> -> memref<1x8x1x1xf32, strided<[8, 1, 1, 1]>, #dma.local>
// CHECK-NEXT:     prim.matmul "mean" "average_pool" ins(%9, %10 : memref<1x1x8x8xf32, #dma.local>, memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>) window <kernel = [8, 8], groups = 8> schedule <{{.*}}> outs(%11 : memref<1x8x1x1xf32, strided<[8, 1, 1, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %12 = dma.view %8 offset 0 : memref<1x8x1x1xf32, #dma.local> to memref<1x8xf32, #dma.local>
// CHECK-NEXT:   %13 = dma.parameter "v" : memref<10x8xf32, #dma.external>
// CHECK-NEXT:   %14 = dma.alloc "logits"{{.*}} : memref<1x10xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "logits" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %15 = dma.load %13 at affine_map<() -> (0, 0)> [10, 8] slots 1{{.*}} : memref<10x8xf32, #dma.external> -> memref<10x8xf32, #dma.local>
// CHECK-NEXT:     %16 = dma.slice %12 at affine_map<() -> (0, 0)> [1, 8] : memref<1x8xf32, #dma.local> -> memref<1x8xf32, strided<[8, 1]>, #dma.local>
// CHECK-NEXT:     %17 = dma.slice %14 at affine_map<() -> (0, 0)> [1, 10] : memref<1x10xf32, #dma.local> -> memref<1x10xf32, strided<[10, 1]>, #dma.local>
// CHECK-NEXT:     prim.matmul "logits" "gemm" ins(%15, %16 : memref<10x8xf32, #dma.local>, memref<1x8xf32, strided<[8, 1]>, #dma.local>) window <> schedule <{{.*}}> outs(%17 : memref<1x10xf32, strided<[10, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %18 = dma.alloc "y#max"{{.*}} : memref<1x1xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "y#max" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %19 = dma.slice %14 at affine_map<() -> (0, 0)> [1, 10] : memref<1x10xf32, #dma.local> -> memref<1x10xf32, strided<[10, 1]>, #dma.local>
// CHECK-NEXT:     %20 = dma.slice %18 at affine_map<() -> (0, 0)> [1, 1] : memref<1x1xf32, #dma.local> -> memref<1x1xf32, strided<[1, 1]>, #dma.local>
// CHECK-NEXT:     prim.reduce "y#max" "softmax" max ins(%19 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> schedule <{{.*}}> outs(%20 : memref<1x1xf32, strided<[1, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %21 = dma.alloc "y#sum"{{.*}} : memref<1x1xf32, #dma.local>
// CHECK-NEXT:   dma.blocks "y#sum" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %22 = dma.slice %14 at affine_map<() -> (0, 0)> [1, 10] : memref<1x10xf32, #dma.local> -> memref<1x10xf32, strided<[10, 1]>, #dma.local>
// CHECK-NEXT:     %23 = dma.slice %18 at affine_map<() -> (0, 0)> [1, 1] : memref<1x1xf32, #dma.local> -> memref<1x1xf32, strided<[1, 1]>, #dma.local>
// CHECK-NEXT:     %24 = dma.slice %21 at affine_map<() -> (0, 0)> [1, 1] : memref<1x1xf32, #dma.local> -> memref<1x1xf32, strided<[1, 1]>, #dma.local>
// CHECK-NEXT:     prim.reduce "y#sum" "softmax" sum ins(%22 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%23 : memref<1x1xf32, strided<[1, 1]>, #dma.local>) {
// CHECK-NEXT:     ^bb0(%25: f32, %26: f32):
// CHECK-NEXT:       %27 = arith.subf %25, %26 : f32
// CHECK-NEXT:       %28 = math.exp %27 : f32
// CHECK-NEXT:       prim.yield %28 : f32
// CHECK-NEXT:     } post [](:) {
// CHECK-NEXT:     ^bb0(%29: f32):
// CHECK-NEXT:       %30 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:       %31 = arith.divf %30, %29 : f32
// CHECK-NEXT:       prim.yield %31 : f32
// CHECK-NEXT:     } schedule <{{.*}}> outs(%24 : memref<1x1xf32, strided<[1, 1]>, #dma.local>)
// CHECK-NEXT:   }
// CHECK-NEXT:   %25 = dma.alloc "y"{{.*}} : memref<1x10xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "y" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %26 = dma.slice %14 at affine_map<() -> (0, 0)> [1, 10] : memref<1x10xf32, #dma.local> -> memref<1x10xf32, strided<[10, 1]>, #dma.local>
// CHECK-NEXT:     %27 = dma.slice %18 at affine_map<() -> (0, 0)> [1, 1] : memref<1x1xf32, #dma.local> -> memref<1x1xf32, strided<[1, 1]>, #dma.local>
// CHECK-NEXT:     %28 = dma.slice %21 at affine_map<() -> (0, 0)> [1, 1] : memref<1x1xf32, #dma.local> -> memref<1x1xf32, strided<[1, 1]>, #dma.local>
// CHECK-NEXT:     %29 = dma.buffer slots 1{{.*}} : memref<1x10xf32, #dma.local>
// CHECK-NEXT:     prim.map "y" "softmax" ins(%26 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%27, %28 : memref<1x1xf32, strided<[1, 1]>, #dma.local>, memref<1x1xf32, strided<[1, 1]>, #dma.local>) {
// CHECK-NEXT:     ^bb0(%30: f32, %31: f32, %32: f32):
// CHECK-NEXT:       %33 = arith.subf %30, %31 : f32
// CHECK-NEXT:       %34 = math.exp %33 : f32
// CHECK-NEXT:       %35 = arith.mulf %34, %32 : f32
// CHECK-NEXT:       prim.yield %35 : f32
// CHECK-NEXT:     } schedule <{{.*}}> outs(%29 : memref<1x10xf32, #dma.local>)
// CHECK-NEXT:     dma.store %29 to %25 at affine_map<() -> (0, 0)> [1, 10] : memref<1x10xf32, #dma.local> to memref<1x10xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK-NEXT:   dma.order {
// CHECK:          dma.run "relu"
// CHECK:          dma.run "mean"
// CHECK:          dma.run "logits"
// CHECK:          dma.run "y#max"
// CHECK:          dma.run "y#sum"
// CHECK:          dma.run "y"
// CHECK:        }
// CHECK-NEXT:   func.return %25 : memref<1x10xf32, #dma.external>
// CHECK-NEXT: }
