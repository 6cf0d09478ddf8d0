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
