// RUN: xnn-opt %s --lower-to-dsa | filecheck %s
// RUN: xnn-opt %s --lower-to-dma | xnn-opt -p plan-memory,convert-to-instructions | filecheck %s

// The program declares all buffers, then configures and runs layer by layer.
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

// CHECK:      dsa.program attributes {predicted_cycles = {{[0-9]+}} : i64} {
// CHECK-NEXT:    dsa.buffer "x" input external at 0 : memref<1x3x16x16xf32>
// CHECK-NEXT:    dsa.buffer "w" parameter external at 3072 : memref<8x3x3x3xf32>
// CHECK-NEXT:    dsa.buffer "b" parameter external at 3968 : memref<8xf32>
// CHECK-NEXT:    dsa.buffer "relu" feature_map local at 0 : memref<1x8x8x8xf32>
// CHECK-NEXT:    dsa.buffer "mean#taps" parameter external at 4032 : memref<1x1x8x8xf32>
// CHECK-NEXT:    dsa.buffer "mean" feature_map local at 65536 : memref<1x8x1x1xf32>
// CHECK-NEXT:    dsa.buffer "v" parameter external at 4288 : memref<10x8xf32>
// CHECK-NEXT:    dsa.buffer "logits" feature_map local at 2048 : memref<1x10xf32>
// CHECK-NEXT:    dsa.buffer "y#max" feature_map local at 65600 : memref<1x1xf32>
// CHECK-NEXT:    dsa.buffer "y#sum" feature_map local at 131072 : memref<1x1xf32>
// CHECK-NEXT:    dsa.buffer "y" feature_map external at 4608 : memref<1x10xf32>
// CHECK-NEXT:    dsa.buffer "relu#0" slice local at 131072 : memref<8x3x3x3xf32, strided<[32, 9, 3, 1]>>
// CHECK-NEXT:    dsa.buffer "relu#1" slice local at 65792 : memref<1x3x17x17xf32>
// CHECK-NEXT:    dsa.buffer "relu#2" slice local at 2304 : memref<8xf32>
// CHECK-NEXT:    dsa.buffer "mean#0" slice local at 2560 : memref<1x1x8x8xf32>
// CHECK-NEXT:    dsa.buffer "logits#0" slice local at 2816 : memref<10x8xf32>
// CHECK-NEXT:    dsa.buffer "y#0" slice local at 196608 : memref<1x10xf32>
// CHECK-NEXT:    dsa.output "y" of "y" at 0 : memref<1x10xf32>
// CHECK-NEXT:    dsa.config @matmul0 {
// CHECK-NEXT:    ^bb0(%0: memref<8x3x3x3xf32, strided<[32, 9, 3, 1]>, #dma.local>, %1: memref<1x3x17x17xf32, #dma.local>, %2: memref<8xf32, #dma.local>, %3: memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>):
// CHECK-NEXT:      prim.matmul "matmul0" "conv" ins(%0, %1 : memref<8x3x3x3xf32, strided<[32, 9, 3, 1]>, #dma.local>, memref<1x3x17x17xf32, #dma.local>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%2 : memref<8xf32, #dma.local>) {
// CHECK-NEXT:      ^bb0(%4: f32, %5: f32):
// CHECK-NEXT:        %6 = arith.addf %4, %5 : f32
// CHECK-NEXT:        %7 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:        %8 = arith.maximumf %6, %7 : f32
// CHECK-NEXT:        prim.yield %8 : f32
// CHECK-NEXT:      } schedule <{{.*}}> outs(%3 : memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "relu" @matmul0 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.transfer "relu" "dma0" load of ["x", "relu#1"] at affine_map<() -> (0, 0)> sizes [1, 3, 16, 16] source [768, 256, 16, 1] target [867, 289, 17, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:    dsa.transfer "relu" "dma1" load of ["w", "relu#0"] at affine_map<() -> (0, 0)> sizes [8, 3, 3, 3] source [27, 9, 3, 1] target [32, 9, 3, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:    dsa.transfer "relu" "dma0" load of ["b", "relu#2"] at affine_map<() -> (0, 0)> sizes [8] source [1] target [1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:    dsa.config @matmul1 {
// CHECK-NEXT:    ^bb0(%4: memref<1x1x8x8xf32, #dma.local>, %5: memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>, %6: memref<1x8x1x1xf32, strided<[8, 1, 1, 1]>, #dma.local>):
// CHECK-NEXT:      prim.matmul "matmul1" "average_pool" ins(%4, %5 : memref<1x1x8x8xf32, #dma.local>, memref<1x8x8x8xf32, strided<[512, 64, 8, 1]>, #dma.local>) window <kernel = [8, 8], groups = 8> schedule <{{.*}}> outs(%6 : memref<1x8x1x1xf32, strided<[8, 1, 1, 1]>, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "mean" @matmul1 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.transfer "mean" "dma1" load of ["mean#taps", "mean#0"] at affine_map<() -> (0, 0)> sizes [1, 1, 8, 8] source [64, 64, 8, 1] target [64, 64, 8, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:    dsa.config @matmul2 {
// CHECK-NEXT:    ^bb0(%7: memref<10x8xf32, #dma.local>, %8: memref<1x8xf32, strided<[8, 1]>, #dma.local>, %9: memref<1x10xf32, strided<[10, 1]>, #dma.local>):
// CHECK-NEXT:      prim.matmul "matmul2" "gemm" ins(%7, %8 : memref<10x8xf32, #dma.local>, memref<1x8xf32, strided<[8, 1]>, #dma.local>) window <> schedule <{{.*}}> outs(%9 : memref<1x10xf32, strided<[10, 1]>, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "logits" @matmul2 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.transfer "logits" "dma0" load of ["v", "logits#0"] at affine_map<() -> (0, 0)> sizes [10, 8] source [8, 1] target [8, 1] reservations {{\[[0-9, ]*\]}} : f32
// CHECK-NEXT:    dsa.matmul "relu" [1, 1, 8, 3, 8, 8] pads [1, 0, 1, 0] first last of ["relu#0", "relu#1", "relu#2", "relu"] at affine_map<() -> (0, 0, 0, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 2, dma1 2>
// CHECK-NEXT:    dsa.matmul "mean" [1, 8, 1, 1, 1, 1] pads [0, 0, 0, 0] first last of ["mean#0", "relu", "mean"] at affine_map<() -> (0, 0, 0)> reservations {{\[[0-9, ]*\]}} after <dma1 1, matmul 1>
// CHECK-NEXT:    dsa.matmul "logits" [1, 1, 10, 8] pads [] first last of ["logits#0", "mean", "logits"] at affine_map<() -> (0, 0, 0)> reservations {{\[[0-9, ]*\]}} after <dma0 1, matmul 1>
// CHECK-NEXT:    dsa.config @reduce3 {
// CHECK-NEXT:    ^bb0(%10: memref<1x10xf32, strided<[10, 1]>, #dma.local>, %11: memref<1x1xf32, strided<[1, 1]>, #dma.local>):
// CHECK-NEXT:      prim.reduce "reduce3" "softmax" max ins(%10 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> schedule <{{.*}}> outs(%11 : memref<1x1xf32, strided<[1, 1]>, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "y#max" @reduce3 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.vector "y#max" [1, 1, 1, 10] pads [] first last of ["logits", "y#max"] at affine_map<() -> (0, 0)> reservations {{\[[0-9, ]*\]}} after <matmul 1>
// CHECK-NEXT:    dsa.config @reduce4 {
// CHECK-NEXT:    ^bb0(%12: memref<1x10xf32, strided<[10, 1]>, #dma.local>, %13: memref<1x1xf32, strided<[1, 1]>, #dma.local>, %14: memref<1x1xf32, strided<[1, 1]>, #dma.local>):
// CHECK-NEXT:      prim.reduce "reduce4" "softmax" sum ins(%12 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> pre [affine_map<(d0, d1) -> (d0, 0)>](%13 : memref<1x1xf32, strided<[1, 1]>, #dma.local>) {
// CHECK-NEXT:      ^bb0(%15: f32, %16: f32):
// CHECK-NEXT:        %17 = arith.subf %15, %16 : f32
// CHECK-NEXT:        %18 = math.exp %17 : f32
// CHECK-NEXT:        prim.yield %18 : f32
// CHECK-NEXT:      } post [](:) {
// CHECK-NEXT:      ^bb0(%19: f32):
// CHECK-NEXT:        %20 = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:        %21 = arith.divf %20, %19 : f32
// CHECK-NEXT:        prim.yield %21 : f32
// CHECK-NEXT:      } schedule <{{.*}}> outs(%14 : memref<1x1xf32, strided<[1, 1]>, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "y#sum" @reduce4 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.vector "y#sum" [1, 1, 1, 10] pads [] first last of ["logits", "y#max", "y#sum"] at affine_map<() -> (0, 0, 0)> reservations {{\[[0-9, ]*\]}}
// CHECK-NEXT:    dsa.config @map5 {
// CHECK-NEXT:    ^bb0(%15: memref<1x10xf32, strided<[10, 1]>, #dma.local>, %16: memref<1x1xf32, strided<[1, 1]>, #dma.local>, %17: memref<1x1xf32, strided<[1, 1]>, #dma.local>, %18: memref<1x10xf32, #dma.local>):
// CHECK-NEXT:      prim.map "map5" "softmax" ins(%15 : memref<1x10xf32, strided<[10, 1]>, #dma.local>) window <> post [affine_map<(d0, d1) -> (d0, 0)>, affine_map<(d0, d1) -> (d0, 0)>](%16, %17 : memref<1x1xf32, strided<[1, 1]>, #dma.local>, memref<1x1xf32, strided<[1, 1]>, #dma.local>) {
// CHECK-NEXT:      ^bb0(%19: f32, %20: f32, %21: f32):
// CHECK-NEXT:        %22 = arith.subf %19, %20 : f32
// CHECK-NEXT:        %23 = math.exp %22 : f32
// CHECK-NEXT:        %24 = arith.mulf %23, %21 : f32
// CHECK-NEXT:        prim.yield %24 : f32
// CHECK-NEXT:      } schedule <{{.*}}> outs(%18 : memref<1x10xf32, #dma.local>)
// CHECK-NEXT:    }
// CHECK-NEXT:    dsa.layer "y" @map5 {xnn.work = {{.*}}
// CHECK-NEXT:    dsa.vector "y" [1, 10, 1, 1] pads [] first last of ["logits", "y#max", "y#sum", "y#0"] at affine_map<() -> (0, 0, 0, 0)> reservations {{\[[0-9, ]*\]}}
// CHECK-NEXT:    dsa.transfer "y" "dma1" store of ["y#0", "y"] at affine_map<() -> (0, 0)> sizes [1, 10] source [10, 1] target [10, 1] reservations {{\[[0-9, ]*\]}} after <vector 1> : f32
// CHECK-NEXT:  }
