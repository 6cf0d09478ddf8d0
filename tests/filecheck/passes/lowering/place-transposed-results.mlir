// RUN: xnn-opt %s --place-transposed-results | filecheck %s

// A product whose result only a transposition reads writes it in that order; also where a view stands between, if the
// product has one stride along each of its dimensions there.
func.func @main(%w: tensor<12x4xf32>, %x: tensor<7x4xf32>, %k: tensor<6x3x1x1xf32>, %i: tensor<1x3x5x4xf32>) -> tensor<12x7xf32> {
  %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %t = prim.transfer "t" "transpose" %y offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xf32> to tensor<12x7xf32>
  %c = prim.matmul "c" "conv" ins(%k, %i : tensor<6x3x1x1xf32>, tensor<1x3x5x4xf32>) window <kernel = [1, 1]> -> tensor<1x6x5x4xf32>
  %v = prim.view "v" %c : tensor<1x6x5x4xf32> to tensor<1x6x20xf32>
  %u = prim.transfer "u" "transpose" %v offset 0 sizes [1, 20, 6] strides [120, 1, 20] {layers = ["inner"]} : tensor<1x6x20xf32> to tensor<1x20x6xf32>
  %h = prim.matmul "h" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %g = prim.view "g" %h : tensor<7x12xf32> to tensor<7x3x4xf32>
  %e = prim.transfer "e" "transpose" %g offset 0 sizes [3, 4, 7] strides [4, 1, 12] : tensor<7x3x4xf32> to tensor<3x4x7xf32>
  func.return %t : tensor<12x7xf32>
}

// CHECK:      %y = prim.matmul "y"
// CHECK-NEXT: %t = prim.place "t" %y at [#prim.place_of<offset = 0, strides = [1, 7]>] : (tensor<7x12xf32>) -> tensor<12x7xf32>
// CHECK-NEXT: %c = prim.matmul "c"
// CHECK-NEXT: %v = prim.view "v" %c
// CHECK-NEXT: %u = prim.place "u" %v at [#prim.place_of<offset = 0, strides = [6, 1, 6]>] {layers = ["inner"]} : (tensor<1x6x20xf32>) -> tensor<1x20x6xf32>
// CHECK-NEXT: %h = prim.matmul "h"
// CHECK-NEXT: %g = prim.view "g" %h
// CHECK-NEXT: %e = prim.place "e" %g at [#prim.place_of<offset = 0, strides = [1, 28, 7]>] : (tensor<7x3x4xf32>) -> tensor<3x4x7xf32>

// Heads before tokens: a product has one stride along all its rows. What others read too stays as it is, and so does
// what is no product, or has a schedule; a part is no transposition.
func.func @others(%w: tensor<12x4xf32>, %x: tensor<7x4xf32>, %i: tensor<7x12xf32>) -> tensor<7x12xf32> {
  %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %v = prim.view "v" %y : tensor<7x12xf32> to tensor<7x3x4xf32>
  %t = prim.transfer "t" "transpose" %v offset 0 sizes [3, 7, 4] strides [4, 12, 1] : tensor<7x3x4xf32> to tensor<3x7x4xf32>
  %z = prim.matmul "z" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %u = prim.transfer "u" "transpose" %z offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xf32> to tensor<12x7xf32>
  %m = prim.map "m" "add" ins(%i : tensor<7x12xf32>) window <> -> tensor<7x12xf32>
  %n = prim.transfer "n" "transpose" %m offset 0 sizes [12, 7] strides [1, 12] : tensor<7x12xf32> to tensor<12x7xf32>
  %p = prim.matmul "p" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %q = prim.transfer "q" "slice" %p offset 0 sizes [6, 7] strides [1, 12] : tensor<7x12xf32> to tensor<6x7xf32>
  %r = prim.matmul "r" "gemm" ins(%w, %x : tensor<12x4xf32>, tensor<7x4xf32>) window <> -> tensor<7x12xf32>
  %s = prim.transfer "s" "transpose" %r offset 0 sizes [12, 7] strides [1, 12] schedule <block = [12, 7], slots = 1> : tensor<7x12xf32> to tensor<12x7xf32>
  func.return %z : tensor<7x12xf32>
}

// CHECK-LABEL: @others(
// CHECK-NOT: prim.place
// CHECK: func.return
