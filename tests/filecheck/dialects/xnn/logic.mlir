// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

func.func @main(%arg0 : tensor<1x8x4x4xf32>, %arg1 : tensor<8x1x1xf32>, %arg2 : tensor<1x1x4x4xi1>, %arg3 : tensor<4x4xi1>, %arg4 : tensor<8xui8>, %arg5 : tensor<ui8>, %arg6 : tensor<f32>) {
  %equal = xnn.equal "equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
  %less = xnn.less "less" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
  %less_or_equal = xnn.less_or_equal "less_or_equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
  %greater = xnn.greater "greater" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
  %greater_or_equal = xnn.greater_or_equal "greater_or_equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
  %and = xnn.and "and" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
  %or = xnn.or "or" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
  %xor = xnn.xor "xor" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
  %not = xnn.not "not" %arg3 : (tensor<4x4xi1>) -> tensor<4x4xi1>
  %bit_shift = xnn.bit_shift "bit_shift" %arg4, %arg5 {direction = "left"} : (tensor<8xui8>, tensor<ui8>) -> tensor<8xui8>
  %is_nan = xnn.is_nan "is_nan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>
  %is_inf = xnn.is_inf "is_inf" %arg0 {detect_negative = 0 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>
  %where = xnn.where "where" %arg3, %arg0, %arg6 : (tensor<4x4xi1>, tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
  func.return
}

// CHECK:     %equal = xnn.equal "equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %less = xnn.less "less" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %less_or_equal = xnn.less_or_equal "less_or_equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %greater = xnn.greater "greater" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %greater_or_equal = xnn.greater_or_equal "greater_or_equal" %arg0, %arg1 : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %and = xnn.and "and" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
// CHECK-NEXT: %or = xnn.or "or" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
// CHECK-NEXT: %xor = xnn.xor "xor" %arg2, %arg3 : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>
// CHECK-NEXT: %not = xnn.not "not" %arg3 : (tensor<4x4xi1>) -> tensor<4x4xi1>
// CHECK-NEXT: %bit_shift = xnn.bit_shift "bit_shift" %arg4, %arg5 {direction = "left"} : (tensor<8xui8>, tensor<ui8>) -> tensor<8xui8>
// CHECK-NEXT: %is_nan = xnn.is_nan "is_nan" %arg0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %is_inf = xnn.is_inf "is_inf" %arg0 {detect_negative = 0 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>
// CHECK-NEXT: %where = xnn.where "where" %arg3, %arg0, %arg6 : (tensor<4x4xi1>, tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
