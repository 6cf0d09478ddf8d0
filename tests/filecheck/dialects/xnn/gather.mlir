// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --fold-constants | filecheck %s --check-prefix FOLDED

func.func @main(%n : tensor<?x8x4xf32>, %i : tensor<2x3xi64>) -> tensor<?x2x3x4xf32> {
  %y = xnn.gather "y" %n, %i {axis = 1 : i64} : (tensor<?x8x4xf32>, tensor<2x3xi64>) -> tensor<?x2x3x4xf32>
  %last = xnn.constant "last" dense<-1> : tensor<i32>
  %any = xnn.gather "any" %n, %last {axis = 0 : i64} : (tensor<?x8x4xf32>, tensor<i32>) -> tensor<8x4xf32>
  %shape = xnn.constant "shape" dense<[2, 8, 4]> : tensor<3xi64>
  %size = xnn.gather "size" %shape, %last {axis = 0 : i64} : (tensor<3xi64>, tensor<i32>) -> tensor<i64>
  func.return %y : tensor<?x2x3x4xf32>
}

// CHECK:      %y = xnn.gather "y" %n, %i {axis = 1 : i64} : (tensor<?x8x4xf32>, tensor<2x3xi64>) -> tensor<?x2x3x4xf32>
// CHECK:      %any = xnn.gather "any" %n, %last {axis = 0 : i64} : (tensor<?x8x4xf32>, tensor<i32>) -> tensor<8x4xf32>
// CHECK:      %size = xnn.gather "size" %shape, %last {axis = 0 : i64} : (tensor<3xi64>, tensor<i32>) -> tensor<i64>
// FOLDED:     %size = xnn.constant "size" dense<4> : tensor<i64>
