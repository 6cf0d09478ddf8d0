// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.matmul "y": only a local result in dense planes lies in a ring of rows
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> rows 4 -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": only a local result in dense planes lies in a ring of rows
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> local pitch 64 rows 4 -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": a ring has 1 to 8 rows of 9, not 9
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> local rows 9 -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": a ring has 1 to 8 rows of 9, not 0
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> local rows 0 -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": a ring of rows has 3 or 4 dimensions, not those of tensor<2x5xf32>
%a, %b = "test.op"() : () -> (tensor<2x20xf32>, tensor<5x20xf32>)
%y = prim.matmul "y" "gemm" ins(%b, %a : tensor<5x20xf32>, tensor<2x20xf32>) window <> local rows 1 -> tensor<2x5xf32>
