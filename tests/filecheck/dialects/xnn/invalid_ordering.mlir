// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.top_k "y": k 9 is not in 1 to 8, the size of axis 1
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.top_k "y" %x {axis = 1 : i64, k = 9 : i64} : (tensor<1x8xf32>) -> tensor<1x9xf32>
  func.return
}

// -----

// CHECK: xnn.top_k_indices "y": axes [2] are not some of the 2 of x, each once, in order
func.func @main(%x : tensor<1x8xf32>) {
  %0 = xnn.top_k_indices "y" %x {axis = 2 : i64, k = 1 : i64} : (tensor<1x8xf32>) -> tensor<1x1xi64>
  func.return
}
