// RUN: xnn-opt %s --split-input-file --verify-diagnostics | filecheck %s

// A value is defined before it is used, in regions of one block and of several.

// CHECK: xnn.softmax "y": operand 0 (%a) is used before its definition
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %y = xnn.softmax "y" %a {axis = 1 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %a = xnn.relu "a" %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %y : tensor<1x8xf32>
}

// -----

// CHECK: arith.addi: operand 1 (%b) is used before its definition
func.func @branches(%c: i1, %x: i32) -> i32 {
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  %b = arith.addi %x, %x : i32
  cf.br ^bb2
^bb2:
  %y = arith.addi %x, %b : i32
  func.return %y : i32
}

// -----

// CHECK: func.func @dominated
func.func @dominated(%c: i1, %x: i32) -> i32 {
  %b = arith.addi %x, %x : i32
  cf.cond_br %c, ^bb1(%b : i32), ^bb2
^bb1(%d: i32):
  %e = arith.addi %d, %b : i32
  cf.br ^bb2
^bb2:
  %y = arith.addi %x, %b : i32
  func.return %y : i32
^bb3:
  %z = arith.addi %x, %e : i32
  func.return %z : i32
}
