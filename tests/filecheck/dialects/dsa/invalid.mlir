// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: Expected `input`, `state`, `parameter`, `feature_map`, or `slice`.
dsa.program {
  dsa.buffer "x" weight external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: Expected `external`, or `local`.
dsa.program {
  dsa.buffer "x" input cache at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["y", "x"] at affine_map<() -> (-1024, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["x", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": input cannot be local
dsa.program {
  dsa.buffer "x" input local at 8192 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["y", "a"] at affine_map<() -> (-1024, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "a": slice cannot be external
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice external at 8192 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "b"] at affine_map<() -> (0, -2048)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["b", "b"] at affine_map<() -> (-2048, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": address must not be negative
dsa.program {
  dsa.buffer "x" input external at -4 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (4, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "a": slots and pitch belong together
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "a": slots must be positive
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 0 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "a": pitch 512 is less than its 1024 bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 512 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": memref<?xf32> has no known number of bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<?xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": memref<4xindex> has no known number of bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4xindex>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": another buffer has this name
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 1 needs bytes 0x3fc to 0x4fc of local memory for buffer "b", where bytes 0x3fc to 0x400 hold buffer "a" until node 1, dsa.sort of layer "y"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 1020 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 needs bytes 0x3fc to 0x4fc of external memory for buffer "y", where bytes 0x3fc to 0x400 hold buffer "x" until the end of the program
dsa.program {
  dsa.buffer "x" parameter external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1020 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": needs bytes 0x0 to 0x400 of external memory for buffer "x", where bytes 0x0 to 0x400 hold buffer "v" until the program starts
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.buffer "v" input external at 0 : memref<1x4x8x8xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "b": ends at byte 4100 of local memory, which has 4096
builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, static_mw = 2.000000e+01 : f64, control = {issue_cycles = 4 : i64, queue_depth = 8 : i64}, matmul = {n = 64 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}, sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64}, vector = {lanes = 64 : i64}, general = {lanes = 16 : i64}, dma = {channels = 2 : i64, local_bytes_per_cycle = 64 : i64}, external = {bytes_per_cycle = 1.600000e+01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64, capacity_bytes = 4096 : i64}, local = {banks = 4 : i64, rows = 16 : i64, row_bytes = 64 : i64}, operation_cycles = {cheap = 1 : i64, divide = 4 : i64, transcendental = 8 : i64}, energy_pj = {mac_i8 = 2.500000e-01 : f64, mac_i16 = 1.000000e+00 : f64, mac_i32 = 4.000000e+00 : f64, mac_f16 = 1.500000e+00 : f64, mac_f32 = 6.000000e+00 : f64, mac_f64 = 2.000000e+01 : f64, op_i8 = 1.500000e-02 : f64, op_i16 = 2.500000e-02 : f64, op_i32 = 5.000000e-02 : f64, op_i64 = 1.000000e-01 : f64, op_f16 = 2.000000e-01 : f64, op_f32 = 4.500000e-01 : f64, op_f64 = 9.000000e-01 : f64, accumulator_byte = 3.000000e-01 : f64, local_byte = 1.500000e+00 : f64, external_byte = 2.500000e+02 : f64, wire_byte = 7.000000e+00 : f64}}} {
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 3844 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "a"] at affine_map<() -> (0, 2048)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["a", "y"] at affine_map<() -> (2048, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}
}

// -----

// CHECK: dsa.buffer "y": ends at byte 4100 of external memory, which has 4096
builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, static_mw = 2.000000e+01 : f64, control = {issue_cycles = 4 : i64, queue_depth = 8 : i64}, matmul = {n = 64 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}, sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64}, vector = {lanes = 64 : i64}, general = {lanes = 16 : i64}, dma = {channels = 2 : i64, local_bytes_per_cycle = 64 : i64}, external = {bytes_per_cycle = 1.600000e+01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64, capacity_bytes = 4096 : i64}, local = {banks = 4 : i64, rows = 16 : i64, row_bytes = 64 : i64}, operation_cycles = {cheap = 1 : i64, divide = 4 : i64, transcendental = 8 : i64}, energy_pj = {mac_i8 = 2.500000e-01 : f64, mac_i16 = 1.000000e+00 : f64, mac_i32 = 4.000000e+00 : f64, mac_f16 = 1.500000e+00 : f64, mac_f32 = 6.000000e+00 : f64, mac_f64 = 2.000000e+01 : f64, op_i8 = 1.500000e-02 : f64, op_i16 = 2.500000e-02 : f64, op_i32 = 5.000000e-02 : f64, op_i64 = 1.000000e-01 : f64, op_f16 = 2.000000e-01 : f64, op_f32 = 4.500000e-01 : f64, op_f64 = 9.000000e-01 : f64, accumulator_byte = 3.000000e-01 : f64, local_byte = 1.500000e+00 : f64, external_byte = 2.500000e+02 : f64, wire_byte = 7.000000e+00 : f64}}} {
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 3844 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "x" at 1024 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "x"] at affine_map<() -> (0, 1024)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}
}

