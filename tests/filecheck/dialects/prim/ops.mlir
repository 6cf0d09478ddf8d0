// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s

// Matrix products on tensors: plain, with all of a window, with an lhs that all groups share.
func.func @matmul(%a: tensor<2x20xf32>, %b: tensor<5x20xf32>, %x: tensor<1x8x9x7xf32>, %w: tensor<6x4x3x2xf32>, %one: tensor<1x1x2xf32>, %line: tensor<1x8x6xf32>, %cube: tensor<1x2x3x4x5xf32>, %cw: tensor<3x2x1x2x3xf32>, %bytes: tensor<1x8x6xi8>, %bw: tensor<3x8x2xi8>) {
  %plain = prim.matmul "plain" "gemm" ins(%b, %a : tensor<5x20xf32>, tensor<2x20xf32>) window <> -> tensor<2x5xf32>
  %filtered = prim.matmul "filtered" "conv" ins(%w, %x : tensor<6x4x3x2xf32>, tensor<1x8x9x7xf32>) window <kernel = [3, 2], strides = [2, 1], dilations = [1, 3], pads = [1, 0, 2, 2], groups = 2> -> tensor<1x6x4x8xf32>
  %shared = prim.matmul "shared" "average_pool" ins(%one, %line : tensor<1x1x2xf32>, tensor<1x8x6xf32>) window <kernel = [2], strides = [2], groups = 8> -> tensor<1x8x3xf32>
  %volume = prim.matmul "volume" "conv" ins(%cw, %cube : tensor<3x2x1x2x3xf32>, tensor<1x2x3x4x5xf32>) window <kernel = [1, 2, 3]> -> tensor<1x3x3x3x3xf32>
  %integers = prim.matmul "integers" "conv" ins(%bw, %bytes : tensor<3x8x2xi8>, tensor<1x8x6xi8>) window <kernel = [2]> -> tensor<1x3x5xi32>
  func.return
}

// Both regions, with operands and without; a schedule; names of layers; other attributes.
func.func @regions(%x: tensor<1x8x9x7xf32>, %w: tensor<4x8x1x1xf32>, %r: tensor<1x4x9x7xf32>, %b: tensor<4xf32>, %s: tensor<8x1x1xf32>) {
  %all = prim.matmul "all" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%s : tensor<8x1x1xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.mulf %0, %1 : f32
    prim.yield %2 : f32
  } post [affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%b, %r : tensor<4xf32>, tensor<1x4x9x7xf32>) {
  ^bb0(%3: f32, %4: f32, %5: f32):
    %6 = arith.addf %3, %4 : f32
    %7 = arith.addf %6, %5 : f32
    %8 = arith.constant 0.000000e+00 : f32
    %9 = arith.maximumf %7, %8 : f32
    prim.yield %9 : f32
  } schedule <block = [1, 1, 4, 8, 3, 7], outermost = positions, order = rhs_stationary, groups_per_tile = 1, slots = 3> {layers = ["conv", "sum"], other} -> tensor<1x4x9x7xf32>
  %none = prim.matmul "none" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [](:) {
  ^bb0(%10: f32):
    %11 = math.tanh %10 : f32
    prim.yield %11 : f32
  } post [](:) {
  ^bb0(%12: f32):
    %13 = math.sqrt %12 : f32
    prim.yield %13 : f32
  } -> tensor<1x4x9x7xf32>
  func.return
}

