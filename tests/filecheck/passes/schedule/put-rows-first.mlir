// RUN: xnn-opt %s --put-rows-first | filecheck %s
// RUN: xnn-opt %s --put-rows-first --choose-schedules --convert-to-blocks | filecheck %s --check-prefix BLOCKS
// RUN: xnn-opt %s --set local.rows=512 --put-rows-first | filecheck %s --check-prefix TIGHT
// RUN: sed 's/local pitch 12544/local rows_first pitch 100/' %s | not xnn-opt 2>&1 | filecheck %s --check-prefix SMALL
// RUN: sed 's/local pitch 12544/rows_first/' %s | not xnn-opt 2>&1 | filecheck %s --check-prefix EXTERNAL
// RUN: sed 's/local pitch 12544/local rows_first/' %s | xnn-opt --choose-schedules --convert-to-blocks | filecheck %s --check-prefix DENSE

// Strips of "x", 112 bytes in two rows of 64 for each channel, lie in banks of their own.

// CHECK: prim.matmul "x"
// CHECK: } local rows_first pitch 128 -> tensor<1x32x112x112xi8>
// CHECK: prim.sort "y" {{.*}} local -> tensor<1x32x56x56xi8>
// CHECK: prim.matmul "z"
// CHECK: } -> tensor<1x32x56x56xi8>

// The pool reads rows of all channels as they come, though nothing that reads its result asks for that.

// BLOCKS: = dma.alloc "x" : memref<1x32x112x112xi8, strided<[458752, 128, 4096, 1]>, #dma.local>
// BLOCKS: prim.sort "y" {{.*}} schedule <block = [1, 32, 1, 1, {{[0-9]+}}, 56], outermost = rows,

// TIGHT: prim.matmul "x"
// TIGHT: } local pitch 12544 -> tensor<1x32x112x112xi8>

// SMALL: error: {{.*}}pitch 100 does not hold a row of tensor<1x32x112x112xi8>
// EXTERNAL: error: {{.*}}only a local result with positions has rows first

// DENSE: = dma.alloc "x" : memref<1x32x112x112xi8, strided<[401408, 112, 3584, 1]>, #dma.local>

func.func @main(%i: tensor<1x8x112x112xi8>, %w: tensor<32x8x3x3xi8>, %v: tensor<32x1x1x1xi8>) -> tensor<1x32x56x56xi8> {
  %x = prim.matmul "x" "conv" ins(%w, %i : tensor<32x8x3x3xi8>, tensor<1x8x112x112xi8>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> post []( : ) {
  ^bb0(%sum: i32):
    %t = arith.trunci %sum : i32 to i8
    prim.yield %t : i8
  } local pitch 12544 -> tensor<1x32x112x112xi8>
  %y = prim.sort "y" "max_pool" ins(%x : tensor<1x32x112x112xi8>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> local -> tensor<1x32x56x56xi8>
  %z = prim.matmul "z" "conv" ins(%v, %y : tensor<32x1x1x1xi8>, tensor<1x32x56x56xi8>) window <kernel = [1, 1], groups = 32> post []( : ) {
  ^bb0(%sum: i32):
    %t = arith.trunci %sum : i32 to i8
    prim.yield %t : i8
  } -> tensor<1x32x56x56xi8>
  func.return %z : tensor<1x32x56x56xi8>
}