// -----

// CHECK: dsa.output "y": needs bytes -8 to 248 of buffer "y", which has 256
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at -8 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.output "y": needs bytes 4 to 260 of buffer "y", which has 256
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 4 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.output "y": needs 256 bytes of external memory in buffer "z", which does not exist
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "z" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.output "y": needs 256 bytes of external memory, but the 256 of buffer "b" are in local memory
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "b" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.output "y": memref<?xf32> has no known number of bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<?xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.output "y": another output has this name
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.program: cannot hold arith.constant
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
  %c = arith.constant 0 : i32
}

// -----

// CHECK: dsa.program: two layers are called "y"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "y" @y
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: Redefinition of symbol "y"
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.config @y {
  ^bb0(%8: memref<1x4x8x8xf32, #dma.local>, %9: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%8 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%9 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.layer "z": there is no configuration @z
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "z" @z
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.config @y: Region 'body' at position 0 expected a single block, but got 0 blocks
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.config @y: must hold exactly one primitive or prim.general
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: prim.sort "y": needs outs: the machine works on buffers
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: tensor<1x4x8x8xf32>):
    %1 = prim.sort "y" "max_pool" ins(%0 : tensor<1x4x8x8xf32>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x4x4x4xf32>
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.config @y: must take the operands of its node in order
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%1: memref<1x4x4x4xf32, #dma.local>, %0: memref<1x4x8x8xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: Expected `load`, `store`, or `copy`.
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" fetch of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": 'matmul' is not a transfer engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "matmul" "load" of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": sizes and strides differ in length
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [16, 1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": has more than 4 dimensions
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [1, 4, 1, 8, 8] source [256, 64, 64, 8, 1] target [256, 64, 64, 8, 1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": needs a source and a target
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x"] at affine_map<() -> (0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": needs 1 reservation(s), of its local side
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2, 2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": reservations must be 1 to 8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [0] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": reservations must be 1 to 8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [9] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": operand 0 has no elements: sizes [0]
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [0] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": operand 0 has no elements: sizes [-1]
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [-1] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": strides must not be negative
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [-1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": index has no known number of bytes
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : index
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": needs 2 reservation(s), of its local side
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" copy of ["a", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": needs batch, groups, rows, channels, and a size and two pads per position
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": sizes must be positive
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 0] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": needs 2 positions, as its configuration has
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 16] pads [0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": pads must not be negative
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, -1] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 0 has no elements: sizes [1, 4, -1, 8]
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 9, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": reservations must be 1 to 8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 0] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": reservations must be 1 to 8
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 9] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": needs one reservation per operand
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": needs 2 operands, not 1
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a"] at affine_map<() -> (0)> reservations [4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.matmul "y": its configuration is for another engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.matmul "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.vector "y": its configuration is for another engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.vector "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.general "y": its configuration is for another engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.general "y" of ["x", "y"] at affine_map<() -> (0, 0)>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "z": its configuration is for another engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "z" @z
  dsa.config @z {
  ^bb0(%2: memref<1x4x8x8xf32, #dma.external>, %3: memref<1x4x8x8xf32, #dma.external>):
    prim.general "z" ins(%2 : memref<1x4x8x8xf32, #dma.external>) outs(%3 : memref<1x4x8x8xf32, #dma.external>) {
    ^bb0(%4: tensor<1x4x8x8xf32>):
      %5 = xnn.relu "z" %4 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
      prim.yield %5 : tensor<1x4x8x8xf32>
    }
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
  dsa.sort "z" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
}

// -----

// CHECK: dsa.general "z": needs 2 operands, not 1
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "z" @z
  dsa.config @z {
  ^bb0(%2: memref<1x4x8x8xf32, #dma.external>, %3: memref<1x4x8x8xf32, #dma.external>):
    prim.general "z" ins(%2 : memref<1x4x8x8xf32, #dma.external>) outs(%3 : memref<1x4x8x8xf32, #dma.external>) {
    ^bb0(%4: tensor<1x4x8x8xf32>):
      %5 = xnn.relu "z" %4 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
      prim.yield %5 : tensor<1x4x8x8xf32>
    }
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
  dsa.general "z" of ["x"] at affine_map<() -> (0)>
}

// -----

// CHECK: dsa.general "z": operand 1 needs bytes 0 to 1024 of buffer "y", which has 256
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "z" @z
  dsa.config @z {
  ^bb0(%2: memref<1x4x8x8xf32, #dma.external>, %3: memref<1x4x8x8xf32, #dma.external>):
    prim.general "z" ins(%2 : memref<1x4x8x8xf32, #dma.external>) outs(%3 : memref<1x4x8x8xf32, #dma.external>) {
    ^bb0(%4: tensor<1x4x8x8xf32>):
      %5 = xnn.relu "z" %4 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
      prim.yield %5 : tensor<1x4x8x8xf32>
    }
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
  dsa.general "z" of ["x", "y"] at affine_map<() -> (0, 0)>
}

// -----

// CHECK: dsa.sort "q": there is no dsa.layer of this name
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "q" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 0 in buffer "a" begins at 0x2, which is not aligned to its 4-byte elements
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (2, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 0 needs bytes 4 to 1028 of slot 0 of buffer "a", which has 1024
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (4, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 1 needs bytes -4 to 252 of buffer "b", which has 256
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, -4)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 1 needs 256 bytes of local memory in buffer "b", which does not exist
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["a", "y"] at affine_map<() -> (2048, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 1 needs 256 bytes of local memory, but the 256 of buffer "y" are in external memory
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.layer "z" @z
  dsa.config @z {
  ^bb0(%2: memref<1x4x8x8xf32, #dma.external>, %3: memref<1x4x8x8xf32, #dma.external>):
    prim.general "z" ins(%2 : memref<1x4x8x8xf32, #dma.external>) outs(%3 : memref<1x4x8x8xf32, #dma.external>) {
    ^bb0(%4: tensor<1x4x8x8xf32>):
      %5 = xnn.relu "z" %4 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
      prim.yield %5 : tensor<1x4x8x8xf32>
    }
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "y"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.transfer "y": operand 1 needs bytes 64 to 320 of buffer "y", which has 256
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 64)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": reservations [4, 5] of one bank exceed 8 eighths
builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, static_mw = 2.000000e+01 : f64, control = {issue_cycles = 4 : i64, queue_depth = 8 : i64}, matmul = {n = 64 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}, sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64}, vector = {lanes = 64 : i64}, general = {lanes = 16 : i64}, dma = {channels = 2 : i64, local_bytes_per_cycle = 64 : i64}, external = {bytes_per_cycle = 1.600000e+01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64, capacity_bytes = 4096 : i64}, local = {banks = 2 : i64, rows = 32 : i64, row_bytes = 64 : i64}, operation_cycles = {cheap = 1 : i64, divide = 4 : i64, transcendental = 8 : i64}, energy_pj = {mac_i8 = 2.500000e-01 : f64, mac_i16 = 1.000000e+00 : f64, mac_i32 = 4.000000e+00 : f64, mac_f16 = 1.500000e+00 : f64, mac_f32 = 6.000000e+00 : f64, mac_f64 = 2.000000e+01 : f64, op_i8 = 1.500000e-02 : f64, op_i16 = 2.500000e-02 : f64, op_i32 = 5.000000e-02 : f64, op_i64 = 1.000000e-01 : f64, op_f16 = 2.000000e-01 : f64, op_f32 = 4.500000e-01 : f64, op_f64 = 9.000000e-01 : f64, accumulator_byte = 3.000000e-01 : f64, local_byte = 1.500000e+00 : f64, external_byte = 2.500000e+02 : f64, wire_byte = 7.000000e+00 : f64}}} {
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 1024 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 5] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}
}

// -----

// CHECK: dsa.transfer "y": the target has no engine 'dma7'
builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, static_mw = 2.000000e+01 : f64, control = {issue_cycles = 4 : i64, queue_depth = 8 : i64}, matmul = {n = 64 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}, sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64}, vector = {lanes = 64 : i64}, general = {lanes = 16 : i64}, dma = {channels = 2 : i64, local_bytes_per_cycle = 64 : i64}, external = {bytes_per_cycle = 1.600000e+01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64, capacity_bytes = 4096 : i64}, local = {banks = 4 : i64, rows = 16 : i64, row_bytes = 64 : i64}, operation_cycles = {cheap = 1 : i64, divide = 4 : i64, transcendental = 8 : i64}, energy_pj = {mac_i8 = 2.500000e-01 : f64, mac_i16 = 1.000000e+00 : f64, mac_i32 = 4.000000e+00 : f64, mac_f16 = 1.500000e+00 : f64, mac_f32 = 6.000000e+00 : f64, mac_f64 = 2.000000e+01 : f64, op_i8 = 1.500000e-02 : f64, op_i16 = 2.500000e-02 : f64, op_i32 = 5.000000e-02 : f64, op_i64 = 1.000000e-01 : f64, op_f16 = 2.000000e-01 : f64, op_f32 = 4.500000e-01 : f64, op_f64 = 9.000000e-01 : f64, accumulator_byte = 3.000000e-01 : f64, local_byte = 1.500000e+00 : f64, external_byte = 2.500000e+02 : f64, wire_byte = 7.000000e+00 : f64}}} {
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma7" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] 
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}
}

