// RUN: xnn-opt %s --force-schedules | filecheck %s
// RUN: xnn-opt %s --force-schedules | xnn-opt -p keep-feature-maps-local,choose-schedules | filecheck %s --check-prefix KEPT
// RUN: xnn-opt %s --schedule 'pool=slots=1' --force-schedules | filecheck %s --check-prefix AGAIN
// RUN: xnn-opt %s --force-schedules --keep-feature-maps-local --choose-schedules --convert-to-blocks | filecheck %s --check-prefix BLOCKS
// RUN: not xnn-opt %s --schedule pol=local --force-schedules 2>&1 | filecheck %s --check-prefix NAME
// RUN: not xnn-opt %s --schedule pad=local --force-schedules 2>&1 | filecheck %s --check-prefix SEVERAL
// RUN: not xnn-opt %s --schedule flat=local --force-schedules 2>&1 | filecheck %s --check-prefix VIEW
// RUN: not xnn-opt %s --schedule y=local --force-schedules 2>&1 | filecheck %s --check-prefix GENERAL
// RUN: not xnn-opt %s --schedule top=slots=2 --force-schedules 2>&1 | filecheck %s --check-prefix BLOCK
// RUN: not xnn-opt %s --schedule 'conv=block=[1, 1, 32, 16]' --force-schedules 2>&1 | filecheck %s --check-prefix RANK
// RUN: not xnn-opt %s --schedule 'pool=order=lhs_stationary' --force-schedules 2>&1 | filecheck %s --check-prefix FIELD
// RUN: not xnn-opt %s --schedule 'pool=layout=pitched' --force-schedules 2>&1 | filecheck %s --check-prefix LAYOUT
// RUN: not xnn-opt %s --schedule 'conv=block=[1, 1, 32, 16, 4, 16], groups_per_tile=2' --force-schedules 2>&1 | filecheck %s --check-prefix FORM
// RUN: not xnn-opt %s --set local.banks=2 --set local.rows=64 --force-schedules 2>&1 | filecheck %s --check-prefix ROOM
// RUN: not xnn-opt %s --set local.banks=2 --set local.rows=64 --schedule conv=local --force-schedules 2>&1 | filecheck %s --check-prefix LOCAL
// RUN: not xnn-opt %s --schedule top=local -p force-schedules,choose-schedules,convert-to-blocks 2>&1 | filecheck %s --check-prefix USED
// RUN: xnn-opt %s --schedule 'conv=local, rows=6' --force-schedules | filecheck %s --check-prefix RING
// RUN: not xnn-opt %s --schedule 'conv=local, rows=16' --force-schedules 2>&1 | filecheck %s --check-prefix ROWS
// RUN: not xnn-opt %s --schedule 'conv=rows=6' --force-schedules 2>&1 | filecheck %s --check-prefix WHERE

// RING:         prim.matmul "conv" {{.*}} local rows 6 {layers
// ROWS:         {{.*}}: error: layer "conv": prim.matmul "conv": a ring has 1 to 15 rows of 16, not 16
// WHERE:        {{.*}}: error: layer "conv": prim.matmul "conv": only a local result in dense planes lies in a ring of rows
// NAME:         error: no layer is called "pol"
// NAME-NEXT:    hint: did you mean pool?
// SEVERAL:      error: layer "pad" is fused into several: conv, pool
// SEVERAL-NEXT: hint: name one
// VIEW:         {{.*}}: error: layer "flat" has no schedule: it runs as prim.view
// GENERAL:      {{.*}}: error: layer "y" has no schedule: it runs as prim.general
// BLOCK:        error: layer "top": its schedule needs a block
// BLOCK-NEXT:   hint: for sizes [1, 32, 1, 1, 1, 1]
// RANK:         error: layer "conv": block has 4 sizes, expected 6
// RANK-NEXT:    hint: for sizes [1, 1, 32, 16, 16, 16]
// FIELD:        error: layer "pool" runs on sort, which has no order
// LAYOUT:       error: layer "pool" runs on sort, which has no layout
// FORM:         {{.*}}: error: layer "conv": prim.matmul "conv": groups_per_tile 2 is not in 0 to 1
// ROOM:         {{.*}}: error: layer "conv": its block needs 36480 bytes of local memory, but 8192 of 8192 are free; its largest buffer, lhs, takes 3 x 4608 bytes
// ROOM-NEXT:    hint: a smaller block, fewer slots, or feature maps that are external
// LOCAL:        {{.*}}: error: layer "conv": its result needs 32768 bytes of local memory, which has 8192, beside what else is local
// USED:         {{.*}}: error: layer "top": its result cannot be local, for it is used by general compute, layer "y"

