// RUN: xnn-opt %s --target=edge --lower-to-dsa -o %t
// RUN: xnn-opt %s --target=edge --lower-to-dma --lower-to-dsa | diff %t -
// RUN: xnn-opt %s --target=edge --lower-to-primitives --licm --lower-to-dma --lower-to-dma --licm --lower-to-dsa --lower-to-dma | diff %t -
// RUN: xnn-opt %s --target=edge -p lower-to-dma,canonicalize,lower-to-dsa | diff %t -
// RUN: xnn-opt %s --target=edge --lower-to-dma -o %t-dma.mlir && xnn-opt %t-dma.mlir --lower-to-dsa | diff %t -
// RUN: xnn-opt %s --target=edge --lower-to-dma --lower-to-dsa --time-passes 2>&1 | filecheck %s
// RUN: sed 's/level xnn/level prim/' %s > %t-prim.mlir && not xnn-opt %t-prim.mlir --target=edge --lower-to-dsa 2>&1 | filecheck %s --check-prefix PRIM
// RUN: not xnn-run %t-prim.mlir 2>&1 | filecheck %s --check-prefix PRIM
// RUN: xnn-opt %t-prim.mlir --target=edge --convert-to-primitives --hoist-weights --wrap-general --choose-schedules --lower-to-dsa -o %t-out.mlir
// RUN: xnn-opt %s --target=edge --lower-to-primitives --prim-expand-tiles -o %t-tiles.mlir && not xnn-opt %t-tiles.mlir --lower-to-dsa 2>&1 | filecheck %s --check-prefix TILES
// RUN: not xnn-run %t-tiles.mlir 2>&1 | filecheck %s --check-prefix TILES

// A named pipeline starts from the level that the module has by then.

// CHECK:     pass keep-feature-maps-local
// CHECK:     pass convert-to-blocks
// CHECK:     pass order-layers
// CHECK:     pass prefetch-operands
// CHECK-NOT: pass optimize-graph
// CHECK-NEXT: pass plan-memory
// PRIM:      error: xnn.constant has no form at the memory level
// PRIM-NEXT: hint: write level xnn if nothing is lowered yet; or first run --convert-to-primitives
// TILES:      error: {{arith|memref|scf}}.{{.*}} has no form at the memory level
// TILES-NEXT: hint: tile loops run at level prim only: leave out --prim-expand-tiles
builtin.module attributes {xnn.level = #xnn<level xnn>} {
  func.func @main(%x: tensor<1x3x6x6xf32> {xnn.name = "x"}) -> (tensor<1x4x6x6xf32> {xnn.name = "y"}) {
    %w = xnn.constant "w" dense<0.5> : tensor<4x3x3x3xf32>
    %y = xnn.conv "y" %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x6x6xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
    func.return %y : tensor<1x4x6x6xf32>
  }
}
