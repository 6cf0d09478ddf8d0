// RUN: xnn-opt %s --calibrate="samples=2 seed=7" | filecheck %s
// RUN: xnn-opt %s --calibrate="method=absmax" | filecheck %s --check-prefix ABSMAX
// RUN: xnn-opt %s --calibrate="means=true samples=6" | filecheck %s --check-prefix MEANS

func.func @main(%x : tensor<1x64xf32>) -> (tensor<1x64xf32>, tensor<1x2xf32>) {
  %r = xnn.relu "r" %x : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %w = xnn.constant "w" dense<0.0> : tensor<64x2xf32>
  %b = xnn.constant "b" dense<[0.5, -1.0]> : tensor<2xf32>
  %y = xnn.gemm "y" %x, %w, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = false} : (tensor<1x64xf32>, tensor<64x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  func.return %r, %y : tensor<1x64xf32>, tensor<1x2xf32>
}

// CHECK: @main(%x: tensor<1x64xf32> {xnn.range = [-{{.*}} : f32, {{[1-9].*}} : f32]})
// CHECK: xnn.relu "r" %x {xnn.range = [0.000000e+00 : f32, {{[1-9].*}} : f32]}

// ABSMAX: @main(%x: tensor<1x64xf32> {xnn.range = [-[[L:[0-9.e+]*]] : f32, [[L]] : f32]})

// Of products, over each of four parts of the samples.
// MEANS-NOT: xnn.relu {{.*}}xnn.means
// MEANS: xnn.gemm "y" {{.*}}xnn.means = dense<{{\[\[5.000000e-01, -1.000000e\+00\], .*}}> : tensor<4x2xf32>
