// RUN: xnn-opt %s --multiply-by-reciprocals | filecheck %s

// A normalisation absorbs the reciprocal and the zero point, so does a scale and shift of integers, all else is multiplied by it. Scales that are not known stay, and so do those
// of double floats and of each channel.
func.func @main(%x : tensor<1x4x8xf32>, %g : tensor<8xf32>, %b : tensor<8xf32>, %u : tensor<f32>, %v : tensor<8xf32>, %w : tensor<8xf64>, %t : tensor<f64>) -> tensor<1x4x8xi8> {
  %s = xnn.constant "s" dense<0.125> : tensor<f32>
  %z = xnn.constant "z" dense<3> : tensor<i8>
  %zs = xnn.constant "zs" dense<0> : tensor<8xi8>
  %n = xnn.normalize "n" %x scale %g : tensor<8xf32> bias %b : tensor<8xf32> {axes = array<i64: 2>, epsilon = 1.0e-5 : f32} : tensor<1x4x8xf32>
  %q = xnn.quantize "q" %n, %s, %z : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
  %m = xnn.normalize "m" %x {axes = array<i64: 2>, epsilon = 1.0e-5 : f32} : tensor<1x4x8xf32>
  %r = xnn.quantize "r" %m, %s, %z : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
  %e = xnn.exp "e" %x : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %p = xnn.quantize "p" %e, %s, %z {layers = ["inner"]} : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
  %dynamic = xnn.quantize "dynamic" %x, %u, %z : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
  %channels = xnn.quantize "channels" %x, %v, %zs {axis = 2 : i64} : (tensor<1x4x8xf32>, tensor<8xf32>, tensor<8xi8>) -> tensor<1x4x8xi8>
  %double = xnn.quantize "double" %w, %t, %z : (tensor<8xf64>, tensor<f64>, tensor<i8>) -> tensor<8xi8>
  %h = xnn.constant "h" dense<0.5> : tensor<f32>
  %k = xnn.constant "k" dense<-3> : tensor<i8>
  %o = xnn.constant "o" dense<0> : tensor<ui8>
  %c = xnn.parameter "c" : tensor<4x1xf32>
  %f = xnn.parameter "f" : tensor<4x1xf32>
  %xq = xnn.quantize "xq" %x, %h, %k {reciprocal, xnn.scale = 2.0 : f32} : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
  %d = xnn.dequantize "d" %xq, %h, %k : (tensor<1x4x8xi8>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xf32>
  %scaled = xnn.mul "scaled" %d, %c : (tensor<1x4x8xf32>, tensor<4x1xf32>) -> tensor<1x4x8xf32>
  %shifted = xnn.add "shifted" %f, %scaled : (tensor<4x1xf32>, tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %relu = xnn.relu "relu" %shifted : (tensor<1x4x8xf32>) -> tensor<1x4x8xf32>
  %bn = xnn.quantize "bn" %relu, %s, %o : (tensor<1x4x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4x8xui8>
  func.return %q : tensor<1x4x8xi8>
}

// CHECK:      %[[R:.*]] = xnn.constant "q#reciprocal" dense<8.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[G:.*]] = xnn.mul "q#factor_scale" %g, %[[R]]
// CHECK-NEXT: %[[B:.*]] = xnn.mul "q#factor_bias" %b, %[[R]]
// CHECK-NEXT: %[[T:.*]] = xnn.constant "q#shift" dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[B2:.*]] = xnn.add "q#shifted_bias" %[[B]], %[[T]]
// CHECK-NEXT: %[[N:.*]] = xnn.normalize "q#x" %x scale %[[G]] : tensor<8xf32> bias %[[B2]] : tensor<8xf32> {axes = array<i64: 2>, epsilon = 1.000000e-05 : f32, layers = ["n"]}
// CHECK-NEXT: %[[ONE:.*]] = xnn.constant "q#one" dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[ZERO:.*]] = xnn.constant "q#zero" dense<0> : tensor<i8>
// CHECK-NEXT: xnn.quantize "q" %[[N]], %[[ONE]], %[[ZERO]] {xnn.scale = 1.250000e-01 : f32, xnn.zero_point = 3 : i64}
// CHECK-NEXT: %[[R:.*]] = xnn.constant "r#reciprocal" dense<8.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[T:.*]] = xnn.constant "r#shift" dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[N:.*]] = xnn.normalize "r#x" %x scale %[[R]] : tensor<f32> bias %[[T]] : tensor<f32> {
// CHECK:      xnn.quantize "r" %[[N]], %{{.*}}, %{{.*}} {xnn.scale
// CHECK-NEXT: %[[E:.*]] = xnn.exp "e" %x
// CHECK-NEXT: %[[R:.*]] = xnn.constant "p#reciprocal" dense<8.000000e+00> : tensor<f32>
// CHECK-NEXT: xnn.quantize "p" %[[E]], %[[R]], %z {xnn.scale = 1.250000e-01 : f32, reciprocal, layers = ["inner"]}
// CHECK-NEXT: xnn.quantize "dynamic" %x, %u, %z
// CHECK-NEXT: xnn.quantize "channels" %x, %v, %zs
// CHECK-NEXT: xnn.quantize "double" %w, %t, %z
// CHECK:      %[[R:.*]] = xnn.constant "bn#reciprocal" dense<8.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[C1:.*]] = xnn.mul "bn#factor_scale" %c, %[[R]]
// CHECK-NEXT: %[[H:.*]] = xnn.constant "bn#step" dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[C:.*]] = xnn.mul "bn#scale" %[[C1]], %[[H]]
// CHECK-NEXT: %[[F1:.*]] = xnn.mul "bn#factor_bias" %f, %[[R]]
// CHECK-NEXT: %[[K:.*]] = xnn.constant "bn#zero_x" dense<-3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[M:.*]] = xnn.mul "bn#moved" %[[C]], %[[K]]
// CHECK-NEXT: %[[F:.*]] = xnn.sub "bn#moved_bias" %[[F1]], %[[M]]
// CHECK-NEXT: %[[ONE:.*]] = xnn.constant "bn#one_x" dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[ZERO:.*]] = xnn.constant "bn#none" dense<0> : tensor<i8>
// CHECK-NEXT: %[[D:.*]] = xnn.dequantize "bn#numbers" %xq, %[[ONE]], %[[ZERO]]
// CHECK-NEXT: %[[P:.*]] = xnn.mul "bn#product" %[[D]], %[[C]] {layers = ["scaled"]}
// CHECK-NEXT: %[[A:.*]] = xnn.add "bn#x" %[[P]], %[[F]] {layers = ["shifted"]}
// CHECK:      xnn.quantize "bn" %[[A]], %{{.*}}, %o {xnn.scale = 1.250000e-01 : f32, layers = ["relu"]}
