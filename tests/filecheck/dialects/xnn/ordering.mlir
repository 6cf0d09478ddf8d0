// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%x: tensor<?x8x4xf32>) {
  %best = xnn.top_k "best" %x {axis = 1 : i64, k = 3 : i64} : (tensor<?x8x4xf32>) -> tensor<?x3x4xf32>
  %least = xnn.top_k "least" %x {axis = 2 : i64, k = 4 : i64, least} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
  %at = xnn.top_k_indices "at" %x {axis = 1 : i64, k = 3 : i64, least} : (tensor<?x8x4xf32>) -> tensor<?x3x4xi64>
  func.return
}

// CHECK:      func.func @main(%x: tensor<?x8x4xf32>) {
// CHECK-NEXT:   %best = xnn.top_k "best" %x {axis = 1 : i64, k = 3 : i64} : (tensor<?x8x4xf32>) -> tensor<?x3x4xf32>
// CHECK-NEXT:   %least = xnn.top_k "least" %x {axis = 2 : i64, k = 4 : i64, least} : (tensor<?x8x4xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:   %at = xnn.top_k_indices "at" %x {axis = 1 : i64, k = 3 : i64, least} : (tensor<?x8x4xf32>) -> tensor<?x3x4xi64>
// CHECK-NEXT:   func.return