builtin.module attributes {xnn.schedules = ["bias=block=[1, 1, 16, 8, 4, 16], outermost=positions, order=lhs_stationary, slots=3", "conv=external", "pool=local"]} {
  func.func @main(%x: tensor<1x16x16x16xf32>) -> tensor<1x32xf32> {
    %w = xnn.parameter "w" : tensor<32x16x3x3xf32>
    %conv = prim.matmul "conv" "conv" ins(%w, %x : tensor<32x16x3x3xf32>, tensor<1x16x16x16xf32>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> {layers = ["bias", "pad"]} -> tensor<1x32x16x16xf32>
    %pool = prim.sort "pool" "max_pool" ins(%conv : tensor<1x32x16x16xf32>) window <kernel = [4, 4], strides = [4, 4]> schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, slots = 3> {layers = ["pad"]} -> tensor<1x32x4x4xf32>
    %top = prim.sort "top" "max_pool" ins(%pool : tensor<1x32x4x4xf32>) window <kernel = [4, 4]> -> tensor<1x32x1x1xf32>
    %line = prim.view "top" %top : tensor<1x32x1x1xf32> to tensor<32xf32>
    %flat = prim.view "flat" %line : tensor<32xf32> to tensor<1x32xf32>
    %y = prim.general "y" ins(%flat : tensor<1x32xf32>) {
    ^bb0(%0: tensor<1x32xf32>):
      %1 = xnn.relu "y" %0 : (tensor<1x32xf32>) -> tensor<1x32xf32>
      prim.yield %1 : tensor<1x32xf32>
    } -> tensor<1x32xf32>
    func.return %y : tensor<1x32xf32>
  }
}

// The name of what is fused does as well; a schedule that is there keeps the fields that are not said.
// CHECK-NOT:  xnn.schedules
// CHECK:      %conv = prim.matmul "conv" {{.*}} schedule <block = [1, 1, 16, 8, 4, 16], outermost = positions, order = lhs_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> external {layers = ["bias", "pad"]} -> tensor<1x32x16x16xf32>
// CHECK-NEXT: %pool = prim.sort "pool" {{.*}} schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> local {layers = ["pad"]} -> tensor<1x32x4x4xf32>
// CHECK-NEXT: %top = prim.sort "top" "max_pool" ins(%pool : tensor<1x32x4x4xf32>) window <kernel = [4, 4]> -> tensor<1x32x1x1xf32>

// AGAIN:      prim.sort "pool" {{.*}} schedule <block = [1, 4, 1, 1, 2, 2], outermost = positions, {{.*}}, slots = 1> local

// The passes that choose keep it.
// KEPT:       prim.matmul "conv" {{.*}} schedule <block = [1, 1, 16, 8, 4, 16], outermost = positions, order = lhs_stationary, groups_per_tile = 1, output_phases = 1, slots = 3> external {
// KEPT:       prim.sort "pool" {{.*}} slots = 3> local {
// KEPT-NEXT:  prim.sort "top" {{.*}} schedule <

// BLOCKS:     dma.alloc "conv" : memref<1x32x16x16xf32, #dma.external>
// BLOCKS:     dma.alloc "pool" : memref<1x32x4x4xf32, #dma.local>
// BLOCKS:     dma.blocks "pool"
