// RUN: xnn-opt %s --propagate-transposes | filecheck %s

// The transposition moves through what works on each element, and through axes of one element, into the product.
func.func @operand(%x : tensor<5x3x4xf32>, %k : tensor<3x6x4xf32>, %c : tensor<1xf32>) -> tensor<1x3x5x6xf32> {
  %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<5x3x4xf32>) -> tensor<3x5x4xf32>
  %r = xnn.reshape "r" %t {shape = array<i64: 1, 3, 5, 4>} : (tensor<3x5x4xf32>) -> tensor<1x3x5x4xf32>
  %y = xnn.mul "y" %r, %c : (tensor<1x3x5x4xf32>, tensor<1xf32>) -> tensor<1x3x5x4xf32>
  %z = xnn.einsum "z" %y, %k {equation = "abmk,bnk->abmn"} : (tensor<1x3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<1x3x5x6xf32>
  func.return %z : tensor<1x3x5x6xf32>
}
// CHECK-LABEL: @operand(
// CHECK-NEXT:   %0 = xnn.reshape "r#turned" %x {shape = array<i64: 1, 5, 3, 4>, layers = ["r"]} : (tensor<5x3x4xf32>) -> tensor<1x5x3x4xf32>
// CHECK-NEXT:   %1 = xnn.mul "y#turned" %0, %c {layers = ["y"]} : (tensor<1x5x3x4xf32>, tensor<1xf32>) -> tensor<1x5x3x4xf32>
// CHECK-NEXT:   %z = xnn.einsum "z" %1, %k {equation = "ambk,bnk->abmn", layers = ["t"]} : (tensor<1x5x3x4xf32>, tensor<3x6x4xf32>) -> tensor<1x3x5x6xf32>
// CHECK-NEXT:   func.return

