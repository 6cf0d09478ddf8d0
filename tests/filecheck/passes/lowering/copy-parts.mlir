// RUN: xnn-opt %s --split-input-file --copy-parts | filecheck %s
// RUN: xnn-opt %s --split-input-file --copy-parts --copy-parts | filecheck %s

// What is given, constant, or there already is copied; what is made here is made in its place, also through a view.
// CHECK:      %v = prim.view "v" %a
// CHECK-NEXT: %0 = prim.transfer "y#copy1" "place" %x offset 0 sizes [8] strides [1]
// CHECK-NEXT: %1 = prim.transfer "y#copy2" "place" %c offset 0 sizes [8] strides [1]
// CHECK-NEXT: %2 = prim.transfer "y#copy3" "place" %v offset 0 sizes [8] strides [1] : tensor<1x8xf32> to tensor<1x8xf32>
// CHECK-NEXT: %y = prim.place "y" %v, %0, %1, %2 at
func.func @main(%x: tensor<1x8xf32> {xnn.name = "x"}) -> (tensor<1x32xf32> {xnn.name = "y"}) {
  %c = xnn.parameter "c" : tensor<1x8xf32>
  %a = prim.map "a" "neg" ins(%x : tensor<1x8xf32>) window <> post [](:) {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    prim.yield %n : f32
  } -> tensor<1x8xf32>
  %v = prim.view "v" %a : tensor<1x8xf32> to tensor<1x8xf32>
  %y = prim.place "y" %v, %x, %c, %v at [#prim.place_of<offset = 0, strides = [32, 1]>, #prim.place_of<offset = 8, strides = [32, 1]>, #prim.place_of<offset = 16, strides = [32, 1]>, #prim.place_of<offset = 24, strides = [32, 1]>] : (tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x32xf32>
  func.return %y : tensor<1x32xf32>
}

// -----

// A transfer makes its part, with the dimensions that the place has. What is also read in one run by another
// node, or returned, is copied out of it.
// CHECK:      %t = prim.transfer "t" "transpose" %x offset 0 sizes [2, 2, 8] strides [2, 8, 1]
// CHECK-NEXT: %r = prim.transfer "r" "transpose" %x offset 0 sizes [4, 8] strides [1, 4]
// CHECK-NEXT: %0 = prim.transfer "y#copy1" "place" %r offset 0 sizes [4, 8] strides [8, 1]
// CHECK-NEXT: %y = prim.place "y" %t, %0 at
func.func @main(%x: tensor<8x4xf32> {xnn.name = "x"}) -> (tensor<4x16xf32> {xnn.name = "y"}, tensor<4x8xf32> {xnn.name = "r"}) {
  %t = prim.transfer "t" "transpose" %x offset 0 sizes [2, 16] strides [2, 1] : tensor<8x4xf32> to tensor<4x8xf32>
  %r = prim.transfer "r" "transpose" %x offset 0 sizes [4, 8] strides [1, 4] : tensor<8x4xf32> to tensor<4x8xf32>
  %y = prim.place "y" %t, %r at [#prim.place_of<offset = 0, strides = [16, 1]>, #prim.place_of<offset = 8, strides = [16, 1]>] : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  func.return %y, %r : tensor<4x16xf32>, tensor<4x8xf32>
}

// -----

// Parts of a part lie in the whole, if strides say where.
// CHECK:      %i = prim.place "i" %a, %b at
// CHECK-NEXT: %0 = prim.transfer "y#copy1" "place" %x offset 0 sizes [2, 4] strides [4, 1]
// CHECK-NEXT: %y = prim.place "y" %i, %0 at
func.func @main(%x: tensor<2x4xf32> {xnn.name = "x"}) -> (tensor<2x12xf32> {xnn.name = "y"}) {
  %a = prim.map "a" "neg" ins(%x : tensor<2x4xf32>) window <> post [](:) {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    prim.yield %n : f32
  } -> tensor<2x4xf32>
  %b = prim.map "b" "neg" ins(%x : tensor<2x4xf32>) window <> post [](:) {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    prim.yield %n : f32
  } -> tensor<2x4xf32>
  %i = prim.place "i" %a, %b at [#prim.place_of<offset = 0, strides = [8, 1]>, #prim.place_of<offset = 4, strides = [8, 1]>] : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  %y = prim.place "y" %i, %x at [#prim.place_of<offset = 0, strides = [12, 1]>, #prim.place_of<offset = 8, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>
  func.return %y : tensor<2x12xf32>
}

// -----

// A copy has another name than the parts that an operator has of its own, as a slice that goes backwards.
// CHECK:      %r = prim.transfer "y#part1" "slice" %x
// CHECK-NEXT: %0 = prim.transfer "y#copy1" "place" %r
func.func @main(%x: tensor<8x4xf32> {xnn.name = "x"}) -> (tensor<4x16xf32> {xnn.name = "y"}, tensor<4x8xf32> {xnn.name = "r"}) {
  %t = prim.transfer "y#part0" "slice" %x offset 0 sizes [2, 16] strides [2, 1] : tensor<8x4xf32> to tensor<4x8xf32>
  %r = prim.transfer "y#part1" "slice" %x offset 0 sizes [4, 8] strides [1, 4] : tensor<8x4xf32> to tensor<4x8xf32>
  %y = prim.place "y" %t, %r at [#prim.place_of<offset = 0, strides = [16, 1]>, #prim.place_of<offset = 8, strides = [16, 1]>] : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x16xf32>
  func.return %y, %r : tensor<4x16xf32>, tensor<4x8xf32>
}
