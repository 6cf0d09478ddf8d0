// RUN: xnn-opt %s --split-input-file --set matmul.n=16 --split-attention | filecheck %s
// RUN: xnn-opt %s --split-input-file --split-attention | filecheck %s --check-prefix=LARGE
// RUN: xnn-opt %s --split-input-file --target edge-4m --set matmul.n=16 --split-attention | filecheck %s --check-prefix=LARGE

// Scores of all heads take 256 KiB, a quarter of local memory: two groups of two heads. What makes queries, keys and
// values is split by slices of its weights, whichever way they lie; an activation stays with its product.
// With more local memory nothing is split, nor where rows of a group would leave tiles empty.
// CHECK:      %0 = xnn.slice "q#operand1_heads0" %wq {axes = array<i64: 0>, starts = array<i64: 0>, ends = array<i64: 32>, steps = array<i64: 1>} : (tensor<64x64xf32>) -> tensor<32x64xf32>
// CHECK-NEXT: %1 = xnn.slice "q#operand2_heads0" %b {axes = array<i64: 0>, starts = array<i64: 0>, ends = array<i64: 32>, steps = array<i64: 1>} : (tensor<64xf32>) -> tensor<32xf32>
// CHECK-NEXT: %2 = xnn.gemm "q#heads0" %x, %0, %1 {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = true, layers = ["q"]} : (tensor<128x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<128x32xf32>
// CHECK-NEXT: %3 = xnn.mul "qs#heads0" %2, %half {layers = ["qs"]} : (tensor<128x32xf32>, tensor<f32>) -> tensor<128x32xf32>
// CHECK-NEXT: %4 = xnn.reshape "qh#heads0" %3 {shape = array<i64: 128, 2, 16>, layers = ["qh"]} : (tensor<128x32xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %5 = xnn.slice "k#operand1_heads0" %wk {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 32>, steps = array<i64: 1>} : (tensor<64x64xf32>) -> tensor<64x32xf32>
// CHECK-NEXT: %6 = xnn.gemm "k#heads0" %x, %5 {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false, layers = ["k"]} : (tensor<128x64xf32>, tensor<64x32xf32>) -> tensor<128x32xf32>
// CHECK-NEXT: %7 = xnn.reshape "kh#heads0" %6 {shape = array<i64: 128, 2, 16>, layers = ["kh"]} : (tensor<128x32xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %8 = xnn.einsum "s#heads0" %4, %7 {equation = "qhd,khd->qhk", layers = ["s"]} : (tensor<128x2x16xf32>, tensor<128x2x16xf32>) -> tensor<128x2x128xf32>
// CHECK-NEXT: %9 = xnn.softmax "p#heads0" %8 {axis = 2 : i64, layers = ["p"]} : (tensor<128x2x128xf32>) -> tensor<128x2x128xf32>
// CHECK-NEXT: %10 = xnn.slice "v#operand1_heads0" %wv {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 32>, steps = array<i64: 1>} : (tensor<64x64xf32>) -> tensor<64x32xf32>
// CHECK-NEXT: %11 = xnn.gemm "v#heads0" %x, %10 {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, trans_a = false, trans_b = false, layers = ["v"]} : (tensor<128x64xf32>, tensor<64x32xf32>) -> tensor<128x32xf32>
// CHECK-NEXT: %12 = xnn.reshape "vh#heads0" %11 {shape = array<i64: 128, 2, 16>, layers = ["vh"]} : (tensor<128x32xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %13 = xnn.einsum "o#heads0" %9, %12 {equation = "qhk,khd->qhd", layers = ["o"]} : (tensor<128x2x128xf32>, tensor<128x2x16xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %14 = xnn.relu "r#heads0" %13 {layers = ["r"]} : (tensor<128x2x16xf32>) -> tensor<128x2x16xf32>
// CHECK:      %28 = xnn.einsum "o#heads1" %24, %27 {equation = "qhk,khd->qhd", layers = ["o"]} : (tensor<128x2x128xf32>, tensor<128x2x16xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %29 = xnn.relu "r#heads1" %28 {layers = ["r"]} : (tensor<128x2x16xf32>) -> tensor<128x2x16xf32>
// CHECK-NEXT: %r = xnn.concat "r" %14, %29 {axis = 1 : i64} : (tensor<128x2x16xf32>, tensor<128x2x16xf32>) -> tensor<128x4x16xf32>
// CHECK-NEXT: %y = xnn.reshape "y" %r {shape = array<i64: 128, 64>} : (tensor<128x4x16xf32>) -> tensor<128x64xf32>
// LARGE-NOT: heads
func.func @main(%x: tensor<128x64xf32> {xnn.name = "x"}) -> (tensor<128x64xf32> {xnn.name = "y"}) {
  %wq = xnn.parameter "wq" : tensor<64x64xf32>
  %wk = xnn.parameter "wk" : tensor<64x64xf32>
  %wv = xnn.parameter "wv" : tensor<64x64xf32>
  %b = xnn.parameter "b" : tensor<64xf32>
  %half = xnn.constant "half" dense<5.0e-1> : tensor<f32>
  %q = xnn.gemm "q" %x, %wq, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<128x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<128x64xf32>
  %k = xnn.gemm "k" %x, %wk {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<128x64xf32>, tensor<64x64xf32>) -> tensor<128x64xf32>
  %v = xnn.gemm "v" %x, %wv {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<128x64xf32>, tensor<64x64xf32>) -> tensor<128x64xf32>
  %qs = xnn.mul "qs" %q, %half : (tensor<128x64xf32>, tensor<f32>) -> tensor<128x64xf32>
  %qh = xnn.reshape "qh" %qs {shape = array<i64: 128, 4, 16>} : (tensor<128x64xf32>) -> tensor<128x4x16xf32>
  %kh = xnn.reshape "kh" %k {shape = array<i64: 128, 4, 16>} : (tensor<128x64xf32>) -> tensor<128x4x16xf32>
  %vh = xnn.reshape "vh" %v {shape = array<i64: 128, 4, 16>} : (tensor<128x64xf32>) -> tensor<128x4x16xf32>
  %s = xnn.einsum "s" %qh, %kh {equation = "qhd,khd->qhk"} : (tensor<128x4x16xf32>, tensor<128x4x16xf32>) -> tensor<128x4x128xf32>
  %p = xnn.softmax "p" %s {axis = 2 : i64} : (tensor<128x4x128xf32>) -> tensor<128x4x128xf32>
  %o = xnn.einsum "o" %p, %vh {equation = "qhk,khd->qhd"} : (tensor<128x4x128xf32>, tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  %r = xnn.relu "r" %o : (tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  %y = xnn.reshape "y" %r {shape = array<i64: 128, 64>} : (tensor<128x4x16xf32>) -> tensor<128x64xf32>
  func.return %y : tensor<128x64xf32>
}

// -----

// Queries that others read too, and keys that are no product of weights, are sliced; a mask for all heads is read by
// each group. Softmax along the heads is no attention: nothing is split.
// CHECK:      %0 = xnn.slice "s#operand0_heads0" %q {axes = array<i64: 1>, starts = array<i64: 0>, ends = array<i64: 2>, steps = array<i64: 1>}
// CHECK-NEXT: %1 = xnn.slice "s#operand1_heads0" %k {{.*}} -> tensor<128x2x16xf32>
// CHECK-NEXT: %2 = xnn.einsum "s#heads0" %0, %1
// CHECK-NEXT: %3 = xnn.add "m#heads0" %2, %mask {layers = ["m"]} : (tensor<128x2x128xf32>, tensor<128x1x128xf32>) -> tensor<128x2x128xf32>
// CHECK:      %y = xnn.concat "y" %6, %{{.*}} {axis = 1 : i64}
// CHECK:      xnn.einsum "along" %{{.*}}, %v {equation = "qhk,khd->qhd"} : (tensor<128x4x128xf32>, tensor<128x4x16xf32>)
func.func @main(%q: tensor<128x4x16xf32> {xnn.name = "q"}, %k: tensor<128x4x16xf32> {xnn.name = "k"}, %v: tensor<128x4x16xf32> {xnn.name = "v"}, %mask: tensor<128x1x128xf32> {xnn.name = "mask"}) -> (tensor<128x4x16xf32> {xnn.name = "y"}, tensor<128x4x16xf32> {xnn.name = "along"}) {
  %s = xnn.einsum "s" %q, %k {equation = "qhd,khd->qhk"} : (tensor<128x4x16xf32>, tensor<128x4x16xf32>) -> tensor<128x4x128xf32>
  %m = xnn.add "m" %s, %mask : (tensor<128x4x128xf32>, tensor<128x1x128xf32>) -> tensor<128x4x128xf32>
  %p = xnn.softmax "p" %m {axis = 2 : i64} : (tensor<128x4x128xf32>) -> tensor<128x4x128xf32>
  %y = xnn.einsum "y" %p, %v {equation = "qhk,khd->qhd"} : (tensor<128x4x128xf32>, tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  %t = xnn.einsum "t" %q, %k {equation = "qhd,khd->qhk"} : (tensor<128x4x16xf32>, tensor<128x4x16xf32>) -> tensor<128x4x128xf32>
  %h = xnn.softmax "h" %t {axis = 1 : i64} : (tensor<128x4x128xf32>) -> tensor<128x4x128xf32>
  %along = xnn.einsum "along" %h, %v {equation = "qhk,khd->qhd"} : (tensor<128x4x128xf32>, tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  func.return %y, %along : tensor<128x4x16xf32>, tensor<128x4x16xf32>
}

// -----

// Results with several uses are split too, once; scores may be any operand.
// CHECK:      xnn.where "m#heads0" %mask, %{{.*}}, %none
// CHECK:      xnn.einsum "y#heads1"
// CHECK:      %y = xnn.concat "y"
// CHECK-NEXT: %r = xnn.relu "r" %y
func.func @main(%q: tensor<128x4x16xf32> {xnn.name = "q"}, %k: tensor<128x4x16xf32> {xnn.name = "k"}, %v: tensor<128x4x16xf32> {xnn.name = "v"}, %mask: tensor<128x1x128xi1> {xnn.name = "mask"}) -> (tensor<128x4x16xf32> {xnn.name = "y"}, tensor<128x4x16xf32> {xnn.name = "r"}) {
  %none = xnn.constant "none" dense<0xFF800000> : tensor<f32>
  %s = xnn.einsum "s" %q, %k {equation = "qhd,khd->qhk"} : (tensor<128x4x16xf32>, tensor<128x4x16xf32>) -> tensor<128x4x128xf32>
  %m = xnn.where "m" %mask, %s, %none : (tensor<128x1x128xi1>, tensor<128x4x128xf32>, tensor<f32>) -> tensor<128x4x128xf32>
  %p = xnn.softmax "p" %m {axis = 2 : i64} : (tensor<128x4x128xf32>) -> tensor<128x4x128xf32>
  %y = xnn.einsum "y" %p, %v {equation = "qhk,khd->qhd"} : (tensor<128x4x128xf32>, tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  %r = xnn.relu "r" %y : (tensor<128x4x16xf32>) -> tensor<128x4x16xf32>
  func.return %y, %r : tensor<128x4x16xf32>, tensor<128x4x16xf32>
}
