// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.gemm "y": expected two matrices, but shapes are [2, 4] and [1, 4, 3]
func.func @main(%a : tensor<2x4xf32>, %b : tensor<1x4x3xf32>) {
  %0 = xnn.gemm "y" %a, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<2x4xf32>, tensor<1x4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.gemm "y": a has 4 columns, but b has 3 rows
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.gemm "y" %a, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.gemm "y": c [2] does not broadcast to [2, 3]
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>, %c : tensor<2xf32>) {
  %0 = xnn.gemm "y" %a, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<2x4xf32>, tensor<4x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.gemm "y": result has type tensor<3x2xf32>, expected tensor<2x3xf32>
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.gemm "y" %a, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<3x2xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": expected an equation like "mk,kn->mn", not "mk,kn"
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "mk,kn"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": "mkk" must be letters, each of them once
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "mk,kn->mkk"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": no operand has the label "z" of the result
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "mk,kn->mz"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": label "m" is of one operand alone, and not of the result
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "mk,kn->n"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": axes "k" are of size 4 and 3
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "mk,nk->mn"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}

// -----

// CHECK: xnn.einsum "y": "bmk" labels 3 axes, but they are [2, 4]
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4x3xf32>) {
  %0 = xnn.einsum "y" %a, %b {equation = "bmk,kn->bmn"} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  func.return
}
