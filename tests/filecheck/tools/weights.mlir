// RUN: mkdir -p %t.d/deep && xnn-opt %s -o %t.d/deep/out.mlir && filecheck %s --input-file %t.d/deep/out.mlir
// RUN: xnn-opt %t.d/deep/out.mlir -o %t.d/out.mlir && filecheck %s --check-prefix MOVED --input-file %t.d/out.mlir

// Weight files are named relative to the text that names them.

// CHECK: xnn.weight "w" "{{(\.\./)+weights.bin}}" at 16 : tensor<2xf32>
// MOVED: xnn.weight "w" "{{(\.\./)+weights.bin}}" at 16 : tensor<2xf32>
%w = xnn.weight "w" "weights.bin" at 16 : tensor<2xf32>
