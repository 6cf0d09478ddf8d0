// RUN: not xnn-opt %s 2>&1 | filecheck %s --match-full-lines
// RUN: xnn-opt %s --parsing-diagnostics | filecheck %s --check-prefix DIAGNOSTIC

// CHECK: {{.*}}parsing.mlir:8:3: error: there is no operation 'xnn.rulu': did you mean {{.*}}xnn.relu{{.*}}
// DIAGNOSTIC: parsing.mlir:8:3

func.func @main(%x : tensor<4xf32>) {
  %a = xnn.rulu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
}
