// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

%w, %x, %b, %y = "test.op"() : () -> (tensor<6x2x3x3xf32>, tensor<1x4x8x8xf32>, tensor<4xf32>, memref<1x6x4x4xf32>)
%i = arith.constant 0 : index

// CHECK: %lhs = prim.lhs_tile %w[%i, %i, %i] groups 2 : tensor<6x2x3x3xf32> to tensor<4x4xf32>
%lhs = prim.lhs_tile %w[%i, %i, %i] groups 2 : tensor<6x2x3x3xf32> to tensor<4x4xf32>
// CHECK-NEXT: prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 2 : tensor<6x2x3x3xf32> to tensor<8x8xf32>
%packed = prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 2 : tensor<6x2x3x3xf32> to tensor<8x8xf32>
// CHECK-NEXT: prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 0 shared : tensor<6x2x3x3xf32> to tensor<4x4xf32>
%shared = prim.lhs_tile %w[%i, %i, %i] groups 2 groups_per_tile 0 shared : tensor<6x2x3x3xf32> to tensor<4x4xf32>

// CHECK-NEXT: %rhs = prim.rhs_tile %x[%i, %i, %i] window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 2> pre [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
// CHECK-NEXT: ^bb0(%element: f32, %scale: f32):
// CHECK-NEXT:   %scaled = arith.mulf %element, %scale : f32
// CHECK-NEXT:   prim.yield %scaled : f32
// CHECK-NEXT: } : tensor<1x4x8x8xf32> to tensor<4x4xf32>
%rhs = prim.rhs_tile %x[%i, %i, %i] window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], groups = 2> pre [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%element: f32, %scale: f32):
  %scaled = arith.mulf %element, %scale : f32
  prim.yield %scaled : f32
} : tensor<1x4x8x8xf32> to tensor<4x4xf32>
// CHECK-NEXT: prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1], groups = 2> groups_per_tile 0 : tensor<1x4x8x8xf32> to tensor<4x4xf32>
%plain = prim.rhs_tile %x[%i, %i, %i] window <kernel = [1, 1], groups = 2> groups_per_tile 0 : tensor<1x4x8x8xf32> to tensor<4x4xf32>

// CHECK-NEXT: %sums = prim.accumulators : memref<4x8xf32>
%sums = prim.accumulators : memref<4x8xf32>
// CHECK-NEXT: prim.multiply_tile %lhs, %rhs, %sums[%i, %i] : tensor<4x4xf32>, tensor<4x4xf32>, memref<4x8xf32>
prim.multiply_tile %lhs, %rhs, %sums[%i, %i] : tensor<4x4xf32>, tensor<4x4xf32>, memref<4x8xf32>

// CHECK-NEXT: prim.write_tile "y" %sums[%i, %i] size 4 to %y[%i, %i, %i] groups 2 groups_per_tile 2 post [](:) {
// CHECK-NEXT: ^bb0(%sum: f32):
// CHECK-NEXT:   %negative = arith.negf %sum : f32
// CHECK-NEXT:   prim.yield %negative : f32
// CHECK-NEXT: } {layers = ["conv"]} : memref<4x8xf32> to memref<1x6x4x4xf32>
prim.write_tile "y" %sums[%i, %i] size 4 to %y[%i, %i, %i] groups 2 groups_per_tile 2 post [](:) {
^bb0(%sum: f32):
  %negative = arith.negf %sum : f32
  prim.yield %negative : f32
} {layers = ["conv"]} : memref<4x8xf32> to memref<1x6x4x4xf32>