// -----

// CHECK: dsa.sort "y": after <dma0 2> names nothing: only 1 node(s) of 'dma0' come before it
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 2>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": after <dma0 0> names no earlier node
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 0>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": after names 'dma7', which runs nothing
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma7 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": after <sort 1> names nothing: only 0 node(s) of 'sort' come before it
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <sort 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.after: one token per engine
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1, dma0 2>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.repeat: count must be positive
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 0 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> (0, 0)> reservations [4, 4] after <dma0 1>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": has 0 counters in 1 repeats
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 2 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": has 1 counters in 0 repeats
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.repeat: cannot repeat dsa.buffer
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 2 {
    dsa.buffer "v" input external at 0 : memref<1x4x8x8xf32>
  }
  dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": operand 0 needs bytes 1024 to 2048 of slot 1 of buffer "a", which has 1024
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 3 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> ((d0 * 1024), 0)> reservations [4, 4] after <dma0 1>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.program: affine expression (d0 ceildiv 2) is not supported here
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 2 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> ((d0 ceildiv 2), 0)> reservations [4, 4] after <dma0 1>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.program: affine expression (d0 mod 0) divides by zero
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 2 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> ((d0 mod 0), 0)> reservations [4, 4] after <dma0 1>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.sort "y": after <sort 2> names nothing: only 0 node(s) of 'sort' come before it
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x4x8x8xf32>
  dsa.buffer "y" feature_map external at 1024 : memref<1x4x4x4xf32>
  dsa.buffer "a" slice local at 0 slots 2 pitch 1024 : memref<1x4x8x8xf32>
  dsa.buffer "b" slice local at 2048 : memref<1x4x4x4xf32>
  dsa.output "y" of "y" at 0 : memref<1x4x4x4xf32>
  dsa.layer "y" @y
  dsa.config @y {
  ^bb0(%0: memref<1x4x8x8xf32, #dma.local>, %1: memref<1x4x4x4xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x4x8x8xf32, #dma.local>) window <kernel = [2, 2], strides = [2, 2]> outs(%1 : memref<1x4x4x4xf32, #dma.local>)
  }
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [256] source [1] target [1] reservations [2] : f32
  dsa.repeat 2 {
    dsa.sort "y" [1, 4, 1, 1, 4, 4] pads [0, 0, 0, 0] first last of ["a", "b"] at affine_map<(d0) -> (0, 0)> reservations [4, 4] after <sort 2>
  }
  dsa.transfer "y" "dma1" store of ["b", "y"] at affine_map<() -> (0, 0)> sizes [64] source [1] target [1] reservations [2] after <sort 1> : f32
}

