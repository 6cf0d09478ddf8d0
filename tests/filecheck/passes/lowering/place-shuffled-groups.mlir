// RUN: xnn-opt %s --split-input-file --place-shuffled-groups | filecheck %s

// Groups write their results where the shuffle leaves them: each by a product of its own, which reads its part of the
// operands. What all groups share they read whole.
func.func @main(%w: tensor<80x2x1x1xi8>, %x: tensor<1x4x4x4xi8>, %b: tensor<80xi32>, %s: tensor<i32>) -> tensor<1x80x4x4xi8> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<80x2x1x1xi8>, tensor<1x4x4x4xi8>) window <kernel = [1, 1], groups = 2> post [affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> ()>](%b, %s : tensor<80xi32>, tensor<i32>) {
  ^bb0(%sum: i32, %bias: i32, %shared: i32):
    %0 = arith.addi %sum, %bias : i32
    %1 = arith.addi %0, %shared : i32
    %short = prim.convert %1 : i32 to i8
    prim.yield %short : i8
  } {layers = ["inner"]} -> tensor<1x80x4x4xi8>
  %v = prim.view "v" %y : tensor<1x80x4x4xi8> to tensor<1x2x40x4x4xi8>
  %t = prim.transfer "t" "transpose" %v offset 0 sizes [1, 40, 2, 16] strides [1280, 16, 640, 1] : tensor<1x2x40x4x4xi8> to tensor<1x40x2x4x4xi8>
  %u = prim.view "u" %t : tensor<1x40x2x4x4xi8> to tensor<1x80x4x4xi8>
  func.return %u : tensor<1x80x4x4xi8>
}

// CHECK-LABEL: @main
// CHECK:      [[w0:%[0-9]+]] = prim.view "y#group0_operand0" %w offset 0 : tensor<80x2x1x1xi8> to tensor<40x2x1x1xi8>
// CHECK-NEXT: [[x0:%[0-9]+]] = prim.view "y#group0_operand1" %x offset 0 : tensor<1x4x4x4xi8> to tensor<1x2x4x4xi8>
// CHECK-NEXT: [[b0:%[0-9]+]] = prim.view "y#group0_operand2" %b offset 0 : tensor<80xi32> to tensor<40xi32>
// CHECK-NEXT: [[y0:%[0-9]+]] = prim.matmul "y#group0" "conv" ins([[w0]], [[x0]] : tensor<40x2x1x1xi8>, tensor<1x2x4x4xi8>) window <kernel = [1, 1]> post {{.*}}([[b0]], %s : tensor<40xi32>, tensor<i32>)
// CHECK:      {layers = ["inner", "y"]} -> tensor<1x40x4x4xi8>
// CHECK:      [[w1:%[0-9]+]] = prim.view "y#group1_operand0" %w offset 80 :
// CHECK-NEXT: [[x1:%[0-9]+]] = prim.view "y#group1_operand1" %x offset 32 :
// CHECK-NEXT: [[b1:%[0-9]+]] = prim.view "y#group1_operand2" %b offset 40 :
// CHECK-NEXT: [[y1:%[0-9]+]] = prim.matmul "y#group1" "conv" ins([[w1]], [[x1]] : {{.*}}([[b1]], %s
// CHECK:      %t = prim.place "t" [[y0]], [[y1]] at [#prim.place_of<offset = 0, strides = [1280, 32, 4, 1]>, #prim.place_of<offset = 16, strides = [1280, 32, 4, 1]>] : (tensor<1x40x4x4xi8>, tensor<1x40x4x4xi8>) -> tensor<1x40x2x4x4xi8>
// CHECK-NEXT: %u = prim.view "u" %t
// CHECK-NEXT: func.return %u

// -----

