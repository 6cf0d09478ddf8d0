// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: xnn.add "y": shapes [2, 4] and [3] do not broadcast
func.func @main(%a : tensor<2x4xf32>, %b : tensor<3xf32>) {
  %0 = xnn.add "y" %a, %b : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.sub "y": shapes [2, 4] and [3] do not broadcast
func.func @main(%a : tensor<2x4xf32>, %b : tensor<3xf32>) {
  %0 = xnn.sub "y" %a, %b : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.mul "y": operands must share one element type, but have f32, f16
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4xf16>) {
  %0 = xnn.mul "y" %a, %b : (tensor<2x4xf32>, tensor<4xf16>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.div "y": operands must share one element type, but have f32, f16
func.func @main(%a : tensor<2x4xf32>, %b : tensor<4xf16>) {
  %0 = xnn.div "y" %a, %b : (tensor<2x4xf32>, tensor<4xf16>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.relu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.relu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.sqrt "y": result has type tensor<2x6xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sqrt "y" %a : (tensor<2x4xf32>) -> tensor<2x6xf32>
  func.return
}

// -----

// CHECK: xnn.exp "y": result has type tensor<2x7xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.exp "y" %a : (tensor<2x4xf32>) -> tensor<2x7xf32>
  func.return
}

// -----

// CHECK: xnn.sigmoid "y": result has type tensor<2x8xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sigmoid "y" %a : (tensor<2x4xf32>) -> tensor<2x8xf32>
  func.return
}

// -----

// CHECK: xnn.tanh "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.tanh "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.neg "y": result has type tensor<2x10xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.neg "y" %a : (tensor<2x4xf32>) -> tensor<2x10xf32>
  func.return
}

// -----

// CHECK: xnn.clip "y": min has type i32, expected f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.clip "y" %a {min = 0 : i32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.hard_sigmoid "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.hard_sigmoid "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.hard_swish "y": result has type tensor<2x9xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.hard_swish "y" %a : (tensor<2x4xf32>) -> tensor<2x9xf32>
  func.return
}

// -----

// CHECK: xnn.leaky_relu "y": works on floats of 16 bits or more, not elements of type i8
func.func @main(%a : tensor<2x4xi8>) {
  %0 = xnn.leaky_relu "y" %a : (tensor<2x4xi8>) -> tensor<2x4xi8>
  func.return
}

// -----

// CHECK: xnn.abs "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.abs "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.sign "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sign "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.reciprocal "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.reciprocal "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.ceil "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.ceil "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.floor "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.floor "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.round "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.round "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.log "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.log "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.erf "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.erf "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.sin "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sin "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.cos "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.cos "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.tan "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.tan "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.asin "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.asin "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.acos "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.acos "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.atan "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.atan "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.sinh "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.sinh "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.cosh "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.cosh "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.asinh "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.asinh "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.acosh "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.acosh "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.atanh "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.atanh "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.thresholded_relu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.thresholded_relu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.elu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.elu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.celu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.celu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.selu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.selu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.swish "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.swish "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.gelu "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.gelu "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.mish "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.mish "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.softplus "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.softplus "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.softsign "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.softsign "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.shrink "y": result has type tensor<2x5xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.shrink "y" %a : (tensor<2x4xf32>) -> tensor<2x5xf32>
  func.return
}

// -----

// CHECK: xnn.max "y": works on numbers, not elements of type i1
func.func @main(%a : tensor<4xi1>) {
  %0 = xnn.max "y" %a, %a : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  func.return
}

// -----

// CHECK: xnn.min "y": works on numbers, not elements of type i1
func.func @main(%a : tensor<4xi1>) {
  %0 = xnn.min "y" %a, %a : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  func.return
}

// -----

// CHECK: xnn.equal "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.equal "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.less "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.less "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.less_or_equal "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.less_or_equal "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.greater "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.greater "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.greater_or_equal "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.greater_or_equal "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.is_nan "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.is_nan "y" %a : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.is_inf "y": result has type tensor<2x4xf32>, expected tensor<2x4xi1>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.is_inf "y" %a : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.and "y": works on booleans and integers of whole bytes, not elements of type f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.and "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.or "y": works on booleans and integers of whole bytes, not elements of type f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.or "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.xor "y": works on booleans and integers of whole bytes, not elements of type f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.xor "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.not "y": works on booleans and integers of whole bytes, not elements of type f32
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.not "y" %a : (tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.mod "y": result has type tensor<2x8xf32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.mod "y" %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  func.return
}

// -----

// CHECK: xnn.pow "y": result has type tensor<2x4xi32>, expected tensor<2x4xf32>
func.func @main(%a : tensor<2x4xf32>, %b : tensor<i32>) {
  %0 = xnn.pow "y" %a, %b : (tensor<2x4xf32>, tensor<i32>) -> tensor<2x4xi32>
  func.return
}

// -----

// CHECK: xnn.bit_shift "y": direction must be left or right, not up
func.func @main(%a : tensor<4xui8>) {
  %0 = xnn.bit_shift "y" %a, %a {direction = "up"} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  func.return
}

// -----

// CHECK: xnn.prelu "y": slope [3, 1, 1] does not broadcast to [1, 4]
func.func @main(%a : tensor<1x4xf32>, %s : tensor<3x1x1xf32>) {
  %0 = xnn.prelu "y" %a, %s : (tensor<1x4xf32>, tensor<3x1x1xf32>) -> tensor<3x1x4xf32>
  func.return
}

// -----

// CHECK: xnn.where "y": condition has elements of type f32, expected i1
func.func @main(%a : tensor<2x4xf32>) {
  %0 = xnn.where "y" %a, %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  func.return
}

// -----

// CHECK: xnn.where "y": shapes [2], [3] and [1] do not broadcast
func.func @main(%c : tensor<2xi1>, %a : tensor<3xf32>, %b : tensor<1xf32>) {
  %0 = xnn.where "y" %c, %a, %b : (tensor<2xi1>, tensor<3xf32>, tensor<1xf32>) -> tensor<3xf32>
  func.return
}
