// RUN: xnn-opt %s --xnn-target --convert-to-blocks | filecheck %s
// RUN: xnn-opt %s --xnn-target --convert-to-blocks --convert-to-blocks | filecheck %s
// RUN: sed "s/slots = 3>/slots = 3, layout = pitched>/" %s | xnn-opt --xnn-target --convert-to-blocks | filecheck %s --check-prefix PITCHED
// RUN: not xnn-opt %s --convert-to-blocks 2>&1 | filecheck %s --check-prefix TARGET
// RUN: sed "s/ schedule <.*slots = 2>//" %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix SCHEDULE
// RUN: sed "s/%%relu, %%pool at/%%conv, %%conv at/" %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix PLACE
// RUN: sed "s/prim.view \"flat\" %%y : \(.*\) to \(.*\)/xnn.reshape \"flat\" %%y {shape = array<i64: 1, 256>} : (\1) -> \2/" %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix OTHER
// RUN: sed "s/: (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x16/local &/" %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix LOCAL
// RUN: sed "s/slots = 3> {/slots = 3> local {/" %s | not xnn-opt --xnn-target --convert-to-blocks 2>&1 | filecheck %s --check-prefix GENERAL

// LOCAL:   error: layer "y": its result cannot be local, for it is used by general compute, layer "relu"
// GENERAL: error: layer "conv": its result cannot be local, for it is used by general compute, layer "relu"
// TARGET:        error: the module has no target
// SCHEDULE:      error: layer "pool" has no schedule
// SCHEDULE-NEXT: hint: run --choose-schedules first
// PLACE:         error: part 1 of "y" cannot be made where it lies
// PLACE-NEXT:    hint: run --copy-parts first
// OTHER:         error: xnn.reshape has no form at the memory level
// OTHER-NEXT:    hint: write level xnn if nothing is lowered yet; or first run --convert-to-primitives --hoist-weights --wrap-general --choose-schedules