// The copy stays for several images, whose groups are not contiguous, for what others read too, for a result in another
// order, of groups or of positions, where groups had better share a tile, and where they are many.
func.func @main(%w: tensor<80x2x1x1xi8>, %x: tensor<2x4x4x4xi8>, %z: tensor<1x4x4x4xi8>, %k: tensor<6x2x1x1xi8>, %dw: tensor<16x1x7x7xi8>, %dx: tensor<1x16x10x10xi8>) -> tensor<1x80x4x4xi32> {
  %a = prim.matmul "a" "conv" ins(%w, %x : tensor<80x2x1x1xi8>, tensor<2x4x4x4xi8>) window <kernel = [1, 1], groups = 2> -> tensor<2x80x4x4xi32>
  %av = prim.view "av" %a : tensor<2x80x4x4xi32> to tensor<2x2x40x4x4xi32>
  %at = prim.transfer "at" "transpose" %av offset 0 sizes [2, 40, 2, 16] strides [1280, 16, 640, 1] : tensor<2x2x40x4x4xi32> to tensor<2x40x2x4x4xi32>
  %b = prim.matmul "b" "conv" ins(%w, %z : tensor<80x2x1x1xi8>, tensor<1x4x4x4xi8>) window <kernel = [1, 1], groups = 2> -> tensor<1x80x4x4xi32>
  %bv = prim.view "bv" %b : tensor<1x80x4x4xi32> to tensor<1x2x40x4x4xi32>
  %bt = prim.transfer "bt" "transpose" %bv offset 0 sizes [1, 40, 2, 16] strides [1280, 16, 640, 1] : tensor<1x2x40x4x4xi32> to tensor<1x40x2x4x4xi32>
  %c = prim.matmul "c" "conv" ins(%w, %z : tensor<80x2x1x1xi8>, tensor<1x4x4x4xi8>) window <kernel = [1, 1], groups = 2> -> tensor<1x80x4x4xi32>
  %cv = prim.view "cv" %c : tensor<1x80x4x4xi32> to tensor<1x40x2x4x4xi32>
  %ct = prim.transfer "ct" "transpose" %cv offset 0 sizes [1, 2, 40, 16] strides [1280, 16, 32, 1] : tensor<1x40x2x4x4xi32> to tensor<1x2x40x4x4xi32>
  %d = prim.matmul "d" "conv" ins(%k, %z : tensor<6x2x1x1xi8>, tensor<1x4x4x4xi8>) window <kernel = [1, 1], groups = 2> -> tensor<1x6x4x4xi32>
  %dv = prim.view "dv" %d : tensor<1x6x4x4xi32> to tensor<1x2x3x4x4xi32>
  %dt = prim.transfer "dt" "transpose" %dv offset 0 sizes [1, 3, 2, 16] strides [96, 16, 48, 1] : tensor<1x2x3x4x4xi32> to tensor<1x3x2x4x4xi32>
  %e = prim.matmul "e" "conv" ins(%dw, %dx : tensor<16x1x7x7xi8>, tensor<1x16x10x10xi8>) window <kernel = [7, 7], groups = 16> -> tensor<1x16x4x4xi32>
  %et = prim.transfer "et" "transpose" %e offset 0 sizes [1, 16, 16] strides [256, 1, 16] : tensor<1x16x4x4xi32> to tensor<1x4x4x16xi32>
  %f = prim.matmul "f" "conv" ins(%w, %z : tensor<80x2x1x1xi8>, tensor<1x4x4x4xi8>) window <kernel = [1, 1], groups = 2> -> tensor<1x80x4x4xi32>
  %ft = prim.transfer "ft" "transpose" %f offset 0 sizes [1, 16, 80] strides [1280, 1, 16] : tensor<1x80x4x4xi32> to tensor<1x4x4x80xi32>
  func.return %b : tensor<1x80x4x4xi32>
}

// CHECK-LABEL: @main
// CHECK:     "a" "conv"
// CHECK:     prim.transfer "at"
// CHECK:     "b" "conv"
// CHECK:     prim.transfer "bt"
// CHECK:     "c" "conv"
// CHECK:     prim.transfer "ct"
// CHECK:     "d" "conv"
// CHECK:     prim.transfer "dt"
// CHECK:     "e" "conv"
// CHECK:     prim.transfer "et"
// CHECK:     "f" "conv"
// CHECK:     prim.transfer "ft"
