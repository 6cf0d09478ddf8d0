// RUN: xnn-opt %s --keep-shared-weights-local | filecheck %s
// RUN: xnn-opt %s --set local.banks=1 --set local.rows=32 --set external.latency_cycles=1 --keep-shared-weights-local | filecheck %s --check-prefix SMALL
// RUN: xnn-opt %s --lower-to-dma | filecheck %s --check-prefix DMA

// Steps of a recurrent network: the weights of two are loaded once, before the first. A bias is too short to pay.
// Weights of one layer are its own, and what is returned is more than a weight. In 2 KiB only the bias has room,
// which pays where a latency is short.
func.func @main(%x: tensor<1x32xf32> {xnn.name = "x"}) -> (tensor<1x32xf32> {xnn.name = "c"}, tensor<1x32xf32> {xnn.name = "k"}) {
  %w = xnn.parameter "w" : tensor<32x32xf32>
  %v = xnn.parameter "v" : tensor<32x32xf32>
  %bias = xnn.parameter "bias" : tensor<32xf32>
  %k = xnn.parameter "k" : tensor<1x32xf32>
  %a = prim.matmul "a" "gemm" ins(%w, %x : tensor<32x32xf32>, tensor<1x32xf32>) window <> post [affine_map<(d0, d1) -> (d1)>](%bias : tensor<32xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } -> tensor<1x32xf32>
  %b = prim.matmul "b" "gemm" ins(%w, %a : tensor<32x32xf32>, tensor<1x32xf32>) window <> post [affine_map<(d0, d1) -> (d1)>](%bias : tensor<32xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } -> tensor<1x32xf32>
  %c = prim.matmul "c" "gemm" ins(%v, %b : tensor<32x32xf32>, tensor<1x32xf32>) window <> post [affine_map<(d0, d1) -> (d0, d1)>](%k : tensor<1x32xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } -> tensor<1x32xf32>
  func.return %c, %k : tensor<1x32xf32>, tensor<1x32xf32>
}

// CHECK:      %[[W:.*]] = prim.transfer "w#local" "copy" %w offset 0 sizes [32, 32] strides [32, 1] local : tensor<32x32xf32> to tensor<32x32xf32>
// CHECK-NEXT: prim.matmul "a" "gemm" ins(%[[W]], %x : {{.*}}](%bias : tensor<32xf32>) {
// CHECK:      prim.matmul "b" "gemm" ins(%[[W]], %a : {{.*}}](%bias : tensor<32xf32>) {
// CHECK:      prim.matmul "c" "gemm" ins(%v, %b : {{.*}}](%k : tensor<1x32xf32>) {

// SMALL-NOT:  "w#local"
// SMALL:      prim.transfer "bias#local" "copy" %bias offset 0 sizes [32] strides [1] local
// SMALL:      prim.matmul "a" "gemm" ins(%w, %x

// DMA:        %[[W:.*]] = dma.alloc "w#local" {{.*}}: memref<32x32xf32, #dma.local>
// DMA:        dma.copy %{{.*}} to %[[W]] at
// DMA:        dma.blocks "a" []
// DMA-NEXT:   dma.slice %[[W]] at
// DMA:        dma.blocks "b" []
// DMA-NEXT:   dma.slice %[[W]] at
