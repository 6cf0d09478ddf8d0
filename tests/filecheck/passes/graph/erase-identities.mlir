// RUN: xnn-opt %s --erase-identities | filecheck %s

func.func @identities(%x : tensor<2x8xf32>) -> tensor<2x8xf32> {
  %a = xnn.dropout "a" %x {ratio = 0.5 : f32} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %b = xnn.identity "b" %a : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %c = xnn.reshape "c" %b {shape = array<i64: 0, -1>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %d = xnn.transpose "d" %c {perm = array<i64: 0, 1>} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %e = xnn.relu "e" %d : (tensor<2x8xf32>) -> tensor<2x8xf32>
  func.return %e : tensor<2x8xf32>
}

// Two reshapes are one, and three that lead back are none; the inner one stays if something else needs it.
func.func @reshapes(%x : tensor<2x8xf32>) -> (tensor<4x4xf32>, tensor<16xf32>, tensor<2x8xf32>) {
  %a = xnn.reshape "a" %x {shape = array<i64: 8, 2>} : (tensor<2x8xf32>) -> tensor<8x2xf32>
  %b = xnn.reshape "b" %a {shape = array<i64: 4, 4>} : (tensor<8x2xf32>) -> tensor<4x4xf32>
  %c = xnn.reshape "c" %x {shape = array<i64: -1>} : (tensor<2x8xf32>) -> tensor<16xf32>
  %d = xnn.reshape "d" %c {shape = array<i64: 4, -1>} : (tensor<16xf32>) -> tensor<4x4xf32>
  %e = xnn.reshape "e" %d {shape = array<i64: 2, 8>} : (tensor<4x4xf32>) -> tensor<2x8xf32>
  func.return %b, %c, %e : tensor<4x4xf32>, tensor<16xf32>, tensor<2x8xf32>
}

func.func @unknown_sizes(%x : tensor<?x2x3x?xf32>) -> (tensor<?x6xf32>, tensor<?x3x2x?xf32>) {
  %a = xnn.reshape "a" %x {shape = array<i64: -1, 2, 3>} : (tensor<?x2x3x?xf32>) -> tensor<?x2x3xf32>
  %b = xnn.reshape "b" %a {shape = array<i64: 0, -1>} : (tensor<?x2x3xf32>) -> tensor<?x6xf32>
  %c = xnn.reshape "c" %x {shape = array<i64: 0, 6, -1>} : (tensor<?x2x3x?xf32>) -> tensor<?x6x?xf32>
  %d = xnn.reshape "d" %c {shape = array<i64: 0, 3, 2, -1>} : (tensor<?x6x?xf32>) -> tensor<?x3x2x?xf32>
  func.return %b, %d : tensor<?x6xf32>, tensor<?x3x2x?xf32>
}

func.func @transposes(%x : tensor<2x3x4xf32>) -> (tensor<3x2x4xf32>, tensor<2x3x4xf32>) {
  %a = xnn.transpose "a" %x {perm = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %b = xnn.transpose "b" %a {perm = array<i64: 0, 2, 1>} : (tensor<3x4x2xf32>) -> tensor<3x2x4xf32>
  %c = xnn.transpose "c" %x {perm = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %d = xnn.transpose "d" %c {perm = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
  func.return %b, %d : tensor<3x2x4xf32>, tensor<2x3x4xf32>
}

// CHECK:   func.func @identities(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
// CHECK-NEXT:     %e = xnn.relu "e" %x : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:     func.return %e : tensor<2x8xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @reshapes(%x: tensor<2x8xf32>) -> (tensor<4x4xf32>, tensor<16xf32>, tensor<2x8xf32>) {
// CHECK-NEXT:     %b = xnn.reshape "b" %x {shape = array<i64: 4, 4>, layers = ["a"]} : (tensor<2x8xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:     %c = xnn.reshape "c" %x {shape = array<i64: -1>} : (tensor<2x8xf32>) -> tensor<16xf32>
// CHECK-NEXT:     func.return %b, %c, %x : tensor<4x4xf32>, tensor<16xf32>, tensor<2x8xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @unknown_sizes(%x: tensor<?x2x3x?xf32>) -> (tensor<?x6xf32>, tensor<?x3x2x?xf32>) {
// CHECK-NEXT:     %b = xnn.reshape "b" %x {shape = array<i64: -1, 6>, layers = ["a"]} : (tensor<?x2x3x?xf32>) -> tensor<?x6xf32>
// CHECK-NEXT:     %c = xnn.reshape "c" %x {shape = array<i64: 0, 6, -1>} : (tensor<?x2x3x?xf32>) -> tensor<?x6x?xf32>
// CHECK-NEXT:     %d = xnn.reshape "d" %c {shape = array<i64: 0, 3, 2, -1>} : (tensor<?x6x?xf32>) -> tensor<?x3x2x?xf32>
// CHECK-NEXT:     func.return %b, %d : tensor<?x6xf32>, tensor<?x3x2x?xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<3x2x4xf32>, tensor<2x3x4xf32>) {
// CHECK-NEXT:     %b = xnn.transpose "b" %x {perm = array<i64: 1, 0, 2>, layers = ["a"]} : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
// CHECK-NEXT:     func.return %b, %x : tensor<3x2x4xf32>, tensor<2x3x4xf32>
// CHECK-NEXT:   }
