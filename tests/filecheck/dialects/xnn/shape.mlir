// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<2x8x4xf32>, %n : tensor<?x8x4xf32>) {
  %reshape = xnn.reshape "reshape" %x {shape = array<i64: 0, -1>} : (tensor<2x8x4xf32>) -> tensor<2x32xf32>
  %copied = xnn.reshape "copied" %n {shape = array<i64: 0, -1>} : (tensor<?x8x4xf32>) -> tensor<?x32xf32>
  %inferred = xnn.reshape "inferred" %n {shape = array<i64: 8, -1>} : (tensor<?x8x4xf32>) -> tensor<8x?xf32>
  %transpose = xnn.transpose "transpose" %n {perm = array<i64: 2, 0, 1>} : (tensor<?x8x4xf32>) -> tensor<4x?x8xf32>
  %concat = xnn.concat "concat" %x, %x {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<4x8x4xf32>
  %known = xnn.concat "known" %x, %n {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<?x8x4xf32>) -> tensor<2x16x4xf32>
  %dropout = xnn.dropout "dropout" %x {ratio = 0.5 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %identity = xnn.identity "identity" %n : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  func.return
}

// CHECK:   func.func @main(%x: tensor<2x8x4xf32>, %n: tensor<?x8x4xf32>) {
// CHECK-NEXT:     %reshape = xnn.reshape "reshape" %x {shape = array<i64: 0, -1>} : (tensor<2x8x4xf32>) -> tensor<2x32xf32>
// CHECK-NEXT:     %copied = xnn.reshape "copied" %n {shape = array<i64: 0, -1>} : (tensor<?x8x4xf32>) -> tensor<?x32xf32>
// CHECK-NEXT:     %inferred = xnn.reshape "inferred" %n {shape = array<i64: 8, -1>} : (tensor<?x8x4xf32>) -> tensor<8x?xf32>
// CHECK-NEXT:     %transpose = xnn.transpose "transpose" %n {perm = array<i64: 2, 0, 1>} : (tensor<?x8x4xf32>) -> tensor<4x?x8xf32>
// CHECK-NEXT:     %concat = xnn.concat "concat" %x, %x {axis = 0 : i64} : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<4x8x4xf32>
// CHECK-NEXT:     %known = xnn.concat "known" %x, %n {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<?x8x4xf32>) -> tensor<2x16x4xf32>
// CHECK-NEXT:     %dropout = xnn.dropout "dropout" %x {ratio = 5.000000e-01 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %identity = xnn.identity "identity" %n : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %reshape = "xnn.reshape"(%x) <{name = "reshape", shape = array<i64: 0, -1>}> : (tensor<2x8x4xf32>) -> tensor<2x32xf32>
// GENERIC-NEXT: %copied = "xnn.reshape"(%n) <{name = "copied", shape = array<i64: 0, -1>}> : (tensor<?x8x4xf32>) -> tensor<?x32xf32>
// GENERIC-NEXT: %inferred = "xnn.reshape"(%n) <{name = "inferred", shape = array<i64: 8, -1>}> : (tensor<?x8x4xf32>) -> tensor<8x?xf32>
// GENERIC-NEXT: %transpose = "xnn.transpose"(%n) <{name = "transpose", perm = array<i64: 2, 0, 1>}> : (tensor<?x8x4xf32>) -> tensor<4x?x8xf32>
// GENERIC-NEXT: %concat = "xnn.concat"(%x, %x) <{name = "concat", axis = 0 : i64}> : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<4x8x4xf32>
// GENERIC-NEXT: %known = "xnn.concat"(%x, %n) <{name = "known", axis = 1 : i64}> : (tensor<2x8x4xf32>, tensor<?x8x4xf32>) -> tensor<2x16x4xf32>
// GENERIC-NEXT: %dropout = "xnn.dropout"(%x) <{name = "dropout", ratio = 5.000000e-01 : f32}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %identity = "xnn.identity"(%n) <{name = "identity"}> : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
