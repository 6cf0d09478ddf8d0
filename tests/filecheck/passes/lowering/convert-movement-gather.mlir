// RUN: xnn-opt %s --convert-to-primitives | filecheck %s

// Indices that are data move slices of the source; those that are constants, in equal steps, are strides.
func.func @main(%x: tensor<4x6xf32>, %i: tensor<3xi64>) -> tensor<3x6xf32> {
  %rows = xnn.gather "rows" %x, %i {axis = 0 : i64} : (tensor<4x6xf32>, tensor<3xi64>) -> tensor<3x6xf32>
  %c = xnn.constant "c" dense<[1, 3, 5]> : tensor<3xi64>
  %odd = xnn.gather "odd" %x, %c {axis = 1 : i64} : (tensor<4x6xf32>, tensor<3xi64>) -> tensor<4x3xf32>
  func.return %rows : tensor<3x6xf32>
}

// CHECK:      func.func @main(%x: tensor<4x6xf32>, %i: tensor<3xi64>) -> tensor<3x6xf32> {
// CHECK-NEXT:   %rows = prim.gather "rows" "gather" %x by %i axis 0 : tensor<4x6xf32>, tensor<3xi64> to tensor<3x6xf32>
// CHECK-NEXT:   %c = xnn.constant "c" dense<[1, 3, 5]> : tensor<3xi64>
// CHECK-NEXT:   %odd = prim.transfer "odd" "gather" %x offset 1 sizes [12] strides [2] : tensor<4x6xf32> to tensor<4x3xf32>
// CHECK-NEXT:   func.return %rows : tensor<3x6xf32>
