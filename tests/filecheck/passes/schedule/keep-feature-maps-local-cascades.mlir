// RUN: xnn-opt %s --set local.banks=8 --set local.rows=128 --keep-feature-maps-local | filecheck %s
// RUN: xnn-opt %s --set local.banks=8 --set local.rows=128 --keep-feature-maps-local --choose-schedules --convert-to-blocks --order-layers | filecheck %s --check-prefix ORDER
// RUN: xnn-opt %s --set local.banks=16 --set local.rows=2048 --keep-feature-maps-local | filecheck %s --check-prefix ROOM

// 256 KiB of "y" have no room in 64: "z" reads its rows while others are made. In 2 MiB all of it stays.

// CHECK:      prim.matmul "y"
// CHECK:      schedule <block = [1, 1, 64, 16, [[HIGH:[0-9]+]], 64], outermost = positions, {{.*}}, slots = 1> local rows {{[0-9]+}} -> tensor<1x64x64x64xi8>
// CHECK-NEXT: prim.matmul "z" {{.*}} schedule <block = [1, 1, 16, 64, [[HIGH]], 64], outermost = positions, {{.*}}, slots = 1> -> tensor<1x16x64x64xi32>

// ORDER:      dma.run "y" blocks 2
// ORDER-NEXT: dma.run "z" blocks 1
// ORDER-NEXT: dma.run "y" blocks 1
// ORDER-NEXT: dma.run "z" blocks 1

// ROOM:       prim.matmul "y"
// ROOM-NOT:   rows
// ROOM:       local

func.func @main(%x: tensor<1x16x64x64xi8>, %w: tensor<64x16x1x1xi8>, %v: tensor<16x64x3x3xi8>) -> tensor<1x16x64x64xi32> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<64x16x1x1xi8>, tensor<1x16x64x64xi8>) window <kernel = [1, 1]> post []( : ) {
  ^bb0(%0: i32):
    %1 = arith.trunci %0 : i32 to i8
    prim.yield %1 : i8
  } -> tensor<1x64x64x64xi8>
  %z = prim.matmul "z" "conv" ins(%v, %y : tensor<16x64x3x3xi8>, tensor<1x64x64x64xi8>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x16x64x64xi32>
  func.return %z : tensor<1x16x64x64xi32>
}
