// RUN: not xnn-opt %s --split-input-file 2>&1 | filecheck %s --check-prefix PLACE
// RUN: xnn-opt %s --split-input-file --verify-diagnostics | filecheck %s

// PLACE: invalid_state.mlir:6:1: error: func.func @main: argument "h" is state, but there is no result "nex": did you mean next?
// CHECK: func.func @main: argument "h" is state, but there is no result "nex": did you mean next?
func.func @main(%h: tensor<4xf32> {xnn.name = "h", xnn.state = "nex"}) -> (tensor<4xf32> {xnn.name = "next"}) {
  func.return %h : tensor<4xf32>
}

// -----

// CHECK: func.func @main: argument "arg0" is state, but xnn.state = 3 : i64 is no name of a result
func.func @main(%h: tensor<4xf32> {xnn.state = 3 : i64}) -> tensor<4xf32> {
  func.return %h : tensor<4xf32>
}

// -----

// CHECK: func.func @main: argument "h" is state of type tensor<4xf32>, but result "next" is tensor<2x2xf32>
func.func @main(%h: tensor<4xf32> {xnn.name = "h", xnn.state = "next"}, %x: tensor<2x2xf32>) -> (tensor<2x2xf32> {xnn.name = "next"}) {
  func.return %x : tensor<2x2xf32>
}

// -----

// CHECK: func.func @main: argument "g" is state, but result "next" is tied to another argument
func.func @main(%h: tensor<4xf32> {xnn.name = "h", xnn.state = "next"}, %g: tensor<4xf32> {xnn.name = "g", xnn.state = "next"}) -> (tensor<4xf32> {xnn.name = "next"}) {
  func.return %h : tensor<4xf32>
}

// -----

// CHECK: func.func @main: argument "h" is state, but result "next" is another buffer
func.func @main(%h: memref<4xf32, #dma.external> {xnn.name = "h", xnn.state = "next"}, %x: memref<4xf32, #dma.external>) -> (memref<4xf32, #dma.external> {xnn.name = "next"}) {
  func.return %x : memref<4xf32, #dma.external>
}

// -----

// Another function has no state.
// CHECK: func.func @other(%h: tensor<4xf32> {xnn.state = "next"})
func.func @other(%h: tensor<4xf32> {xnn.state = "next"}) {
  func.return
}
