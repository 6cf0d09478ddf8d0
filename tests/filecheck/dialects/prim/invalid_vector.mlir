// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.map "y": works on each element by itself: #prim.window<kernel = [1, 2]> must be of ones alone
%x = "test.op"() : () -> tensor<1x8x3x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 2]> -> tensor<1x8x3x2xf32>

// -----

// CHECK: prim.map "y": works on each element by itself: #prim.window<kernel = [1, 1], strides = [1, 2]> must be of ones alone
%x = "test.op"() : () -> tensor<1x8x3x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1], strides = [1, 2]> -> tensor<1x8x3x2xf32>

// -----

// CHECK: prim.map "y": works on each element by itself: #prim.window<kernel = [1, 1], pads = [0, 1, 0, 0]> must be of ones alone
%x = "test.op"() : () -> tensor<1x8x3x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1], pads = [0, 1, 0, 0]> -> tensor<1x8x4x3xf32>

// -----

// CHECK: prim.map "y": works on each element by itself: #prim.window<kernel = [1, 1], groups = 8> must be of ones alone
%x = "test.op"() : () -> tensor<1x8x3x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1], groups = 8> -> tensor<1x8x3x3xf32>

// -----

// CHECK: prim.map "y": result has shape [1, 8, 3, 4], expected [1, 8, 3, 3]
%x = "test.op"() : () -> tensor<1x8x3x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3x3xf32>) window <kernel = [1, 1]> -> tensor<1x8x3x4xf32>

// -----

// CHECK: prim.map "y": tensor<8xf32> needs 2 dimensions for window #prim.window<>
%x = "test.op"() : () -> tensor<8xf32>
%y = prim.map "y" "relu" ins(%x : tensor<8xf32>) window <> -> tensor<8xf32>

// -----

// CHECK: prim.map "y": elements of type f32 do not fit tensor<1x8xf64>
%x = "test.op"() : () -> tensor<1x8xf32>
%y = prim.map "y" "cast" ins(%x : tensor<1x8xf32>) window <> -> tensor<1x8xf64>

// -----

// CHECK: prim.map "y": schedule block needs 5 sizes, one per dimension
%x = "test.op"() : () -> tensor<1x8x3xf32>
%y = prim.map "y" "relu" ins(%x : tensor<1x8x3xf32>) window <kernel = [1]> schedule <block = [1, 8, 1, 1]> -> tensor<1x8x3xf32>

// -----

// CHECK: prim.reduce "y": result has shape [2, 8, 3], expected [2, 1, 3]
%x = "test.op"() : () -> tensor<2x8x3xf32>
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8x3xf32>) window <kernel = [1]> -> tensor<2x8x3xf32>

// -----

// CHECK: prim.reduce "y": window #prim.window<kernel = [4]> does not fit rhs tensor<2x8x3xf32>
%x = "test.op"() : () -> tensor<2x8x3xf32>
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8x3xf32>) window <kernel = [4]> -> tensor<2x1x1xf32>

// -----

// CHECK: prim.reduce "y": reduces all channels: it has no groups
%x = "test.op"() : () -> tensor<2x8x3xf32>
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8x3xf32>) window <kernel = [1], groups = 2> -> tensor<2x1x3xf32>

// -----

// CHECK: prim.reduce "y": reductions of f32 are f32, not f64
%x = "test.op"() : () -> tensor<2x8x3xf32>
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8x3xf32>) window <kernel = [1]> -> tensor<2x1x3xf64>

// -----

// CHECK: prim.reduce "y": partial sums must be a buffer of f32 like its outs
%x, %s, %y = "test.op"() : () -> (memref<2x8x3xf32>, memref<2x1x3xf64>, memref<2x1x3xf32>)
prim.reduce "y" "sum" sum ins(%x : memref<2x8x3xf32>) window <kernel = [1]> sums (%s : memref<2x1x3xf64>) outs(%y : memref<2x1x3xf32>)

// -----

// CHECK: prim.reduce "y": sum works on floats and integers of whole bytes, not elements of type i4
%x = "test.op"() : () -> tensor<2x8xi4>
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8xi4>) window <> -> tensor<2x1xi4>

// -----

// CHECK: prim.reduce "y": max works on numbers, not elements of type i1
%x = "test.op"() : () -> tensor<2x8xi1>
%y = prim.reduce "y" "max" max ins(%x : tensor<2x8xi1>) window <> -> tensor<2x1xi1>

// -----

// CHECK: Expected `sum`, `max`, `min`, or `product`.
%x = "test.op"() : () -> tensor<2x8xf32>
%y = prim.reduce "y" "mean" mean ins(%x : tensor<2x8xf32>) window <> -> tensor<2x1xf32>

// -----

// CHECK: prim.reduce "y": pre indexing map affine_map<(d0, d1) -> (d0, d1)> does not lead from tensor<2x8xf32> to tensor<2x1xf32>
%x, %m = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x1xf32>)
%y = prim.reduce "y" "sum" sum ins(%x : tensor<2x8xf32>) window <> pre [affine_map<(d0, d1) -> (d0, d1)>](%m : tensor<2x1xf32>) {
^bb0(%0: f32, %1: f32):
  prim.yield %0 : f32
} -> tensor<2x1xf32>

// -----

// CHECK: table has type tensor<256xi8>, expected tensor<256xf32>
%x, %t = "test.op"() : () -> (tensor<2x8xi8>, tensor<256xi8>)
%y = prim.map "y" "tanh" ins(%x : tensor<2x8xi8>) window <> post [affine_map<(d0, d1) -> (0)>](%t : tensor<256xi8>) {
^bb0(%0: i8, %1: tensor<256xi8>):
  %2 = prim.lookup %1[%0] : tensor<256xi8>[i8] to f32
  prim.yield %2 : f32
} -> tensor<2x8xf32>

// -----

// CHECK: an entry has the number of a byte, not of type i16
%x, %t = "test.op"() : () -> (tensor<2x8xi16>, tensor<256xf32>)
%y = prim.map "y" "tanh" ins(%x : tensor<2x8xi16>) window <> post [affine_map<(d0, d1) -> (0)>](%t : tensor<256xf32>) {
^bb0(%0: i16, %1: tensor<256xf32>):
  %2 = prim.lookup %1[%0] : tensor<256xf32>[i16] to f32
  prim.yield %2 : f32
} -> tensor<2x8xf32>

// -----

// CHECK: prim.map "y": post region must take f32, tensor<256xf32>
%x, %t = "test.op"() : () -> (tensor<2x8xi8>, tensor<256xf32>)
%y = prim.map "y" "tanh" ins(%x : tensor<2x8xi8>) window <> post [affine_map<(d0, d1) -> (0)>](%t : tensor<256xf32>) {
^bb0(%0: i8, %1: f32):
  prim.yield %1 : f32
} -> tensor<2x8xf32>

// -----

// CHECK: prim.map "y": post indexing map affine_map<(d0, d1) -> (0)> does not lead from tensor<2x8xf32> to tensor<255xf32>
%x, %t = "test.op"() : () -> (tensor<2x8xi8>, tensor<255xf32>)
%y = prim.map "y" "tanh" ins(%x : tensor<2x8xi8>) window <> post [affine_map<(d0, d1) -> (0)>](%t : tensor<255xf32>) {
^bb0(%0: i8, %1: tensor<255xf32>):
  %2 = arith.constant 1.0 : f32
  prim.yield %2 : f32
} -> tensor<2x8xf32>
