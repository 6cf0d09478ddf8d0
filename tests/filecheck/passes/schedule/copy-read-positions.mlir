// RUN: xnn-opt %s --split-input-file --copy-read-positions | filecheck %s
// RUN: xnn-opt %s --split-input-file --copy-read-positions --copy-read-positions | filecheck %s
// RUN: xnn-opt %s --split-input-file --target array256 --copy-read-positions | filecheck %s --check-prefix=LARGE

// Both products read a quarter of a map that has no room: it is copied once, and they have no strides any more.
// With more local memory the map has room, and they read it where it lies.
// CHECK:      %0 = prim.transfer "y#read" "copy" %a offset 0 sizes [7168, 28] strides [112, 2] : tensor<1x256x56x56xi8> to tensor<1x256x28x28xi8>
// CHECK-NEXT: %y = prim.matmul "y" "conv" ins(%v, %0 : tensor<512x256x1x1xi8>, tensor<1x256x28x28xi8>) window <kernel = [1, 1]>
// CHECK-NEXT: %z = prim.matmul "z" "conv" ins(%w, %0 : tensor<128x256x1x1xi8>, tensor<1x256x28x28xi8>) window <kernel = [1, 1]>
// LARGE:      %y = prim.matmul "y" "conv" ins(%v, %a : {{.*}}) window <kernel = [1, 1], strides = [2, 2]>
func.func @main(%a: tensor<1x256x56x56xi8> {xnn.name = "a"}) -> (tensor<1x512x28x28xi32> {xnn.name = "y"}, tensor<1x128x28x28xi32> {xnn.name = "z"}) {
  %v = xnn.parameter "v" : tensor<512x256x1x1xi8>
  %w = xnn.parameter "w" : tensor<128x256x1x1xi8>
  %y = prim.matmul "y" "conv" ins(%v, %a : tensor<512x256x1x1xi8>, tensor<1x256x56x56xi8>) window <kernel = [1, 1], strides = [2, 2]> -> tensor<1x512x28x28xi32>
  %z = prim.matmul "z" "conv" ins(%w, %a : tensor<128x256x1x1xi8>, tensor<1x256x56x56xi8>) window <kernel = [1, 1], strides = [2, 2]> -> tensor<1x128x28x28xi32>
  func.return %y, %z : tensor<1x512x28x28xi32>, tensor<1x128x28x28xi32>
}

// -----

// A kernel reads all positions, and pads are no part of a map.
// CHECK-NOT: prim.transfer
func.func @main(%a: tensor<1x256x56x56xi8> {xnn.name = "a"}) -> (tensor<1x512x28x28xi32> {xnn.name = "y"}, tensor<1x512x29x29xi32> {xnn.name = "z"}) {
  %v = xnn.parameter "v" : tensor<512x256x2x2xi8>
  %w = xnn.parameter "w" : tensor<512x256x1x1xi8>
  %y = prim.matmul "y" "conv" ins(%v, %a : tensor<512x256x2x2xi8>, tensor<1x256x56x56xi8>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x512x28x28xi32>
  %z = prim.matmul "z" "conv" ins(%w, %a : tensor<512x256x1x1xi8>, tensor<1x256x56x56xi8>) window <kernel = [1, 1], strides = [2, 2], pads = [1, 1, 1, 1]> -> tensor<1x512x29x29xi32>
  func.return %y, %z : tensor<1x512x28x28xi32>, tensor<1x512x29x29xi32>
}
