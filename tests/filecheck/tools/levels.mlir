// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// What a module holds belongs to the level that it says; a module that says none may hold anything.

// CHECK: builtin.module attributes {xnn.level = #xnn<level xnn>} {
builtin.module attributes {xnn.level = #xnn<level xnn>} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = xnn.relu "y" %x : (tensor<4xf32>) -> tensor<4xf32>
    func.return %y : tensor<4xf32>
  }
}

// -----

// CHECK: xnn.constant "a": is not allowed at level dma, where @main holds dma, prim.general
builtin.module attributes {xnn.level = #xnn<level dma>} {
  func.func @main(%x: memref<4xf32, #dma.external>) -> memref<4xf32, #dma.external> {
    %a = xnn.constant "a" dense<1.0> : tensor<4xf32>
    %y = xnn.relu "y" %a : (tensor<4xf32>) -> tensor<4xf32>
    func.return %x : memref<4xf32, #dma.external>
  }
}

// -----

// CHECK: dma.alloc "y": is not allowed at level dsa, where @main holds nothing
builtin.module attributes {xnn.level = #xnn<level dsa>} {
  func.func @main() {
    %y = dma.alloc "y" : memref<4xf32, #dma.external>
    func.return
  }
}

// -----

// CHECK: arith.addf: is not allowed at level xnn, where @main holds xnn
builtin.module attributes {xnn.level = #xnn<level xnn>} {
  func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = arith.addf %x, %x : tensor<4xf32>
    func.return %y : tensor<4xf32>
  }
}

// -----

// CHECK: func.func @main: @main has memref<4xf32> at level prim, expected tensor
builtin.module attributes {xnn.level = #xnn<level prim>} {
  func.func @main(%x: memref<4xf32>) {
    func.return
  }
}

// -----

// CHECK: Expected `xnn`, `prim`, `dma`, or `dsa`.
builtin.module attributes {xnn.level = #xnn<level pirm>} {
}

// -----

// CHECK: xnn.level is "prim", which is not a level
builtin.module attributes {xnn.level = "prim"} {
}

// -----

// Functions beside the network are someone else's.

// CHECK: func.func @helper
builtin.module attributes {xnn.level = #xnn<level xnn>} {
  func.func @helper(%x: f32) -> f32 {
    %y = arith.addf %x, %x : f32
    func.return %y : f32
  }
}

// -----

// CHECK: func.func @weights: has 2 blocks, expected one
builtin.module attributes {xnn.level = #xnn<level dma>} {
  func.func @weights() {
    "cf.br"() [^next] : () -> ()
  ^next:
    func.return
  }
}

// -----

// CHECK: func.func @main: @main has memref<4x2xf32, strided<[1, 4]>, #dma.external>, which is not dense
builtin.module attributes {xnn.level = #xnn<level dma>} {
  func.func @main(%x: memref<2x4xf32, #dma.external>) -> memref<4x2xf32, strided<[1, 4]>, #dma.external> {
    %y = dma.view %x offset 0 : memref<2x4xf32, #dma.external> to memref<4x2xf32, strided<[1, 4]>, #dma.external>
    func.return %y : memref<4x2xf32, strided<[1, 4]>, #dma.external>
  }
}