// -----

// CHECK: dsa.buffer "x": needs an address, or to be dynamic
dsa.program {
  dsa.buffer "x" input external : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "x": needs an address, or to be dynamic
dsa.program {
  dsa.buffer "x" input external at 0 dynamic : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "x": only an external buffer without slots can be dynamic
dsa.program {
  dsa.buffer "x" slice local dynamic : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "h": state cannot be local
dsa.program {
  dsa.buffer "h" state local at 0 : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "x": only a dynamic buffer that is no parameter can be borrowed
dsa.program {
  dsa.buffer "x" input external at 0 borrowed : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "w": only a dynamic buffer that is no parameter can be borrowed
dsa.program {
  dsa.buffer "w" parameter external dynamic borrowed : memref<4xf32>
}

// -----

// CHECK: dsa.buffer "x": slots must be at most 65536
dsa.program {
  dsa.buffer "x" slice local at 0 slots 1099511627776 pitch 64 : memref<4xf32>
}

// -----

// CHECK: dsa.repeat: stands for 1000000000000 of 1000000000000 nodes, more than 16777216
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4xf32>
  dsa.buffer "y" slice local at 0 : memref<4xf32>
  dsa.layer "l"
  dsa.repeat 1000000000000 {
    dsa.transfer "l" "dma0" load of ["x", "y"] at affine_map<(d0) -> (0, 0)> sizes [4] source [1] target [1] reservations [1] : f32
  }
}

// -----

// CHECK: dsa.transfer "l": offsets (d0) -> ((d0 * 9223372036854775807), 0) are far outside any memory
dsa.program {
  dsa.buffer "x" input external at 0 : memref<4xf32>
  dsa.buffer "y" slice local at 0 : memref<4xf32>
  dsa.layer "l"
  dsa.repeat 4 {
    dsa.transfer "l" "dma0" load of ["x", "y"] at affine_map<(d0) -> (d0 * 9223372036854775807, 0)> sizes [4] source [1] target [1] reservations [1] : f32
  }
}
