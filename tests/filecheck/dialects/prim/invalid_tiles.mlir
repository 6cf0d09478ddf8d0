// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.lhs_tile: tensor<4x8xf32> is not a tile: n x n is expected
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.lhs_tile %w[%i, %i, %i] : tensor<6x2x3x3xf32> to tensor<4x8xf32>

// -----

// CHECK: prim.lhs_tile: elements of tensor<4x4xi8> must be f32
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.lhs_tile %w[%i, %i, %i] : tensor<6x2x3x3xf32> to tensor<4x4xi8>

// -----

// CHECK: prim.lhs_tile: 4 groups do not divide tensor<6x2x3x3xf32>
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.lhs_tile %w[%i, %i, %i] groups 4 : tensor<6x2x3x3xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.lhs_tile: groups_per_tile 3 is not in 0 to 2
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 3 : tensor<6x2x3x3xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.lhs_tile: groups_per_tile 0 needs a shared lhs
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 0 : tensor<6x2x3x3xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.lhs_tile: lhs tensor<6xf32> needs rows and channels
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%v = "test.op"() : () -> tensor<6xf32>
%t = prim.lhs_tile %v[%i, %i, %i] : tensor<6xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.rhs_tile: #prim.window<kernel = [9, 3]> does not fit feature map tensor<1x4x8x8xf32>
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [9, 3]> : tensor<1x4x8x8xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.rhs_tile: #prim.window<kernel = [3]> does not fit feature map tensor<1x4x8x8xf32>
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [3]> : tensor<1x4x8x8xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.rhs_tile: 3 groups do not divide tensor<1x4x8x8xf32>
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1], groups = 3> : tensor<1x4x8x8xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.rhs_tile: groups_per_tile 2 is not in 0 to 1
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1]> groups_per_tile 2 : tensor<1x4x8x8xf32> to tensor<4x4xf32>

// -----

// CHECK: prim.rhs_tile: pre region must take f32
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1]> pre [](:) {
^bb0(%e: i8):
  prim.yield %e : i8
} : tensor<1x4x8x8xf32> to tensor<4x4xi8>

// -----

// CHECK: prim.rhs_tile: elements of tensor<4x4xi8> must be f32
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%t = prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1]> : tensor<1x4x8x8xf32> to tensor<4x4xi8>

// -----

// CHECK: prim.accumulators: memref<4xf32> must have rows and columns of known number
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%s = prim.accumulators : memref<4xf32>

// -----

// CHECK: prim.accumulators: memref<?x4xf32> must have rows and columns of known number
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%s = prim.accumulators : memref<?x4xf32>

// -----

// CHECK: prim.multiply_tile: tensor<4x4xf32> and tensor<8x8xf32> differ in size
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%b = "test.op"() : () -> tensor<8x8xf32>
prim.multiply_tile %a, %b, %c[%i, %i] : tensor<4x4xf32>, tensor<8x8xf32>, memref<4x4xf32>

// -----

// CHECK: prim.multiply_tile: memref<4x6xf32> does not hold tiles of 4 x 4
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
%s = "test.op"() : () -> memref<4x6xf32>
prim.multiply_tile %a, %a, %s[%i, %i] : tensor<4x4xf32>, tensor<4x4xf32>, memref<4x6xf32>

// -----

// CHECK: prim.write_tile "y": memref<4x4xf32> does not hold tiles of 3 x 3
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
prim.write_tile "y" %c[%i, %i] size 3 to %y[%i, %i, %i] : memref<4x4xf32> to memref<1x6x4x4xf32>

// -----

// CHECK: prim.write_tile "y": 4 groups do not divide memref<1x6x4x4xf32>
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
prim.write_tile "y" %c[%i, %i] size 4 to %y[%i, %i, %i] groups 4 : memref<4x4xf32> to memref<1x6x4x4xf32>

// -----

// CHECK: prim.write_tile "y": groups_per_tile 2 is not in 0 to 1
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
prim.write_tile "y" %c[%i, %i] size 4 to %y[%i, %i, %i] groups_per_tile 2 : memref<4x4xf32> to memref<1x6x4x4xf32>

// -----

// CHECK: prim.write_tile "y": post region must yield one value
%w, %x, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, memref<1x6x4x4xf32>)
%i, %a, %c = "test.op"() : () -> (index, tensor<4x4xf32>, memref<4x4xf32>)
prim.write_tile "y" %c[%i, %i] size 4 to %y[%i, %i, %i] post [](:) {
^bb0(%e: f32):
  "test.termop"() : () -> ()
} : memref<4x4xf32> to memref<1x6x4x4xf32>