// What else needs the value as it was, keeps it.
func.func @other_use(%x : tensor<5x3x4xf32>, %k : tensor<3x6x4xf32>) -> (tensor<3x5x6xf32>, tensor<3x5x4xf32>) {
  %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<5x3x4xf32>) -> tensor<3x5x4xf32>
  %y = xnn.relu "y" %t : (tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %z = xnn.einsum "z" %y, %k {equation = "bmk,bnk->bmn"} : (tensor<3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
  func.return %z, %y : tensor<3x5x6xf32>, tensor<3x5x4xf32>
}
// CHECK-LABEL: @other_use(
// CHECK-NEXT:   %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<5x3x4xf32>) -> tensor<3x5x4xf32>
// CHECK-NEXT:   %y = xnn.relu "y" %t : (tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
// CHECK-NEXT:   %z = xnn.einsum "z" %y, %k {equation = "bmk,bnk->bmn"} : (tensor<3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
// CHECK-NEXT:   func.return

// A factor for each element along one axis moves to where that axis lies; one along two axes does not move.
func.func @broadcast(%x : tensor<5x3x4xf32>, %k : tensor<3x6x4xf32>, %c : tensor<5x1xf32>, %d : tensor<3x5x1xf32>) -> (tensor<3x5x6xf32>, tensor<3x5x6xf32>) {
  %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<5x3x4xf32>) -> tensor<3x5x4xf32>
  %y = xnn.mul "y" %t, %c : (tensor<3x5x4xf32>, tensor<5x1xf32>) -> tensor<3x5x4xf32>
  %z = xnn.einsum "z" %y, %k {equation = "bmk,bnk->bmn"} : (tensor<3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
  %v = xnn.mul "v" %t, %d : (tensor<3x5x4xf32>, tensor<3x5x1xf32>) -> tensor<3x5x4xf32>
  %w = xnn.einsum "w" %v, %k {equation = "bmk,bnk->bmn"} : (tensor<3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
  func.return %z, %w : tensor<3x5x6xf32>, tensor<3x5x6xf32>
}
// CHECK-LABEL: @broadcast(
// CHECK-NEXT:   %t = xnn.transpose "t" %x {perm = array<i64: 1, 0, 2>} : (tensor<5x3x4xf32>) -> tensor<3x5x4xf32>
// CHECK-NEXT:   %0 = xnn.reshape "y#operand1" %c {shape = array<i64: 5, 1, 1>} : (tensor<5x1xf32>) -> tensor<5x1x1xf32>
// CHECK-NEXT:   %1 = xnn.mul "y#turned" %x, %0 {layers = ["y"]} : (tensor<5x3x4xf32>, tensor<5x1x1xf32>) -> tensor<5x3x4xf32>
// CHECK-NEXT:   %z = xnn.einsum "z" %1, %k {equation = "mbk,bnk->bmn"} : (tensor<5x3x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
// CHECK-NEXT:   %v = xnn.mul "v" %t, %d : (tensor<3x5x4xf32>, tensor<3x5x1xf32>) -> tensor<3x5x4xf32>
// CHECK-NEXT:   %w = xnn.einsum "w" %v, %k {equation = "bmk,bnk->bmn"} : (tensor<3x5x4xf32>, tensor<3x6x4xf32>) -> tensor<3x5x6xf32>
// CHECK-NEXT:   func.return

// Scores lie as it suits the first product: the second one moves what the softmax has made of them.
func.func @result(%q : tensor<50x3x16xf32>, %k : tensor<50x3x16xf32>, %v : tensor<50x3x16xf32>) -> tensor<50x3x16xf32> {
  %s = xnn.einsum "s" %q, %k {equation = "mbk,nbk->bmn"} : (tensor<50x3x16xf32>, tensor<50x3x16xf32>) -> tensor<3x50x50xf32>
  %p = xnn.softmax "p" %s {axis = 2 : i64} : (tensor<3x50x50xf32>) -> tensor<3x50x50xf32>
  %o = xnn.einsum "o" %p, %v {equation = "bmk,kbn->mbn"} : (tensor<3x50x50xf32>, tensor<50x3x16xf32>) -> tensor<50x3x16xf32>
  func.return %o : tensor<50x3x16xf32>
}
// CHECK-LABEL: @result(
// CHECK-NEXT:   %0 = xnn.einsum "s#turned" %q, %k {equation = "mbk,nbk->mbn", layers = ["s"]} : (tensor<50x3x16xf32>, tensor<50x3x16xf32>) -> tensor<50x3x50xf32>
// CHECK-NEXT:   %1 = xnn.softmax "p#turned" %0 {axis = 2 : i64, layers = ["p"]} : (tensor<50x3x50xf32>) -> tensor<50x3x50xf32>
// CHECK-NEXT:   %o = xnn.einsum "o" %1, %v {equation = "mbk,kbn->mbn"} : (tensor<50x3x50xf32>, tensor<50x3x16xf32>) -> tensor<50x3x16xf32>
// CHECK-NEXT:   func.return

// Nothing reads them but the caller: they are as the caller wants them.
func.func @scores(%q : tensor<50x3x16xf32>, %k : tensor<50x3x16xf32>) -> tensor<3x50x50xf32> {
  %s = xnn.einsum "s" %q, %k {equation = "mbk,nbk->bmn"} : (tensor<50x3x16xf32>, tensor<50x3x16xf32>) -> tensor<3x50x50xf32>
  %p = xnn.softmax "p" %s {axis = 2 : i64} : (tensor<3x50x50xf32>) -> tensor<3x50x50xf32>
  func.return %p : tensor<3x50x50xf32>
}
// CHECK-LABEL: @scores(
// CHECK-NEXT:   %s = xnn.einsum "s" %q, %k {equation = "mbk,nbk->bmn"} : (tensor<50x3x16xf32>, tensor<50x3x16xf32>) -> tensor<3x50x50xf32>
// CHECK-NEXT:   %p = xnn.softmax "p" %s {axis = 2 : i64} : (tensor<3x50x50xf32>) -> tensor<3x50x50xf32>
// CHECK-NEXT:   func.return

// Two transpositions that cancel: the normalisation works on channels as they lie, its factors with them.
func.func @cancel(%x : tensor<1x8x5x4xf32>, %s : tensor<8xf32>) -> tensor<1x8x5x4xf32> {
  %t = xnn.transpose "t" %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x4xf32>) -> tensor<1x5x4x8xf32>
  %n = xnn.normalize "n" %t scale %s : tensor<8xf32> {axes = array<i64: 3>, epsilon = 1.0e-5 : f32} : tensor<1x5x4x8xf32>
  %r = xnn.relu "r" %n : (tensor<1x5x4x8xf32>) -> tensor<1x5x4x8xf32>
  %u = xnn.transpose "u" %r {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x5x4x8xf32>) -> tensor<1x8x5x4xf32>
  %y = xnn.relu "y" %u : (tensor<1x8x5x4xf32>) -> tensor<1x8x5x4xf32>
  func.return %y : tensor<1x8x5x4xf32>
}
// CHECK-LABEL: @cancel(
// CHECK-NEXT:   %0 = xnn.reshape "n#scale" %s {shape = array<i64: 1, 8, 1, 1>} : (tensor<8xf32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT:   %1 = xnn.normalize "n#turned" %x scale %0 : tensor<1x8x1x1xf32> {axes = array<i64: 1>, epsilon = 1.000000e-05 : f32, layers = ["n"]} : tensor<1x8x5x4xf32>
// CHECK-NEXT:   %u = xnn.relu "u" %1 {layers = ["t", "r"]} : (tensor<1x8x5x4xf32>) -> tensor<1x8x5x4xf32>
// CHECK-NEXT:   %y = xnn.relu "y" %u : (tensor<1x8x5x4xf32>) -> tensor<1x8x5x4xf32>
// CHECK-NEXT:   func.return

// The block of ConvNeXt: both matrix products read positions as columns, joined to one axis, and no transposition is
// left. An addend becomes an operator of its own; scales of channels stay with their axis.
func.func @block(%x : tensor<1x8x5x4xf32>, %w : tensor<8x6xf32>, %c : tensor<6xf32>, %v : tensor<8x6xf32>, %q : tensor<8xf32>, %z : tensor<8xi8>) -> tensor<1x8x5x4xi8> {
  %t = xnn.transpose "t" %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x4xf32>) -> tensor<1x5x4x8xf32>
  %r = xnn.reshape "r" %t {shape = array<i64: 20, 8>} : (tensor<1x5x4x8xf32>) -> tensor<20x8xf32>
  %g = xnn.gemm "g" %r, %w, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<20x8xf32>, tensor<8x6xf32>, tensor<6xf32>) -> tensor<20x6xf32>
  %h = xnn.gemm "h" %g, %v {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<20x6xf32>, tensor<8x6xf32>) -> tensor<20x8xf32>
  %k = xnn.quantize "k" %h, %q, %z {axis = 1 : i64} : (tensor<20x8xf32>, tensor<8xf32>, tensor<8xi8>) -> tensor<20x8xi8>
  %s = xnn.reshape "s" %k {shape = array<i64: 1, 5, 4, 8>} : (tensor<20x8xi8>) -> tensor<1x5x4x8xi8>
  %u = xnn.transpose "u" %s {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x5x4x8xi8>) -> tensor<1x8x5x4xi8>
  func.return %u : tensor<1x8x5x4xi8>
}
// CHECK-LABEL: @block(
// CHECK-NEXT:   %0 = xnn.reshape "r#turned" %x {shape = array<i64: 8, 20>, layers = ["r"]} : (tensor<1x8x5x4xf32>) -> tensor<8x20xf32>
// CHECK-NEXT:   %1 = xnn.einsum "g#products_turned" %0, %w {equation = "km,kn->nm"} : (tensor<8x20xf32>, tensor<8x6xf32>) -> tensor<6x20xf32>
// CHECK-NEXT:   %2 = xnn.reshape "g#operand1" %c {shape = array<i64: 6, 1>} : (tensor<6xf32>) -> tensor<6x1xf32>
// CHECK-NEXT:   %3 = xnn.add "g#turned" %1, %2 {layers = ["t", "g"]} : (tensor<6x20xf32>, tensor<6x1xf32>) -> tensor<6x20xf32>
// CHECK-NEXT:   %4 = xnn.einsum "h#turned" %3, %v {equation = "km,nk->nm", layers = ["h"]} : (tensor<6x20xf32>, tensor<8x6xf32>) -> tensor<8x20xf32>
// CHECK-NEXT:   %5 = xnn.quantize "k#turned" %4, %q, %z {axis = 0 : i64, layers = ["k"]} : (tensor<8x20xf32>, tensor<8xf32>, tensor<8xi8>) -> tensor<8x20xi8>
// CHECK-NEXT:   %u = xnn.reshape "u" %5 {shape = array<i64: 1, 8, 5, 4>, layers = ["s"]} : (tensor<8x20xi8>) -> tensor<1x8x5x4xi8>
// CHECK-NEXT:   func.return

