// RUN: xnn-opt %s --fuse-predecessors | filecheck %s

// Rounding to integers in front of a maximum: what streams into the primitive has the result's type.
func.func @main(%x : tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xui8> {
  %s = xnn.constant "s" dense<0.3> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<ui8>
  %q = xnn.quantize "q" %x, %s, %z : (tensor<1x8x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x8x4x4xui8>
  %y = prim.sort "y" "max_pool" ins(%q : tensor<1x8x4x4xui8>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x8x2x2xui8>
  func.return %y : tensor<1x8x2x2xui8>
}
// CHECK: prim.sort "y" "max_pool" ins(%{{.*}} : tensor<1x8x4x4xf32>) window <kernel = [2, 2], strides = [2, 2]> pre
// CHECK: arith.divf
// CHECK-NEXT: prim.convert %{{.*}} : f32 to ui8
