// RUN: xnn-opt %s --split-input-file --fuse-successors --fuse-predecessors --map-elementwise | filecheck %s

// x * sigmoid(x): one streamed value, nothing computed twice, no arm read from memory.
func.func @main(%x : tensor<1x3x8x8xf32>, %w : tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32> {
  %c = prim.matmul "c" "conv" ins(%w, %x : tensor<4x3x1x1xf32>, tensor<1x3x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %s = xnn.sigmoid "s" %c : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %y = xnn.mul "y" %c, %s : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  func.return %y : tensor<1x4x8x8xf32>
}
// CHECK-LABEL: @main
// CHECK-NEXT: prim.matmul "y" "conv" ins(%w, %x : {{.*}}) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT: ^bb0(%[[C:.*]]: f32):
// CHECK-NEXT:   %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT:   %[[N:.*]] = arith.negf %[[C]] : f32
// CHECK-NEXT:   %[[E:.*]] = math.exp %[[N]] : f32
// CHECK-NEXT:   %[[D:.*]] = arith.addf %[[ONE]], %[[E]] : f32
// CHECK-NEXT:   %[[S:.*]] = arith.divf %[[ONE]], %[[D]] : f32
// CHECK-NEXT:   %[[Y:.*]] = arith.mulf %[[C]], %[[S]] : f32
// CHECK-NEXT:   prim.yield %[[Y]] : f32
// CHECK-NEXT: } {layers = ["c", "s"]} -> tensor<1x4x8x8xf32>
// CHECK-NEXT: func.return

// -----

// Hard swish written out, twice: the second in the `pre` of a layer whose input has another use.
func.func @main(%x : tensor<1x3x8x8xf32>, %w : tensor<4x3x1x1xf32>, %v : tensor<4x4x1x1xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) {
  %three = xnn.constant "three" dense<3.0> : tensor<f32>
  %six = xnn.constant "six" dense<6.0> : tensor<f32>
  %c = prim.matmul "c" "conv" ins(%w, %x : tensor<4x3x1x1xf32>, tensor<1x3x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %a = xnn.add "a" %c, %three : (tensor<1x4x8x8xf32>, tensor<f32>) -> tensor<1x4x8x8xf32>
  %k = xnn.clip "k" %a {max = 6.0 : f32, min = 0.0 : f32} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %d = xnn.div "d" %k, %six : (tensor<1x4x8x8xf32>, tensor<f32>) -> tensor<1x4x8x8xf32>
  %y = xnn.mul "y" %d, %c : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %k1 = xnn.relu "k1" %y : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %y1 = xnn.mul "y1" %y, %k1 : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %e = prim.matmul "e" "conv" ins(%v, %y1 : tensor<4x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  func.return %e, %y : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>
}
// CHECK-LABEL: @main
// CHECK: prim.matmul "y" "conv" ins(%w, %x : {{.*}}) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT: ^bb0(%[[C:.*]]: f32):
// CHECK: arith.divf
// CHECK-NEXT: arith.mulf %{{.*}}, %[[C]] : f32
// CHECK: {layers = ["c", "a", "k", "d"]}
// CHECK-NEXT: prim.matmul "e" "conv" ins(%v, %y : {{.*}}) window <kernel = [1, 1]> pre [](:) {
// CHECK-NEXT: ^bb0(%[[Y:.*]]: f32):
// CHECK: %[[K:.*]] = arith.maximumf %[[Y]], %{{.*}} : f32
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[Y]], %[[K]] : f32
// CHECK-NEXT: prim.yield %[[P]] : f32
// CHECK-NEXT: } {layers = ["k1", "y1"]}

// -----

// Not whole: an arm has a use outside, or leads through a primitive; a residual between the arms is an operand.
func.func @main(%x : tensor<1x4x8x8xf32>, %w : tensor<4x4x1x1xf32>, %r : tensor<1x4x8x8xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) {
  %c = prim.matmul "c" "conv" ins(%w, %x : tensor<4x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %s = xnn.tanh "s" %c : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %y = xnn.mul "y" %c, %s : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %g = prim.matmul "g" "conv" ins(%w, %x : tensor<4x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %h = prim.matmul "h" "conv" ins(%w, %g : tensor<4x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %z = xnn.add "z" %g, %h : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %i = prim.matmul "i" "conv" ins(%w, %x : tensor<4x4x1x1xf32>, tensor<1x4x8x8xf32>) window <kernel = [1, 1]> -> tensor<1x4x8x8xf32>
  %j = xnn.sub "j" %i, %r : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %k = xnn.mul "k" %r, %i : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %l = xnn.add "l" %j, %k : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  func.return %y, %s, %z, %l : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>
}
// CHECK-LABEL: @main
// CHECK-NEXT: %[[C:.*]] = prim.matmul "c" {{.*}} window <kernel = [1, 1]> ->
// CHECK-NEXT: %[[S:.*]] = prim.map "s" "tanh" ins(%[[C]] : {{.*}}) window <kernel = [1, 1]> post [](:) {
// CHECK: prim.map "y" "mul" ins(%[[C]] : {{.*}}) window <kernel = [1, 1]> post [{{.*}}](%[[S]] : tensor<1x4x8x8xf32>) {
// CHECK: } -> tensor<1x4x8x8xf32>
// CHECK-NEXT: %[[G:.*]] = prim.matmul "g" {{.*}} window <kernel = [1, 1]> ->
// CHECK-NEXT: prim.matmul "z" "conv" ins(%w, %[[G]] : {{.*}}) {{.*}} post [{{.*}}](%[[G]] : tensor<1x4x8x8xf32>) {
// CHECK: {layers = ["h"]}
// CHECK-NEXT: prim.matmul "l" "conv" {{.*}} post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%r : tensor<1x4x8x8xf32>) {
// CHECK-NEXT: ^bb0(%[[I:.*]]: f32, %[[R:.*]]: f32):
// CHECK-NEXT: %[[J:.*]] = arith.subf %[[I]], %[[R]] : f32
// CHECK-NEXT: %[[K:.*]] = arith.mulf %[[R]], %[[I]] : f32
// CHECK-NEXT: arith.addf %[[J]], %[[K]] : f32
// CHECK: {layers = ["i", "j", "k"]}

// -----

// Maps: of an input with other uses, whose element the map has anyway; of two operators between which it streams.
func.func @main(%x : tensor<1x4x8x8xf32>, %z : tensor<4x8xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<4x8xf32>) {
  %s = xnn.sigmoid "s" %x : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %y = xnn.mul "y" %x, %s : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %p = prim.sort "p" "max_pool" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x4x8x8xf32>
  %a = xnn.tanh "a" %z : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = xnn.exp "b" %z : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %c = xnn.sub "c" %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = xnn.relu "d" %c : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %y, %p, %d : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: @main
// CHECK-NEXT: prim.map "y" "sigmoid" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [1, 1]> post [](:) {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32):
// CHECK: arith.mulf %[[X]], %{{.*}} : f32
// CHECK: } {layers = ["s"]}
// CHECK: prim.map "d" "tanh" ins(%z : tensor<4x8xf32>) window <> post [](:) {
// CHECK-NEXT: ^bb0(%[[Z:.*]]: f32):
// CHECK-NEXT: %[[A:.*]] = math.tanh %[[Z]] : f32
// CHECK-NEXT: %[[B:.*]] = math.exp %[[Z]] : f32
// CHECK-NEXT: %[[C:.*]] = arith.subf %[[A]], %[[B]] : f32
// CHECK: } {layers = ["a", "b", "c"]}
// CHECK-NOT: prim.map