// Sorting: with a filter, with regions, with a schedule.
func.func @sort(%x: tensor<1x8x9x7xf32>, %bytes: tensor<1x8x6xi8>) {
  %largest = prim.sort "largest" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> pre [](:) {
  ^bb0(%0: f32):
    %1 = arith.negf %0 : f32
    prim.yield %1 : f32
  } post [](:) {
  ^bb0(%2: f32):
    %3 = arith.negf %2 : f32
    prim.yield %3 : f32
  } schedule <block = [1, 8, 1, 1, 5, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x8x5x4xf32>
  %line = prim.sort "line" "max_pool" ins(%bytes : tensor<1x8x6xi8>) window <kernel = [2], dilations = [2]> {layers = ["a"]} -> tensor<1x8x4xi8>
  func.return
}

// What is computed in general, and what only lies elsewhere or is called otherwise.
func.func @others(%x: tensor<1x8x3x3xf32>, %y: tensor<1x8x3x3xf32>) {
  %sum = prim.general "sum" ins(%x, %y : tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) {
  ^bb0(%0: tensor<1x8x3x3xf32>, %1: tensor<1x8x3x3xf32>):
    %2 = xnn.add "sum" %0, %1 : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
    prim.yield %2 : tensor<1x8x3x3xf32>
  } {layers = ["a"]} -> tensor<1x8x3x3xf32>
  %flat = prim.view "flat" %sum : tensor<1x8x3x3xf32> to tensor<1x72xf32>
  %half = prim.view "half" %sum offset 36 : tensor<1x8x3x3xf32> to tensor<4x9xf32>
  %mix = prim.place "mix" %x, %sum at [#prim.place_of<offset = 0, strides = [72, 9, 3, 1]>, #prim.place_of<offset = 72, strides = [144, 9, 3, 1]>] {layers = ["a"]} : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>
  %last = prim.place "last" %flat at [#prim.place_of<offset = 0, strides = [72, 1]>] : (tensor<1x72xf32>) -> tensor<1x72xf32>
  func.return
}

// On buffers: `outs` in place of a result.
func.func @buffers(%w: memref<4x8x1x1xf32>, %x: memref<1x8x5x4xf32>, %out: memref<1x4x5x4xf32>, %pooled: memref<1x8x4x3xf32>) {
  prim.matmul "conv" "conv" ins(%w, %x : memref<4x8x1x1xf32>, memref<1x8x5x4xf32>) window <kernel = [1, 1]> outs(%out : memref<1x4x5x4xf32>)
  prim.sort "pool" "max_pool" ins(%x : memref<1x8x5x4xf32>) window <kernel = [2, 2]> outs(%pooled : memref<1x8x4x3xf32>)
  prim.general "relu" ins(%out : memref<1x4x5x4xf32>) outs(%out : memref<1x4x5x4xf32>) {
  ^bb0(%0: tensor<1x4x5x4xf32>):
    %1 = xnn.relu "relu" %0 : (tensor<1x4x5x4xf32>) -> tensor<1x4x5x4xf32>
    prim.yield %1 : tensor<1x4x5x4xf32>
  }
  func.return
}

// Attributes: fields of a filter that say nothing are left out.
func.func @attributes() attributes {filters = [#prim.window<kernel = [3], strides = [1], dilations = [1], pads = [0, 0], groups = 1>, #prim.window<>, #prim.window<groups = 4>], schedules = [#prim.schedule<block = [1, 2, 3, 4]>, #prim.schedule<slots = 1, groups_per_tile = 0, order = lhs_stationary, outermost = positions, block = [1, 2, 3, 4, 5]>]} {
  func.return
}

// CHECK:   func.func @matmul(%a: tensor<2x20xf32>, %b: tensor<5x20xf32>, %x: tensor<1x8x9x7xf32>, %w: tensor<6x4x3x2xf32>, %one: tensor<1x1x2xf32>, %line: tensor<1x8x6xf32>, %cube: tensor<1x2x3x4x5xf32>, %cw: tensor<3x2x1x2x3xf32>, %bytes: tensor<1x8x6xi8>, %bw: tensor<3x8x2xi8>) {
// CHECK-NEXT:     %plain = prim.matmul "plain" "gemm" ins(%b, %a : tensor<5x20xf32>, tensor<2x20xf32>) window <> -> tensor<2x5xf32>
// CHECK-NEXT:     %filtered = prim.matmul "filtered" "conv" ins(%w, %x : tensor<6x4x3x2xf32>, tensor<1x8x9x7xf32>) window <kernel = [3, 2], strides = [2, 1], dilations = [1, 3], pads = [1, 0, 2, 2], groups = 2> -> tensor<1x6x4x8xf32>
// CHECK-NEXT:     %shared = prim.matmul "shared" "average_pool" ins(%one, %line : tensor<1x1x2xf32>, tensor<1x8x6xf32>) window <kernel = [2], strides = [2], groups = 8> -> tensor<1x8x3xf32>
// CHECK-NEXT:     %volume = prim.matmul "volume" "conv" ins(%cw, %cube : tensor<3x2x1x2x3xf32>, tensor<1x2x3x4x5xf32>) window <kernel = [1, 2, 3]> -> tensor<1x3x3x3x3xf32>
// CHECK-NEXT:     %integers = prim.matmul "integers" "conv" ins(%bw, %bytes : tensor<3x8x2xi8>, tensor<1x8x6xi8>) window <kernel = [2]> -> tensor<1x3x5xi32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @regions(%x: tensor<1x8x9x7xf32>, %w: tensor<4x8x1x1xf32>, %r: tensor<1x4x9x7xf32>, %b: tensor<4xf32>, %s: tensor<8x1x1xf32>) {
// CHECK-NEXT:     %all = prim.matmul "all" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d1, 0, 0)>](%s : tensor<8x1x1xf32>) {
// CHECK-NEXT:     ^bb0(%0: f32, %1: f32):
// CHECK-NEXT:       %2 = arith.mulf %0, %1 : f32
// CHECK-NEXT:       prim.yield %2 : f32
// CHECK-NEXT:     } post [affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%b, %r : tensor<4xf32>, tensor<1x4x9x7xf32>) {
// CHECK-NEXT:     ^bb0(%3: f32, %4: f32, %5: f32):
// CHECK-NEXT:       %6 = arith.addf %3, %4 : f32
// CHECK-NEXT:       %7 = arith.addf %6, %5 : f32
// CHECK-NEXT:       %8 = arith.constant 0.000000e+00 : f32
// CHECK-NEXT:       %9 = arith.maximumf %7, %8 : f32
// CHECK-NEXT:       prim.yield %9 : f32
// CHECK-NEXT:     } schedule <block = [1, 1, 4, 8, 3, 7], outermost = positions, order = rhs_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> {other, layers = ["conv", "sum"]} -> tensor<1x4x9x7xf32>
// CHECK-NEXT:     %none = prim.matmul "none" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [](:) {
// CHECK-NEXT:     ^bb0(%0: f32):
// CHECK-NEXT:       %1 = math.tanh %0 : f32
// CHECK-NEXT:       prim.yield %1 : f32
// CHECK-NEXT:     } post [](:) {
// CHECK-NEXT:     ^bb0(%2: f32):
// CHECK-NEXT:       %3 = math.sqrt %2 : f32
// CHECK-NEXT:       prim.yield %3 : f32
// CHECK-NEXT:     } -> tensor<1x4x9x7xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @sort(%x: tensor<1x8x9x7xf32>, %bytes: tensor<1x8x6xi8>) {
// CHECK-NEXT:     %largest = prim.sort "largest" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> pre [](:) {
// CHECK-NEXT:     ^bb0(%0: f32):
// CHECK-NEXT:       %1 = arith.negf %0 : f32
// CHECK-NEXT:       prim.yield %1 : f32
// CHECK-NEXT:     } post [](:) {
// CHECK-NEXT:     ^bb0(%2: f32):
// CHECK-NEXT:       %3 = arith.negf %2 : f32
// CHECK-NEXT:       prim.yield %3 : f32
// CHECK-NEXT:     } schedule <block = [1, 8, 1, 1, 5, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> -> tensor<1x8x5x4xf32>
// CHECK-NEXT:     %line = prim.sort "line" "max_pool" ins(%bytes : tensor<1x8x6xi8>) window <kernel = [2], dilations = [2]> {layers = ["a"]} -> tensor<1x8x4xi8>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @others(%x: tensor<1x8x3x3xf32>, %y: tensor<1x8x3x3xf32>) {
// CHECK-NEXT:     %sum = prim.general "sum" ins(%x, %y : tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) {
// CHECK-NEXT:     ^bb0(%0: tensor<1x8x3x3xf32>, %1: tensor<1x8x3x3xf32>):
// CHECK-NEXT:       %2 = xnn.add "sum" %0, %1 : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x8x3x3xf32>
// CHECK-NEXT:       prim.yield %2 : tensor<1x8x3x3xf32>
// CHECK-NEXT:     } {layers = ["a"]} -> tensor<1x8x3x3xf32>
// CHECK-NEXT:     %flat = prim.view "flat" %sum : tensor<1x8x3x3xf32> to tensor<1x72xf32>
// CHECK-NEXT:     %half = prim.view "half" %sum offset 36 : tensor<1x8x3x3xf32> to tensor<4x9xf32>
// CHECK-NEXT:     %mix = prim.place "mix" %x, %sum at [#prim.place_of<offset = 0, strides = [72, 9, 3, 1]>, #prim.place_of<offset = 72, strides = [144, 9, 3, 1]>] {layers = ["a"]} : (tensor<1x8x3x3xf32>, tensor<1x8x3x3xf32>) -> tensor<1x16x3x3xf32>
// CHECK-NEXT:     %last = prim.place "last" %flat at [#prim.place_of<offset = 0, strides = [72, 1]>] : (tensor<1x72xf32>) -> tensor<1x72xf32>
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @buffers(%w: memref<4x8x1x1xf32>, %x: memref<1x8x5x4xf32>, %out: memref<1x4x5x4xf32>, %pooled: memref<1x8x4x3xf32>) {
// CHECK-NEXT:     prim.matmul "conv" "conv" ins(%w, %x : memref<4x8x1x1xf32>, memref<1x8x5x4xf32>) window <kernel = [1, 1]> outs(%out : memref<1x4x5x4xf32>)
// CHECK-NEXT:     prim.sort "pool" "max_pool" ins(%x : memref<1x8x5x4xf32>) window <kernel = [2, 2]> outs(%pooled : memref<1x8x4x3xf32>)
// CHECK-NEXT:     prim.general "relu" ins(%out : memref<1x4x5x4xf32>) outs(%out : memref<1x4x5x4xf32>) {
// CHECK-NEXT:     ^bb0(%0: tensor<1x4x5x4xf32>):
// CHECK-NEXT:       %1 = xnn.relu "relu" %0 : (tensor<1x4x5x4xf32>) -> tensor<1x4x5x4xf32>
// CHECK-NEXT:       prim.yield %1 : tensor<1x4x5x4xf32>
// CHECK-NEXT:     }
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
// CHECK-NEXT:   func.func @attributes() attributes {filters = [#prim.window<kernel = [3]>, #prim.window<>, #prim.window<groups = 4>], schedules = [#prim.schedule<block = [1, 2, 3, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2>, #prim.schedule<block = [1, 2, 3, 4, 5], outermost = positions, order = lhs_stationary, groups_per_tile = 0, output_phases = 1, slots = 1>]} {
// CHECK-NEXT:     func.return
// CHECK-NEXT:   }
