// RUN: xnn-opt %s --calibrate="samples=2 seed=7" | filecheck %s
// RUN: xnn-opt %s --calibrate="method=absmax" | filecheck %s --check-prefix ABSMAX

func.func @main(%x : tensor<1x64xf32>) -> tensor<1x64xf32> {
  %r = xnn.relu "r" %x : (tensor<1x64xf32>) -> tensor<1x64xf32>
  func.return %r : tensor<1x64xf32>
}

// CHECK: @main(%x: tensor<1x64xf32> {xnn.range = [-{{.*}} : f32, {{[1-9].*}} : f32]})
// CHECK: xnn.relu "r" %x {xnn.range = [0.000000e+00 : f32, {{[1-9].*}} : f32]}

// ABSMAX: @main(%x: tensor<1x64xf32> {xnn.range = [-[[L:[0-9.e+]*]] : f32, [[L]] : f32]})
