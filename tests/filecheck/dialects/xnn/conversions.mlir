// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%arg0 : tensor<1x8xf32>) {
  %cast = xnn.cast "cast" %arg0 {to = i32} : (tensor<1x8xf32>) -> tensor<1x8xi32>
  func.return
}

// CHECK:     %cast = xnn.cast "cast" %arg0 {to = i32} : (tensor<1x8xf32>) -> tensor<1x8xi32>
