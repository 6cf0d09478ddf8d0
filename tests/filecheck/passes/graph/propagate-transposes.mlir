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
