// RUN: xnn-opt %s --canonicalize | filecheck %s

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

func.func @neutral(%x : tensor<2x4xf32>, %q : tensor<4xi8>) -> (tensor<2x4xf32>, tensor<4xi8>) {
  %zero = xnn.constant "zero" dense<0.0> : tensor<4xf32>
  %one = xnn.constant "one" dense<1.0> : tensor<f32>
  %a = xnn.add "a" %zero, %x : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %b = xnn.sub "b" %a, %zero : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %c = xnn.mul "c" %b, %one : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %d = xnn.div "d" %c, %one : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %1 = xnn.constant "1" dense<1> : tensor<i8>
  %e = xnn.mul "e" %1, %q : (tensor<i8>, tensor<4xi8>) -> tensor<4xi8>
  func.return %d, %e : tensor<2x4xf32>, tensor<4xi8>
}

// 0 - x, 1 / x, sums that broadcast x, constants of several numbers.
func.func @not_neutral(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>) {
  %zero = xnn.constant "zero" dense<0.0> : tensor<4xf32>
  %one = xnn.constant "one" dense<1.0> : tensor<f32>
  %rows = xnn.constant "rows" dense<0.0> : tensor<2x4xf32>
  %some = xnn.constant "some" dense<[0.0, 0.0, 0.0, 1.0]> : tensor<4xf32>
  %a = xnn.sub "a" %zero, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = xnn.div "b" %one, %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %c = xnn.add "c" %x, %rows : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %d = xnn.add "d" %x, %some : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d : tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>
}

func.func @unary(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
  %b = xnn.relu "b" %a : (tensor<4xf32>) -> tensor<4xf32>
  %c = xnn.neg "c" %x : (tensor<4xf32>) -> tensor<4xf32>
  %d = xnn.neg "d" %c : (tensor<4xf32>) -> tensor<4xf32>
  %e = xnn.cast "e" %x {to = f32} : (tensor<4xf32>) -> tensor<4xf32>
  %f = xnn.concat "f" %x {axis = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  func.return %b, %d, %e, %f : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// The inner bounds, between the outer; a bound that is absent in both stays absent.
func.func @clips(%x : tensor<4xf32>, %q : tensor<4xi8>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi8>, tensor<4xf32>) {
  %a = xnn.clip "a" %x {max = 6.0 : f32, min = 0.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %b = xnn.clip "b" %a {max = 5.0 : f32, min = -1.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %c = xnn.clip "c" %x {max = 2.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %d = xnn.clip "d" %c {min = 3.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %e = xnn.clip "e" %q {min = 1 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  %f = xnn.clip "f" %e {min = 2 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  %g = xnn.clip "g" %x : (tensor<4xf32>) -> tensor<4xf32>
  func.return %b, %d, %f, %g : tensor<4xf32>, tensor<4xf32>, tensor<4xi8>, tensor<4xf32>
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
// CHECK:   func.func @neutral(%x: tensor<2x4xf32>, %q: tensor<4xi8>) -> (tensor<2x4xf32>, tensor<4xi8>) {
// CHECK-NEXT:     func.return %x, %q : tensor<2x4xf32>, tensor<4xi8>
// CHECK-NEXT:   }
// CHECK:   func.func @not_neutral(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>) {
// CHECK-NEXT:     %zero = xnn.constant "zero" dense<0.000000e+00> : tensor<4xf32>
// CHECK-NEXT:     %one = xnn.constant "one" dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT:     %rows = xnn.constant "rows" dense<0.000000e+00> : tensor<2x4xf32>
// CHECK-NEXT:     %some = xnn.constant "some" dense<[0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00]> : tensor<4xf32>
// CHECK-NEXT:     %a = xnn.sub "a" %zero, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %b = xnn.div "b" %one, %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %c = xnn.add "c" %x, %rows : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:     %d = xnn.add "d" %x, %some : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     func.return %a, %b, %c, %d : tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @unary(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:     %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     func.return %a, %x, %x, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @clips(%x: tensor<4xf32>, %q: tensor<4xi8>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi8>, tensor<4xf32>) {
// CHECK-NEXT:     %b = xnn.clip "b" %x {min = 0.000000e+00 : f32, max = 5.000000e+00 : f32, layers = ["a"]} : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %d = xnn.clip "d" %x {min = 3.000000e+00 : f32, max = 3.000000e+00 : f32, layers = ["c"]} : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:     %f = xnn.clip "f" %q {min = 2 : i8, layers = ["e"]} : (tensor<4xi8>) -> tensor<4xi8>
// CHECK-NEXT:     func.return %b, %d, %f, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xi8>, tensor<4xf32>
// CHECK-NEXT:   }
