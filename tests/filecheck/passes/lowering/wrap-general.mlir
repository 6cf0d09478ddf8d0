// RUN: xnn-opt %s --split-input-file --wrap-general | filecheck %s
// RUN: xnn-opt %s --split-input-file --wrap-general --wrap-general | filecheck %s

// Operators on maps are wrapped, operands once each; constants, primitives and views stay.
func.func @main(%x: tensor<1x10xf32>) -> tensor<1x10xf32> {
  %w = xnn.parameter "w" : tensor<10x10xf32>
  %half = xnn.constant "half" dense<0.5> : tensor<10xf32>
  %scale = xnn.sqrt "scale" %half : (tensor<10xf32>) -> tensor<10xf32>
  %product = prim.matmul "product" "gemm" ins(%w, %x : tensor<10x10xf32>, tensor<1x10xf32>) window <> -> tensor<1x10xf32>
  %softmax = xnn.softmax "softmax" %product {axis = 1 : i64, layers = ["dropout"]} : (tensor<1x10xf32>) -> tensor<1x10xf32>
  %twice = xnn.add "twice" %softmax, %softmax : (tensor<1x10xf32>, tensor<1x10xf32>) -> tensor<1x10xf32>
  %flat = prim.view "flat" %twice : tensor<1x10xf32> to tensor<10xf32>
  %y = xnn.mul "y" %scale, %flat : (tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>
  %again = prim.view "again" %y : tensor<10xf32> to tensor<1x10xf32>
  func.return %again : tensor<1x10xf32>
}

// CHECK:      func.func @main(%x: tensor<1x10xf32>) -> tensor<1x10xf32> {
// CHECK-NEXT:   %w = xnn.parameter "w" : tensor<10x10xf32>
// CHECK-NEXT:   %half = xnn.constant "half" dense<5.000000e-01> : tensor<10xf32>
// CHECK-NEXT:   %scale = xnn.sqrt "scale" %half : (tensor<10xf32>) -> tensor<10xf32>
// CHECK-NEXT:   %product = prim.matmul "product" "gemm" ins(%w, %x : tensor<10x10xf32>, tensor<1x10xf32>) window <> -> tensor<1x10xf32>
// CHECK-NEXT:   %softmax = prim.general "softmax" ins(%product : tensor<1x10xf32>) {
// CHECK-NEXT:   ^bb0(%0: tensor<1x10xf32>):
// CHECK-NEXT:     %softmax_1 = xnn.softmax "softmax" %0 {axis = 1 : i64, layers = ["dropout"]} : (tensor<1x10xf32>) -> tensor<1x10xf32>
// CHECK-NEXT:     prim.yield %softmax_1 : tensor<1x10xf32>
// CHECK-NEXT:   } {layers = ["dropout"]} -> tensor<1x10xf32>
// CHECK-NEXT:   %twice = prim.general "twice" ins(%softmax : tensor<1x10xf32>) {
// CHECK-NEXT:   ^bb0(%0: tensor<1x10xf32>):
// CHECK-NEXT:     %twice_1 = xnn.add "twice" %0, %0 : (tensor<1x10xf32>, tensor<1x10xf32>) -> tensor<1x10xf32>
// CHECK-NEXT:     prim.yield %twice_1 : tensor<1x10xf32>
// CHECK-NEXT:   } -> tensor<1x10xf32>
// CHECK-NEXT:   %flat = prim.view "flat" %twice : tensor<1x10xf32> to tensor<10xf32>
// CHECK-NEXT:   %y = prim.general "y" ins(%scale, %flat : tensor<10xf32>, tensor<10xf32>) {
// CHECK-NEXT:   ^bb0(%0: tensor<10xf32>, %1: tensor<10xf32>):
// CHECK-NEXT:     %y_1 = xnn.mul "y" %0, %1 : (tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>
// CHECK-NEXT:     prim.yield %y_1 : tensor<10xf32>
// CHECK-NEXT:   } -> tensor<10xf32>
// CHECK-NEXT:   %again = prim.view "again" %y : tensor<10xf32> to tensor<1x10xf32>
// CHECK-NEXT:   func.return %again : tensor<1x10xf32>
// CHECK-NEXT: }

// -----

// What only converts stored elements is done by each who uses the result, unless a primitive or the outside does.
func.func @main(%q: tensor<1x10xi8>) -> tensor<1x10xi9> {
  %z = xnn.constant "z" dense<3> : tensor<i8>
  %m = xnn.constant "m" dense<0.5> : tensor<f32>
  %c = xnn.center "c" %q, %z : (tensor<1x10xi8>, tensor<i8>) -> tensor<1x10xi9>
  %r = xnn.requantize "r" %c, %m, %z : (tensor<1x10xi9>, tensor<f32>, tensor<i8>) -> tensor<1x10xi8>
  %d = xnn.center "d" %r, %z : (tensor<1x10xi8>, tensor<i8>) -> tensor<1x10xi9>
  func.return %d : tensor<1x10xi9>
}

// CHECK:      %r = prim.general "r" ins(%q : tensor<1x10xi8>) {
// CHECK-NEXT: ^bb0(%[[Q:.*]]: tensor<1x10xi8>):
// CHECK:        %[[C:.*]] = xnn.center "c" %[[Q]], %{{.*}} : (tensor<1x10xi8>, tensor<i8>) -> tensor<1x10xi9>
// CHECK-NEXT:   %[[R:.*]] = xnn.requantize "r" %[[C]], %{{.*}} -> tensor<1x10xi8>
// CHECK-NEXT:   prim.yield %[[R]] : tensor<1x10xi8>
// CHECK:      %d = prim.general "d" ins(%r : tensor<1x10xi8>) {
