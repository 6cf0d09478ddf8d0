// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// The first keys of columns: of one position, of several with a schedule, on buffers with keys of another type.
func.func @main(%x: tensor<2x40xf32>, %m: tensor<1x9x4xi32>, %in: memref<1x9xi8>, %keys: memref<1x3xi32>, %out: memref<1x3xi8>) {
  %best = prim.top_k "best" "top_k" largest ins(%x : tensor<2x40xf32>) window <> -> tensor<2x5xf32>
  %least = prim.top_k "least" "top_k" least ins(%m : tensor<1x9x4xi32>) window <kernel = [1]> schedule <block = [1, 1, 3, 5, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> {layers = ["a"]} -> tensor<1x3x4xi32>
  prim.top_k "bytes" "top_k" largest ins(%in : memref<1x9xi8>) window <> sums(%keys : memref<1x3xi32>) pre [](:) {
  ^bb0(%0: i8):
    %1 = prim.convert %0 : i8 to i32
    prim.yield %1 : i32
  } post [](:) {
  ^bb0(%2: i32):
    %3 = prim.convert %2 : i32 to i8
    prim.yield %3 : i8
  } outs(%out : memref<1x3xi8>)
  func.return
}

// CHECK:      func.func @main(%x: tensor<2x40xf32>, %m: tensor<1x9x4xi32>, %in: memref<1x9xi8>, %keys: memref<1x3xi32>, %out: memref<1x3xi8>) {
// CHECK-NEXT:   %best = prim.top_k "best" "top_k" largest ins(%x : tensor<2x40xf32>) window <> -> tensor<2x5xf32>
// CHECK-NEXT:   %least = prim.top_k "least" "top_k" least ins(%m : tensor<1x9x4xi32>) window <kernel = [1]> schedule <block = [1, 1, 3, 5, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> {layers = ["a"]} -> tensor<1x3x4xi32>
// CHECK-NEXT:   prim.top_k "bytes" "top_k" largest ins(%in : memref<1x9xi8>) window <> sums(%keys : memref<1x3xi32>) pre [](:) {
// CHECK-NEXT:   ^bb0(%0: i8):
// CHECK-NEXT:     %1 = prim.convert %0 : i8 to i32
// CHECK-NEXT:     prim.yield %1 : i32
// CHECK-NEXT:   } post [](:) {
// CHECK-NEXT:   ^bb0(%2: i32):
// CHECK-NEXT:     %3 = prim.convert %2 : i32 to i8
// CHECK-NEXT:     prim.yield %3 : i8
// CHECK-NEXT:   } outs(%out : memref<1x3xi8>)
// CHECK-NEXT:   func.return
