// RUN: xnn-opt %s --xnn-bind='dims="N=2,W=7"' | filecheck %s
// RUN: xnn-opt %s --xnn-bind='dims="N=2"' --xnn-bind='dims="W=7"' | filecheck %s
// RUN: xnn-opt %s --xnn-bind='dims="N=2"' | filecheck %s --check-prefix PART
// RUN: not xnn-opt %s --xnn-bind='dims="batch=2"' 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: not xnn-opt %s --xnn-bind='dims="N=none"' 2>&1 | filecheck %s --check-prefix SIZE
// RUN: not xnn-opt %s --xnn-bind='dims="W=2"' 2>&1 | filecheck %s --check-prefix WINDOW

// UNKNOWN:      error: the network has no dimension of unknown size called batch
// UNKNOWN-NEXT: hint: it has N, W
// SIZE:         error: cannot bind N=none
// SIZE-NEXT:    hint: expected NAME=SIZE, a size of 0 or more
// WINDOW:       error: with W=2: xnn.max_pool "pool": window [3] does not fit the padded [2]

func.func @main(%x : tensor<?x4x?xf32> {xnn.name = "x", xnn.dims = ["N", "", "W"]}, %z : tensor<8xf32>) -> (tensor<?x8xf32> {xnn.name = "y"}) {
  %pool = xnn.max_pool "pool" %x {dilations = array<i64: 1>, kernel_shape = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<?x4x?xf32>) -> tensor<?x4x?xf32>
  %mean = xnn.global_average_pool "mean" %pool : (tensor<?x4x?xf32>) -> tensor<?x4x1xf32>
  %flat = xnn.reshape "flat" %mean {shape = array<i64: 0, -1>} : (tensor<?x4x1xf32>) -> tensor<?x4xf32>
  %twice = xnn.concat "twice" %flat, %flat {axis = 1 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %y = xnn.add "y" %twice, %z : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  func.return %y : tensor<?x8xf32>
}

// CHECK:   func.func @main(%x: tensor<2x4x7xf32> {xnn.name = "x"}, %z: tensor<8xf32>) -> (tensor<2x8xf32> {xnn.name = "y"}) {
// CHECK-NEXT:     %pool = xnn.max_pool "pool" %x {dilations = array<i64: 1>, kernel_shape = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<2x4x7xf32>) -> tensor<2x4x3xf32>
// CHECK-NEXT:     %mean = xnn.global_average_pool "mean" %pool : (tensor<2x4x3xf32>) -> tensor<2x4x1xf32>
// CHECK-NEXT:     %flat = xnn.reshape "flat" %mean {shape = array<i64: 0, -1>} : (tensor<2x4x1xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:     %twice = xnn.concat "twice" %flat, %flat {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:     %y = xnn.add "y" %twice, %z : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:     func.return %y : tensor<2x8xf32>
// CHECK-NEXT:   }

// PART:   func.func @main(%x: tensor<2x4x?xf32> {xnn.name = "x", xnn.dims = ["", "", "W"]}, %z: tensor<8xf32>) -> (tensor<2x8xf32> {xnn.name = "y"}) {
// PART-NEXT:     %pool = xnn.max_pool "pool" %x {dilations = array<i64: 1>, kernel_shape = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<2x4x?xf32>) -> tensor<2x4x?xf32>
// PART-NEXT:     %mean = xnn.global_average_pool "mean" %pool : (tensor<2x4x?xf32>) -> tensor<2x4x1xf32>
// PART-NEXT:     %flat = xnn.reshape "flat" %mean {shape = array<i64: 0, -1>} : (tensor<2x4x1xf32>) -> tensor<2x4xf32>
// PART-NEXT:     %twice = xnn.concat "twice" %flat, %flat {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
// PART-NEXT:     %y = xnn.add "y" %twice, %z : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
// PART-NEXT:     func.return %y : tensor<2x8xf32>
// PART-NEXT:   }
