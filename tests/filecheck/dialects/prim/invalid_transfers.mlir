// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.transfer "y": needs a stride for each size, and none of them or offset negative
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1] : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer "y": needs a stride for each size, and none of them or offset negative
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "reverse" %x offset 23 sizes [24] strides [-1] : tensor<4x6xf32> to tensor<4x6xf32>

// -----

// CHECK: prim.transfer "y": sizes must be positive
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 0] strides [1, 6] : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer "y": element 24 is none of the 24 of tensor<4x6xf32>
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 1 sizes [6, 4] strides [1, 6] : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer "y": sizes [6, 4] do not make up tensor<6x5xf32>
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] : tensor<4x6xf32> to tensor<6x5xf32>

// -----

// CHECK: prim.transfer "y": sizes [6, 4] do not make up tensor<6x4xi32>
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] : tensor<4x6xf32> to tensor<6x4xi32>

// -----

// CHECK: prim.transfer "y": sizes of tensor<?x6xf32> must be known
%x = "test.op"() : () -> tensor<?x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] : tensor<?x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer "y": schedule block needs 2 sizes, one per dimension
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] schedule <block = [6]> : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer_schedule: slots and block must be positive
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] schedule <block = [6, 4], slots = 0> : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.transfer_schedule: slots and block must be positive
%x = "test.op"() : () -> tensor<4x6xf32>
%y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] schedule <block = [6, 0]> : tensor<4x6xf32> to tensor<6x4xf32>

// -----

// CHECK: prim.gather "y": axis 2 is not one of the 2 of tensor<9x4xf32>
%x, %i, %b = "test.op"() : () -> (tensor<9x4xf32>, tensor<3xi64>, tensor<3xi8>)
%y = prim.gather "y" "gather" %x by %i axis 2 : tensor<9x4xf32>, tensor<3xi64> to tensor<9x4x3xf32>

// -----

// CHECK: prim.gather "y": indices must be i32 or i64, not i8
%x, %i, %b = "test.op"() : () -> (tensor<9x4xf32>, tensor<3xi64>, tensor<3xi8>)
%y = prim.gather "y" "gather" %x by %b axis 0 : tensor<9x4xf32>, tensor<3xi8> to tensor<3x4xf32>

// -----

// CHECK: prim.gather "y": tensor<4x3xf32> is not of shape [3, 4] like source
%x, %i, %b = "test.op"() : () -> (tensor<9x4xf32>, tensor<3xi64>, tensor<3xi8>)
%y = prim.gather "y" "gather" %x by %i axis 0 : tensor<9x4xf32>, tensor<3xi64> to tensor<4x3xf32>

// -----

// CHECK: prim.gather "y": tensor<3x4xi32> is not of shape [3, 4] like source
%x, %i, %b = "test.op"() : () -> (tensor<9x4xf32>, tensor<3xi64>, tensor<3xi8>)
%y = prim.gather "y" "gather" %x by %i axis 0 : tensor<9x4xf32>, tensor<3xi64> to tensor<3x4xi32>

// -----

// CHECK: prim.gather "y": schedule block needs 3 sizes, one per dimension
%x, %i, %b = "test.op"() : () -> (tensor<9x4xf32>, tensor<3xi64>, tensor<3xi8>)
%y = prim.gather "y" "gather" %x by %i axis 0 schedule <block = [3]> : tensor<9x4xf32>, tensor<3xi64> to tensor<3x4xf32>
