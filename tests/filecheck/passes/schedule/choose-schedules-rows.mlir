// RUN: xnn-opt %s --choose-schedules | filecheck %s

// Of 80 rows of keys local memory holds one, in two slots, before they are in order and after.
func.func @main(%x: tensor<80x25200xi64>) -> tensor<80x25200xi64> {
  %y = prim.top_k "y" "top_k" largest ins(%x : tensor<80x25200xi64>) window <> -> tensor<80x25200xi64>
  func.return %y : tensor<80x25200xi64>
}

// CHECK: prim.top_k "y" {{.*}} schedule <block = [1, 1, 25200, 25200], {{.*}} slots = 2>
