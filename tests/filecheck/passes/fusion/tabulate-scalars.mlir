// RUN: xnn-opt %s --split-input-file --tabulate-scalars | filecheck %s

// SiLU on integers as quantised networks have it, after the rounding of sums: one lookup; the rest stays.
func.func @main(%x : tensor<1x16x32x32xi8>, %w : tensor<16x16x1x1xi8>) -> tensor<1x16x32x32xi8> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<16x16x1x1xi8>, tensor<1x16x32x32xi8>) window <kernel = [1, 1]> post [] (:) {
  ^bb0(%acc : i32):
    %f = prim.convert %acc : i32 to f32
    %scale = arith.constant 0.01 : f32
    %p = arith.mulf %f, %scale : f32
    %q = prim.convert %p : f32 to i8
    %g = prim.convert %q : i8 to f32
    %one = arith.constant 1.0 : f32
    %n = arith.negf %g : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %s = arith.divf %one, %d : f32
    %m = arith.mulf %g, %s : f32
    %r = prim.convert %m : f32 to i8
    prim.yield %r : i8
  } -> tensor<1x16x32x32xi8>
  func.return %y : tensor<1x16x32x32xi8>
}
// CHECK-LABEL: @main
// CHECK-NEXT: %[[TABLE:.*]] = xnn.constant "y#table2" dense<"0x{{[0-9A-F]*}}"> : tensor<256xi8>
// CHECK-NEXT: prim.matmul "y" {{.*}} post [affine_map<(d0, d1, d2, d3) -> (0)>](%[[TABLE]] : tensor<256xi8>) {
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32, %[[T:.*]]: tensor<256xi8>):
// CHECK-NEXT:   prim.convert %[[ACC]] : i32 to f32
// CHECK-NEXT:   arith.constant
// CHECK-NEXT:   arith.mulf
// CHECK-NEXT:   %[[Q:.*]] = prim.convert %{{.*}} : f32 to i8
// CHECK:        %[[R:.*]] = prim.lookup %[[T]][%[[Q]]] : tensor<256xi8>[i8] to i8
// CHECK-NEXT:   prim.yield %[[R]] : i8

// -----

// Two bytes: a table for each, of floats, where each is long enough; what only converts stays.
func.func @main(%x : tensor<1x4096xui8>, %z : tensor<1x4096xi8>) -> tensor<1x4096xf32> {
  %y = prim.map "y" "mul" ins(%x : tensor<1x4096xui8>) window <> post [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>] (%z, %x : tensor<1x4096xi8>, tensor<1x4096xui8>) {
  ^bb0(%a : ui8, %b : i8, %c : ui8):
    %0 = prim.convert %a : ui8 to f32
    %1 = math.tanh %0 : f32
    %2 = prim.convert %b : i8 to f32
    %3 = math.exp %2 : f32
    %4 = prim.convert %c : ui8 to f32
    %5 = arith.mulf %1, %3 : f32
    %6 = arith.addf %5, %4 : f32
    prim.yield %6 : f32
  } -> tensor<1x4096xf32>
  func.return %y : tensor<1x4096xf32>
}
// CHECK-LABEL: @main
// CHECK: ^bb0(%[[A:.*]]: ui8, %[[B:.*]]: i8, %[[C:.*]]: ui8, %[[T:.*]]: tensor<256xf32>, %[[U:.*]]: tensor<256xf32>):
// CHECK-NEXT: %[[L:.*]] = prim.lookup %[[T]][%[[A]]] : tensor<256xf32>[ui8] to f32
// CHECK-NEXT: %[[M:.*]] = prim.lookup %[[U]][%[[B]]] : tensor<256xf32>[i8] to f32
// CHECK-NEXT: %[[N:.*]] = prim.convert %[[C]] : ui8 to f32
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[L]], %[[M]] : f32
// CHECK-NEXT: arith.addf %[[P]], %[[N]] : f32

// -----

// No table: few elements, two bytes that meet at once, and more than a byte.
func.func @main(%x : tensor<1x8xi8>, %z : tensor<1x4096xi8>, %v : tensor<1x4096xi16>) -> (tensor<1x8xf32>, tensor<1x4096xi8>, tensor<1x4096xf32>) {
  %a = prim.map "a" "tanh" ins(%x : tensor<1x8xi8>) window <> post [] (:) {
  ^bb0(%e : i8):
    %0 = prim.convert %e : i8 to f32
    %1 = math.tanh %0 : f32
    prim.yield %1 : f32
  } -> tensor<1x8xf32>
  %b = prim.map "b" "add" ins(%z : tensor<1x4096xi8>) window <> post [affine_map<(d0, d1) -> (d0, d1)>] (%z : tensor<1x4096xi8>) {
  ^bb0(%e : i8, %f : i8):
    %0 = arith.addi %e, %f : i8
    prim.yield %0 : i8
  } -> tensor<1x4096xi8>
  %c = prim.map "c" "tanh" ins(%v : tensor<1x4096xi16>) window <> post [] (:) {
  ^bb0(%e : i16):
    %0 = prim.convert %e : i16 to f32
    %1 = math.tanh %0 : f32
    prim.yield %1 : f32
  } -> tensor<1x4096xf32>
  func.return %a, %b, %c : tensor<1x8xf32>, tensor<1x4096xi8>, tensor<1x4096xf32>
}
// CHECK-LABEL: @main
// CHECK-NOT: prim.lookup
