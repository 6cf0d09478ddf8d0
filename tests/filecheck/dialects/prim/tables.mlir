// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// Tables as operands of `pre` and `post`, on tensors and on buffers.
func.func @tables(%w: tensor<4x8x1x1xi8>, %x: tensor<1x8x3x3xui8>, %t: tensor<256xi8>, %u: tensor<256xf32>, %in: memref<1x8xi8>, %table: memref<256xf32>, %out: memref<1x8xf32>) {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xi8>, tensor<1x8x3x3xui8>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (0)>](%t : tensor<256xi8>) {
  ^bb0(%0: ui8, %1: tensor<256xi8>):
    %2 = prim.lookup %1[%0] : tensor<256xi8>[ui8] to i8
    prim.yield %2 : i8
  } post [affine_map<(d0, d1, d2, d3) -> (0)>](%u : tensor<256xf32>) {
  ^bb0(%3: i32, %4: tensor<256xf32>):
    %5 = prim.convert %3 : i32 to i8
    %6 = prim.lookup %4[%5] : tensor<256xf32>[i8] to f32
    prim.yield %6 : f32
  } -> tensor<1x4x3x3xf32>
  prim.map "m" "tanh" ins(%in : memref<1x8xi8>) window <> post [affine_map<(d0, d1) -> (0)>](%table : memref<256xf32>) {
  ^bb0(%0: i8, %1: tensor<256xf32>):
    %2 = prim.lookup %1[%0] : tensor<256xf32>[i8] to f32
    prim.yield %2 : f32
  } outs(%out : memref<1x8xf32>)
  func.return
}
// CHECK:      %y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xi8>, tensor<1x8x3x3xui8>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (0)>](%t : tensor<256xi8>) {
// CHECK-NEXT: ^bb0(%0: ui8, %1: tensor<256xi8>):
// CHECK-NEXT:   %2 = prim.lookup %1[%0] : tensor<256xi8>[ui8] to i8
// CHECK-NEXT:   prim.yield %2 : i8
// CHECK-NEXT: } post [affine_map<(d0, d1, d2, d3) -> (0)>](%u : tensor<256xf32>) {
// CHECK-NEXT: ^bb0(%3: i32, %4: tensor<256xf32>):
// CHECK-NEXT:   %5 = prim.convert %3 : i32 to i8
// CHECK-NEXT:   %6 = prim.lookup %4[%5] : tensor<256xf32>[i8] to f32
// CHECK-NEXT:   prim.yield %6 : f32
// CHECK-NEXT: } -> tensor<1x4x3x3xf32>
// CHECK-NEXT: prim.map "m" "tanh" ins(%in : memref<1x8xi8>) window <> post [affine_map<(d0, d1) -> (0)>](%table : memref<256xf32>) {
// CHECK-NEXT: ^bb0(%0: i8, %1: tensor<256xf32>):
// CHECK-NEXT:   %2 = prim.lookup %1[%0] : tensor<256xf32>[i8] to f32
// CHECK-NEXT:   prim.yield %2 : f32
// CHECK-NEXT: } outs(%out : memref<1x8xf32>)
