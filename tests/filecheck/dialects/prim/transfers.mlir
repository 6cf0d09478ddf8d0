// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @transfers(%x: tensor<1x4x6xf32>) -> (tensor<1x6x4xf32>, tensor<2x3xf32>, tensor<3x6xf32>) {
  %y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] : tensor<1x4x6xf32> to tensor<1x6x4xf32>
  // any strides: every other row, every other column from the second on; a row three times
  %part = prim.transfer "part" "slice" %x offset 1 sizes [2, 3] strides [12, 2] schedule <block = [1, 3], slots = 3> {layers = ["z"]} : tensor<1x4x6xf32> to tensor<2x3xf32>
  %rows = prim.transfer "rows" "expand" %x offset 6 sizes [3, 6] strides [0, 1] : tensor<1x4x6xf32> to tensor<3x6xf32>
  func.return %y, %part, %rows : tensor<1x6x4xf32>, tensor<2x3xf32>, tensor<3x6xf32>
}

func.func @gathers(%table: tensor<9x4xf32>, %ids: tensor<2x3xi64>, %one: tensor<i32>) -> (tensor<2x3x4xf32>, tensor<9xf32>) {
  %y = prim.gather "y" "gather" %table by %ids axis 0 : tensor<9x4xf32>, tensor<2x3xi64> to tensor<2x3x4xf32>
  %column = prim.gather "column" "gather" %table by %one axis 1 schedule <block = [3, 1, 1]> {layers = ["z"]} : tensor<9x4xf32>, tensor<i32> to tensor<9xf32>
  func.return %y, %column : tensor<2x3x4xf32>, tensor<9xf32>
}

// CHECK:   %y = prim.transfer "y" "transpose" %x offset 0 sizes [6, 4] strides [1, 6] : tensor<1x4x6xf32> to tensor<1x6x4xf32>
// CHECK-NEXT:   %part = prim.transfer "part" "slice" %x offset 1 sizes [2, 3] strides [12, 2] schedule <block = [1, 3], slots = 3> {layers = ["z"]} : tensor<1x4x6xf32> to tensor<2x3xf32>
// CHECK-NEXT:   %rows = prim.transfer "rows" "expand" %x offset 6 sizes [3, 6] strides [0, 1] : tensor<1x4x6xf32> to tensor<3x6xf32>
// CHECK:   %y = prim.gather "y" "gather" %table by %ids axis 0 : tensor<9x4xf32>, tensor<2x3xi64> to tensor<2x3x4xf32>
// CHECK-NEXT:   %column = prim.gather "column" "gather" %table by %one axis 1 schedule <block = [3, 1, 1], slots = 2> {layers = ["z"]} : tensor<9x4xf32>, tensor<i32> to tensor<9xf32>
