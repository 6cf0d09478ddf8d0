// RUN: not xnn-opt %s 2>&1 | filecheck %s --match-full-lines
// RUN: not xnn-opt %s --split-input-file 2>&1 | filecheck %s --match-full-lines
// RUN: xnn-opt %s --verify-diagnostics | filecheck %s --check-prefix DIAGNOSTIC

// An operation that does not verify is named with its place; the module is not printed.

func.func @main(%x : tensor<4xf32>) -> tensor<5xf32> {
  // CHECK: {{.*}}verification.mlir:10:3: error: xnn.relu "a": result has type tensor<5xf32>, expected tensor<4xf32>
  // DIAGNOSTIC: xnn.relu "a": result has type tensor<5xf32>, expected tensor<4xf32>
  %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<5xf32>
  func.return %a : tensor<5xf32>
}
// CHECK-NOT: {{.+}}
