// RUN: xnn-opt %s --canonicalize | filecheck %s

func.func @views(%x : tensor<1x2x4x1xf32>) -> (tensor<2x4xf32>, tensor<4x2xf32>, tensor<1x2x4x1xf32>) {
  %a = prim.view "a" %x : tensor<1x2x4x1xf32> to tensor<8xf32>
  %b = prim.view "b" %a : tensor<8xf32> to tensor<2x4xf32>
  %c = prim.view "c" %b : tensor<2x4xf32> to tensor<4x2xf32>
  %d = prim.view "d" %x : tensor<1x2x4x1xf32> to tensor<1x2x4x1xf32>
  func.return %b, %c, %d : tensor<2x4xf32>, tensor<4x2xf32>, tensor<1x2x4x1xf32>
}

// A conversion to the same type; a node that nothing uses.
func.func @nodes(%x : tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  %unused = prim.sort "unused" "max_pool" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [4, 4], strides = [4, 4]> -> tensor<1x4x2x2xf32>
  %y = prim.sort "y" "max_pool" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> post [](:) {
  ^bb0(%0: f32):
    %1 = prim.convert %0 : f32 to f32
    %2 = math.sqrt %1 : f32
    prim.yield %2 : f32
  } -> tensor<1x4x4x4xf32>
  func.return %y : tensor<1x4x4x4xf32>
}

// CHECK:   func.func @views(%x: tensor<1x2x4x1xf32>) -> (tensor<2x4xf32>, tensor<4x2xf32>, tensor<1x2x4x1xf32>) {
// CHECK-NEXT:     %b = prim.view "b" %x {layers = ["a"]} : tensor<1x2x4x1xf32> to tensor<2x4xf32>
// CHECK-NEXT:     %c = prim.view "c" %x {layers = ["a", "b"]} : tensor<1x2x4x1xf32> to tensor<4x2xf32>
// CHECK-NEXT:     func.return %b, %c, %x : tensor<2x4xf32>, tensor<4x2xf32>, tensor<1x2x4x1xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @nodes(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
// CHECK-NEXT:     %y = prim.sort "y" "max_pool" ins(%x : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> post [](:) {
// CHECK-NEXT:     ^bb0(%0: f32):
// CHECK-NEXT:       %1 = math.sqrt %0 : f32
// CHECK-NEXT:       prim.yield %1 : f32
// CHECK-NEXT:     } -> tensor<1x4x4x4xf32>
// CHECK-NEXT:     func.return %y : tensor<1x4x4x4xf32>
// CHECK-NEXT:   }
