// RUN: xnn-opt %s --split-input-file --copy-state | filecheck %s
// RUN: xnn-opt %s --split-input-file --copy-state --copy-state | filecheck %s

// Every block of "b" reads of the state what it writes.
// CHECK: func.func @main(%h: tensor<1x8xf32> {xnn.name = "h", xnn.state = "b"}) -> (tensor<1x8xf32> {xnn.name = "b"}) {
// CHECK-NEXT: prim.map "b"
// CHECK-NOT: prim.transfer
func.func @main(%h: tensor<1x8xf32> {xnn.name = "h", xnn.state = "b"}) -> (tensor<1x8xf32> {xnn.name = "b"}) {
  %b = prim.map "b" "neg" ins(%h : tensor<1x8xf32>) window <> post [](:) {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    prim.yield %n : f32
  } -> tensor<1x8xf32>
  func.return %b : tensor<1x8xf32>
}

// -----

// "f" still reads the old value once "b" is made.
// CHECK:      %b = prim.map "b"
// CHECK:      %f = prim.transfer "f" "transpose" %h
// CHECK-NEXT: %0 = prim.transfer "b#copy" "copy" %b offset 0 sizes [8] strides [1] : tensor<2x4xf32> to tensor<2x4xf32>
// CHECK-NEXT: func.return %0, %f : tensor<2x4xf32>, tensor<4x2xf32>
func.func @main(%h: tensor<2x4xf32> {xnn.name = "h", xnn.state = "b"}) -> (tensor<2x4xf32> {xnn.name = "b"}, tensor<4x2xf32> {xnn.name = "f"}) {
  %b = prim.map "b" "neg" ins(%h : tensor<2x4xf32>) window <> post [](:) {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    prim.yield %n : f32
  } -> tensor<2x4xf32>
  %f = prim.transfer "f" "transpose" %h offset 0 sizes [4, 2] strides [1, 4] : tensor<2x4xf32> to tensor<4x2xf32>
  func.return %b, %f : tensor<2x4xf32>, tensor<4x2xf32>
}

// -----

// Two states change places; the old value of one is an output. The first copy cannot be made in the place of
// %g, which others still read; the second can in the place of %h.
// CHECK:      %0 = prim.transfer "a#old" "copy" %h offset 0 sizes [4] strides [1]
// CHECK-NEXT: %1 = prim.transfer "b#old" "copy" %g offset 0 sizes [4] strides [1]
// CHECK-NEXT: %2 = prim.transfer "c#old" "copy" %g offset 0 sizes [4] strides [1]
// CHECK-NEXT: %3 = prim.transfer "a#copy" "copy" %0 offset 0 sizes [4] strides [1]
// CHECK-NEXT: func.return %3, %1, %2
func.func @main(%g: tensor<4xf32> {xnn.name = "g", xnn.state = "a"}, %h: tensor<4xf32> {xnn.name = "h", xnn.state = "b"}) -> (tensor<4xf32> {xnn.name = "a"}, tensor<4xf32> {xnn.name = "b"}, tensor<4xf32> {xnn.name = "c"}) {
  func.return %h, %g, %g : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
