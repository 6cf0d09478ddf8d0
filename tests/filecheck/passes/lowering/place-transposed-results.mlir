// RUN: xnn-opt %s --split-input-file --place-transposed-results | filecheck %s

// A product whose result only a transposition reads writes it in that order; also where a view stands between, if the
// product has one stride along each of its dimensions there.
func.func @main(%w: tensor<12x4xi8>, %x: tensor<7x4xi8>, %k: tensor<6x3x1x1xi8>, %i: tensor<1x3x5x4xi8>) -> tensor<12x7xi8> {
  %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %t = prim.transfer "t" "transpose" %y offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xi8> to tensor<12x7xi8>
  %c = prim.matmul "c" "conv" ins(%k, %i : tensor<6x3x1x1xi8>, tensor<1x3x5x4xi8>) window <kernel = [1, 1]> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<1x6x5x4xi8>
  %v = prim.view "v" %c : tensor<1x6x5x4xi8> to tensor<1x6x20xi8>
  %u = prim.transfer "u" "transpose" %v offset 0 sizes [1, 20, 6] strides [120, 1, 20] {layers = ["inner"]} : tensor<1x6x20xi8> to tensor<1x20x6xi8>
  %h = prim.matmul "h" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %g = prim.view "g" %h : tensor<7x12xi8> to tensor<7x3x4xi8>
  %e = prim.transfer "e" "transpose" %g offset 0 sizes [3, 4, 7] strides [4, 1, 12] : tensor<7x3x4xi8> to tensor<3x4x7xi8>
  func.return %t : tensor<12x7xi8>
}

// CHECK-LABEL: @main(
// CHECK:      %y = prim.matmul "y"
// CHECK:      %t = prim.place "t" %y at [#prim.place_of<offset = 0, strides = [1, 7]>] : (tensor<7x12xi8>) -> tensor<12x7xi8>
// CHECK:      %c = prim.matmul "c"
// CHECK:      %v = prim.view "v" %c
// CHECK-NEXT: %u = prim.place "u" %v at [#prim.place_of<offset = 0, strides = [6, 1, 6]>] {layers = ["inner"]} : (tensor<1x6x20xi8>) -> tensor<1x20x6xi8>
// CHECK-NEXT: %h = prim.matmul "h"
// CHECK:      %g = prim.view "g" %h
// CHECK-NEXT: %e = prim.place "e" %g at [#prim.place_of<offset = 0, strides = [1, 28, 7]>] : (tensor<7x3x4xi8>) -> tensor<3x4x7xi8>

// -----

// Heads before tokens: a product has one stride along all its rows. What others read too stays as it is, and so does
// what is no product, or has a schedule; a part is no transposition. Nor are wide elements placed, large results, or
// those of groups.
func.func @main(%w: tensor<12x4xi8>, %x: tensor<7x4xi8>, %i: tensor<7x12xi8>, %lw: tensor<1024x4xi8>, %lx: tensor<1024x4xi8>, %gw: tensor<6x1x1x1xi8>, %gx: tensor<1x6x5x4xi8>) -> tensor<7x12xi8> {
  %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %v = prim.view "v" %y : tensor<7x12xi8> to tensor<7x3x4xi8>
  %t = prim.transfer "t" "transpose" %v offset 0 sizes [3, 7, 4] strides [4, 12, 1] : tensor<7x3x4xi8> to tensor<3x7x4xi8>
  %z = prim.matmul "z" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %u = prim.transfer "u" "transpose" %z offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xi8> to tensor<12x7xi8>
  %m = prim.map "m" "add" ins(%i : tensor<7x12xi8>) window <> -> tensor<7x12xi8>
  %n = prim.transfer "n" "transpose" %m offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xi8> to tensor<12x7xi8>
  %p = prim.matmul "p" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %q = prim.transfer "q" "slice" %p offset 0 sizes [6, 7] strides [1, 12] : tensor<7x12xi8> to tensor<6x7xi8>
  %r = prim.matmul "r" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<7x12xi8>
  %s = prim.transfer "s" "transpose" %r offset 0 sizes [12, 7] strides [1, 12] schedule <block = [12, 7], slots = 1> : tensor<7x12xi8> to tensor<12x7xi8>
  %wide = prim.matmul "wide" "gemm" ins(%w, %x : tensor<12x4xi8>, tensor<7x4xi8>) window <> -> tensor<7x12xi32>
  %wt = prim.transfer "wt" "transpose" %wide offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xi32> to tensor<12x7xi32>
  %large = prim.matmul "large" "gemm" ins(%lw, %lx : tensor<1024x4xi8>, tensor<1024x4xi8>) window <> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<1024x1024xi8>
  %lt = prim.transfer "lt" "transpose" %large offset 0 sizes [1024, 1024] strides [1, 1024] : tensor<1024x1024xi8> to tensor<1024x1024xi8>
  %groups = prim.matmul "groups" "conv" ins(%gw, %gx : tensor<6x1x1x1xi8>, tensor<1x6x5x4xi8>) window <kernel = [1, 1], groups = 6> post [](:) {
  ^bb0(%sum: i32):
    %short = prim.convert %sum : i32 to i8
    prim.yield %short : i8
  } -> tensor<1x6x5x4xi8>
  %gt = prim.transfer "gt" "transpose" %groups offset 0 sizes [20, 6] strides [1, 20] : tensor<1x6x5x4xi8> to tensor<1x20x6xi8>
  func.return %z : tensor<7x12xi8>
}

// CHECK-LABEL: @main(
// CHECK-NOT: prim.place
// CHECK: func.return