// Columns, then rows: joined they are no axis of what lies.
func.func @apart(%x : tensor<1x8x5x4xf32>, %w : tensor<32x6xf32>) -> tensor<5x6xf32> {
  %t = xnn.transpose "t" %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x4xf32>) -> tensor<1x5x4x8xf32>
  %r = xnn.reshape "r" %t {shape = array<i64: 5, 32>} : (tensor<1x5x4x8xf32>) -> tensor<5x32xf32>
  %g = xnn.gemm "g" %r, %w {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<5x32xf32>, tensor<32x6xf32>) -> tensor<5x6xf32>
  func.return %g : tensor<5x6xf32>
}
// CHECK-LABEL: @apart(
// CHECK-NEXT:   %t = xnn.transpose "t" %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x4xf32>) -> tensor<1x5x4x8xf32>
// CHECK-NEXT:   %r = xnn.reshape "r" %t {shape = array<i64: 5, 32>} : (tensor<1x5x4x8xf32>) -> tensor<5x32xf32>
// CHECK-NEXT:   %g = xnn.gemm "g" %r, %w {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false} : (tensor<5x32xf32>, tensor<32x6xf32>) -> tensor<5x6xf32>
// CHECK-NEXT:   func.return

// What a transposition moves in runs would move by single elements if the product left columns.
func.func @runs(%x : tensor<7x8xf32>, %w : tensor<8x12xf32>) -> tensor<3x7x4xf32> {
  %z = xnn.einsum "z" %x, %w {equation = "mk,kn->mn"} : (tensor<7x8xf32>, tensor<8x12xf32>) -> tensor<7x12xf32>
  %r = xnn.reshape "r" %z {shape = array<i64: 7, 3, 4>} : (tensor<7x12xf32>) -> tensor<7x3x4xf32>
  %u = xnn.transpose "u" %r {perm = array<i64: 1, 0, 2>} : (tensor<7x3x4xf32>) -> tensor<3x7x4xf32>
  func.return %u : tensor<3x7x4xf32>
}
// CHECK-LABEL: @runs(
// CHECK-NEXT:   %z = xnn.einsum "z" %x, %w {equation = "mk,kn->mn"}
// CHECK-NEXT:   %r = xnn.reshape "r" %z
// CHECK-NEXT:   %u = xnn.transpose "u" %r {perm = array<i64: 1, 0, 2>}
// CHECK-NEXT:   func.return

// An addend is no factor: the product that makes it leaves it as it is.
func.func @addend(%x : tensor<8x7xf32>, %w : tensor<8x6xf32>, %a : tensor<7x4xf32>, %b : tensor<4x6xf32>) -> tensor<7x6xf32> {
  %z = xnn.einsum "z" %x, %w {equation = "km,kn->mn"} : (tensor<8x7xf32>, tensor<8x6xf32>) -> tensor<7x6xf32>
  %r = xnn.relu "r" %z : (tensor<7x6xf32>) -> tensor<7x6xf32>
  %g = xnn.gemm "g" %a, %b, %r {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<7x4xf32>, tensor<4x6xf32>, tensor<7x6xf32>) -> tensor<7x6xf32>
  func.return %g : tensor<7x6xf32>
}
// CHECK-LABEL: @addend(
// CHECK-NEXT:   %z = xnn.einsum "z" %x, %w {equation = "km,kn->mn"}
// CHECK-NEXT:   %r = xnn.relu "r" %z
// CHECK-NEXT:   %g = xnn.gemm "g" %a, %b, %r
// CHECK-NEXT:   func.return