// Rows, channels and positions in two parts each: windows move with the loops that are theirs, in three
// slots; the bias is loaded once. The concatenation is one buffer, which its inputs are written into.
func.func @main(%x: tensor<1x8x8x8xf32> {xnn.name = "x"}) -> (tensor<1x256xf32> {xnn.name = "flat"}) {
  %w = xnn.parameter "w" : tensor<8x8x3x3xf32>
  %b = xnn.parameter "b" : tensor<8xf32>
  %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<8x8x3x3xf32>, tensor<1x8x8x8xf32>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<8xf32>) {
  ^bb0(%0: f32, %1: f32):
    %2 = arith.addf %0, %1 : f32
    prim.yield %2 : f32
  } schedule <block = [1, 1, 4, 4, 2, 4], outermost = positions, order = output_stationary, groups_per_tile = 1, slots = 3> {layers = ["sum"]} -> tensor<1x8x4x4xf32>
  %relu = prim.general "relu" ins(%conv : tensor<1x8x4x4xf32>) {
  ^bb0(%0: tensor<1x8x4x4xf32>):
    %1 = xnn.relu "relu" %0 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    prim.yield %1 : tensor<1x8x4x4xf32>
  } -> tensor<1x8x4x4xf32>
  %pool = prim.sort "pool" "max_pool" ins(%conv : tensor<1x8x4x4xf32>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 4, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x8x4x4xf32>
  %y = prim.place "y" %relu, %pool at [#prim.place_of<offset = 0, strides = [256, 16, 4, 1]>, #prim.place_of<offset = 128, strides = [256, 16, 4, 1]>] : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x16x4x4xf32>
  %flat = prim.view "flat" %y : tensor<1x16x4x4xf32> to tensor<1x256xf32>
  func.return %flat : tensor<1x256xf32>
}

// CHECK:      func.func @main(%x: memref<1x8x8x8xf32, #dma.external> {xnn.name = "x"}) -> (memref<1x256xf32, #dma.external> {xnn.name = "flat"}) {
// CHECK-NEXT:   %0 = dma.parameter "w" : memref<8x8x3x3xf32, #dma.external>
// CHECK-NEXT:   %1 = dma.parameter "b" : memref<8xf32, #dma.external>
// CHECK-NEXT:   %2 = dma.alloc "conv" : memref<1x8x4x4xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "conv" [2, 2, 2] reduce attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %3 = dma.load %0 at affine_map<(d0, d1, d2) -> ((d1 * 4), (d2 * 4), 0, 0)> [4, 4, 3, 3] slots 3 : memref<8x8x3x3xf32, #dma.external> -> memref<4x4x3x3xf32, #dma.local>
// CHECK-NEXT:     %4 = dma.load %x at affine_map<(d0, d1, d2) -> (0, (d2 * 4), ((d0 * 4) + -1), -1)> [1, 4, 5, 9] slots 3 : memref<1x8x8x8xf32, #dma.external> -> memref<1x4x5x9xf32, #dma.local>
// CHECK-NEXT:     %5 = dma.load %1 at affine_map<(d0, d1, d2) -> (0)> [8] slots 1 : memref<8xf32, #dma.external> -> memref<8xf32, #dma.local>
// CHECK-NEXT:     %6 = dma.slice %5 at affine_map<(d0, d1, d2) -> ((d1 * 4))> [4] : memref<8xf32, #dma.local> -> memref<4xf32, strided<[1]>, #dma.local>
// CHECK-NEXT:     %7 = dma.buffer slots 3 : memref<1x4x2x4xf32, #dma.local>
// CHECK-NEXT:     prim.matmul "conv" "conv" ins(%3, %4 : memref<4x4x3x3xf32, #dma.local>, memref<1x4x5x9xf32, #dma.local>) window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%6 : memref<4xf32, strided<[1]>, #dma.local>) {
// CHECK-NEXT:     ^bb0(%8: f32, %9: f32):
// CHECK-NEXT:       %10 = arith.addf %8, %9 : f32
// CHECK-NEXT:       prim.yield %10 : f32
// CHECK-NEXT:     } schedule <block = [1, 1, 4, 4, 2, 4], outermost = positions, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> outs(%7 : memref<1x4x2x4xf32, #dma.local>) {layers = ["sum"]}
// CHECK-NEXT:     dma.store %7 to %2 at affine_map<(d0, d1, d2) -> (0, (d1 * 4), (d0 * 2), 0)> [1, 4, 2, 4] : memref<1x4x2x4xf32, #dma.local> to memref<1x8x4x4xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK-NEXT:   %8 = dma.alloc "y" : memref<1x16x4x4xf32, #dma.external>
// CHECK-NEXT:   %9 = dma.view %8 offset 0 : memref<1x16x4x4xf32, #dma.external> to memref<1x8x4x4xf32, #dma.external>
// CHECK-NEXT:   prim.general "relu" ins(%2 : memref<1x8x4x4xf32, #dma.external>) outs(%9 : memref<1x8x4x4xf32, #dma.external>) {
// CHECK-NEXT:   ^bb0(%10: tensor<1x8x4x4xf32>):
// CHECK-NEXT:     %11 = xnn.relu "relu" %10 : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT:     prim.yield %11 : tensor<1x8x4x4xf32>
// CHECK-NEXT:   } {xnn.work = {{.*}}
// CHECK-NEXT:   %10 = dma.view %8 offset 128 : memref<1x16x4x4xf32, #dma.external> to memref<1x8x4x4xf32, #dma.external>
// CHECK-NEXT:   dma.blocks "pool" [] attributes {xnn.work = {{.*}}
// CHECK-NEXT:     %11 = dma.load %2 at affine_map<() -> (0, 0, 0, 0)> [1, 8, 4, 4] slots 1 : memref<1x8x4x4xf32, #dma.external> -> memref<1x8x4x4xf32, #dma.local>
// CHECK-NEXT:     %12 = dma.buffer slots 1 : memref<1x8x4x4xf32, #dma.local>
// CHECK-NEXT:     prim.sort "pool" "max_pool" ins(%11 : memref<1x8x4x4xf32, #dma.local>) window <kernel = [1, 1]> schedule <block = [1, 8, 1, 1, 4, 4], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> outs(%12 : memref<1x8x4x4xf32, #dma.local>)
// CHECK-NEXT:     dma.store %12 to %10 at affine_map<() -> (0, 0, 0, 0)> [1, 8, 4, 4] : memref<1x8x4x4xf32, #dma.local> to memref<1x8x4x4xf32, #dma.external>
// CHECK-NEXT:   }
// CHECK-NEXT:   %13 = dma.view %8 offset 0 : memref<1x16x4x4xf32, #dma.external> to memref<1x256xf32, #dma.external>
// CHECK-NEXT:   func.return %13 : memref<1x256xf32, #dma.external>
// CHECK-NEXT: }

// A row of lhs, 36 elements, begins in a row of memory of 16; what is read through a window does not; planes are smaller.
// PITCHED: dma.load %0 {{.*}} -> memref<4x4x3x3xf32, strided<[48, 9, 3, 1]>, #dma.local>
// PITCHED: dma.load %x {{.*}} -> memref<1x4x5x9xf32, #dma.local>
// PITCHED: dma.buffer slots 3 : memref<1x4x2x4xf32, #dma.local>
// PITCHED: slots = 3, layout = pitched> outs
