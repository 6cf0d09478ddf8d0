// RUN: xnn-opt %s --combine-scale-shift | filecheck %s

// ((x * a + b) * c) + d, as a batch norm and a scale layer after it give it.
func.func @both(%x : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %a = xnn.parameter "a" : tensor<8x1x1xf32>
  %b = xnn.parameter "b" : tensor<8x1x1xf32>
  %c = xnn.parameter "c" : tensor<1x8x1x1xf32>
  %d = xnn.constant "d" dense<0.5> : tensor<f32>
  %1 = xnn.mul "1" %x, %a : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %2 = xnn.add "2" %1, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
  %3 = xnn.mul "3" %c, %2 : (tensor<1x8x1x1xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %4 = xnn.add "4" %3, %d : (tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
  func.return %4 : tensor<1x8x4x4xf32>
}

func.func @scales(%x : tensor<1x8xf32>) -> tensor<1x8xf32> {
  %a = xnn.parameter "a" : tensor<8xf32>
  %1 = xnn.mul "1" %x, %a : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  %2 = xnn.mul "2" %1, %a : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  func.return %2 : tensor<1x8xf32>
}

// Not per channel, needed elsewhere, not constant: all stay.
func.func @left(%x : tensor<1x8x4xf32>, %y : tensor<1x8x4xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
  %columns = xnn.parameter "columns" : tensor<4xf32>
  %1 = xnn.mul "1" %x, %columns : (tensor<1x8x4xf32>, tensor<4xf32>) -> tensor<1x8x4xf32>
  %2 = xnn.mul "2" %1, %columns : (tensor<1x8x4xf32>, tensor<4xf32>) -> tensor<1x8x4xf32>
  %a = xnn.parameter "a" : tensor<8x1xf32>
  %3 = xnn.add "3" %x, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
  %4 = xnn.add "4" %3, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
  %5 = xnn.add "5" %4, %y : (tensor<1x8x4xf32>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  func.return %2, %3, %5 : tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>
}

// CHECK:   func.func @both(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8x1x1xf32>
// CHECK-NEXT:     %b = xnn.parameter "b" : tensor<8x1x1xf32>
// CHECK-NEXT:     %c = xnn.parameter "c" : tensor<1x8x1x1xf32>
// CHECK-NEXT:     %d = xnn.constant "d" dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT:     %0 = xnn.mul "3#shift" %b, %c : (tensor<8x1x1xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT:     %1 = xnn.mul "3#scale" %a, %c : (tensor<8x1x1xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT:     %2 = xnn.mul "3#scaled" %x, %1 : (tensor<1x8x4x4xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     %3 = xnn.add "4#shift" %0, %d : (tensor<1x8x1x1xf32>, tensor<f32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT:     %4 = xnn.add "4" %2, %3 {layers = ["1", "2", "3"]} : (tensor<1x8x4x4xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     func.return %4 : tensor<1x8x4x4xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @scales(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8xf32>
// CHECK-NEXT:     %0 = xnn.mul "2#scale" %a, %a : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:     %1 = xnn.mul "2" %x, %0 {layers = ["1"]} : (tensor<1x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
// CHECK-NEXT:     func.return %1 : tensor<1x8xf32>
// CHECK-NEXT:   }
// CHECK:   func.func @left(%x: tensor<1x8x4xf32>, %y: tensor<1x8x4xf32>) -> (tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>) {
// CHECK-NEXT:     %columns = xnn.parameter "columns" : tensor<4xf32>
// CHECK-NEXT:     %0 = xnn.mul "1" %x, %columns : (tensor<1x8x4xf32>, tensor<4xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %1 = xnn.mul "2" %0, %columns : (tensor<1x8x4xf32>, tensor<4xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %a = xnn.parameter "a" : tensor<8x1xf32>
// CHECK-NEXT:     %2 = xnn.add "3" %x, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %3 = xnn.add "4" %2, %a : (tensor<1x8x4xf32>, tensor<8x1xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     %4 = xnn.add "5" %3, %y : (tensor<1x8x4xf32>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
// CHECK-NEXT:     func.return %1, %2, %4 : tensor<1x8x4xf32>, tensor<1x8x4xf32>, tensor<1x8x4xf32>
// CHECK-NEXT:   }
