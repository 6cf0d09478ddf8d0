// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | filecheck %s --check-prefix GENERIC

func.func @main(%x : tensor<2x8x4xf32>, %c : tensor<8x1xf32>, %n : tensor<?x8x4xf32>, %i : tensor<4xi8>) {
  %add = xnn.add "add" %x, %c : (tensor<2x8x4xf32>, tensor<8x1xf32>) -> tensor<2x8x4xf32>
  %sub = xnn.sub "sub" %c, %x : (tensor<8x1xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %mul = xnn.mul "mul" %n, %c : (tensor<?x8x4xf32>, tensor<8x1xf32>) -> tensor<?x8x4xf32>
  %div = xnn.div "div" %n, %x : (tensor<?x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %relu = xnn.relu "relu" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %relu6 = xnn.clip "relu6" %x {max = 6.0 : f32, min = 0.0 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %below = xnn.clip "below" %i {max = 7 : i8} : (tensor<4xi8>) -> tensor<4xi8>
  %sqrt = xnn.sqrt "sqrt" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %exp = xnn.exp "exp" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %sigmoid = xnn.sigmoid "sigmoid" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %tanh = xnn.tanh "tanh" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %hard_sigmoid = xnn.hard_sigmoid "hard_sigmoid" %x {alpha = 0.25 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %hard_swish = xnn.hard_swish "hard_swish" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %leaky_relu = xnn.leaky_relu "leaky_relu" %x {alpha = 0.125 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  %neg = xnn.neg "neg" %i : (tensor<4xi8>) -> tensor<4xi8>
  func.return
}

// CHECK:   func.func @main(%x: tensor<2x8x4xf32>, %c: tensor<8x1xf32>, %n: tensor<?x8x4xf32>, %i: tensor<4xi8>) {
// CHECK-NEXT:     %add = xnn.add "add" %x, %c : (tensor<2x8x4xf32>, tensor<8x1xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %sub = xnn.sub "sub" %c, %x : (tensor<8x1xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %mul = xnn.mul "mul" %n, %c : (tensor<?x8x4xf32>, tensor<8x1xf32>) -> tensor<?x8x4xf32>
// CHECK-NEXT:     %div = xnn.div "div" %n, %x : (tensor<?x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %relu = xnn.relu "relu" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %relu6 = xnn.clip "relu6" %x {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %below = xnn.clip "below" %i {max = 7 : i8} : (tensor<4xi8>) -> tensor<4xi8>
// CHECK-NEXT:     %sqrt = xnn.sqrt "sqrt" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %exp = xnn.exp "exp" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %sigmoid = xnn.sigmoid "sigmoid" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %tanh = xnn.tanh "tanh" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %hard_sigmoid = xnn.hard_sigmoid "hard_sigmoid" %x {alpha = 2.500000e-01 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %hard_swish = xnn.hard_swish "hard_swish" %x : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %leaky_relu = xnn.leaky_relu "leaky_relu" %x {alpha = 1.250000e-01 : f32} : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// CHECK-NEXT:     %neg = xnn.neg "neg" %i : (tensor<4xi8>) -> tensor<4xi8>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }

// GENERIC: %add = "xnn.add"(%x, %c) <{name = "add"}> : (tensor<2x8x4xf32>, tensor<8x1xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %sub = "xnn.sub"(%c, %x) <{name = "sub"}> : (tensor<8x1xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %mul = "xnn.mul"(%n, %c) <{name = "mul"}> : (tensor<?x8x4xf32>, tensor<8x1xf32>) -> tensor<?x8x4xf32>
// GENERIC-NEXT: %div = "xnn.div"(%n, %x) <{name = "div"}> : (tensor<?x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %relu = "xnn.relu"(%x) <{name = "relu"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %relu6 = "xnn.clip"(%x) <{name = "relu6", max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %below = "xnn.clip"(%i) <{name = "below", max = 7 : i8}> : (tensor<4xi8>) -> tensor<4xi8>
// GENERIC-NEXT: %sqrt = "xnn.sqrt"(%x) <{name = "sqrt"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %exp = "xnn.exp"(%x) <{name = "exp"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %sigmoid = "xnn.sigmoid"(%x) <{name = "sigmoid"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %tanh = "xnn.tanh"(%x) <{name = "tanh"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %hard_sigmoid = "xnn.hard_sigmoid"(%x) <{name = "hard_sigmoid", alpha = 2.500000e-01 : f32, beta = 5.000000e-01 : f32}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %hard_swish = "xnn.hard_swish"(%x) <{name = "hard_swish"}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %leaky_relu = "xnn.leaky_relu"(%x) <{name = "leaky_relu", alpha = 1.250000e-01 : f32}> : (tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
// GENERIC-NEXT: %neg = "xnn.neg"(%i) <{name = "neg"}> : (tensor<4xi8>) -> tensor<4xi8>
