// RUN: xnn-opt %s --keep-feature-maps-local | filecheck %s
// RUN: xnn-opt %s --keep-feature-maps-local --choose-schedules --convert-to-blocks | filecheck %s --check-prefix BLOCKS
// RUN: xnn-opt %s --set local.banks=16 --set local.rows=7 --effort fast --keep-feature-maps-local | filecheck %s --check-prefix TIGHT
// RUN: sed 's/-> tensor<1x12x14x14xi8>/local pitch 195 -> tensor<1x12x14x14xi8>/' %s | not xnn-opt --choose-schedules 2>&1 | filecheck %s --check-prefix SMALL
// RUN: sed 's/-> tensor<1x12x14x14xi8>/pitch 256 -> tensor<1x12x14x14xi8>/' %s | not xnn-opt --choose-schedules 2>&1 | filecheck %s --check-prefix EXTERNAL

// Planes of 196 bytes begin in rows of 64 where there is room: "a", and "mix" with the parts that lie in
// it. Those of "s" have 49 bytes and share rows.

// CHECK:      prim.sort "a" {{.*}} local pitch 256 -> tensor<1x12x14x14xi8>
// CHECK:      prim.sort "b" {{.*}} window <kernel = [1, 1]> -> tensor<1x12x14x14xi8>
// CHECK:      prim.place "mix" {{.*}} local pitch 256 :
// CHECK:      prim.sort "s" {{.*}} local -> tensor<1x24x7x7xi8>

// BLOCKS:      [[MIX:%[0-9a-z]+]] = dma.alloc "mix" : memref<1x24x14x14xi8, strided<[6144, 256, 14, 1]>, #dma.local>
// BLOCKS-NEXT: {{.*}} = dma.view [[MIX]] offset 0 : {{.*}} to memref<1x12x14x14xi8, strided<[1, 256, 14, 1]>, #dma.local>

// TIGHT: prim.place "mix" {{.*}} local :

// SMALL: error: {{.*}}pitch 195 does not hold a plane of tensor<1x12x14x14xi8>
// EXTERNAL: error: {{.*}}only a local result with positions has a pitch

func.func @main(%x: tensor<1x12x14x14xi8>) -> tensor<1x24x7x7xi8> {
  %a = prim.sort "a" "max_pool" ins(%x : tensor<1x12x14x14xi8>) window <kernel = [3, 3], pads = [1, 1, 1, 1]> -> tensor<1x12x14x14xi8>
  %b = prim.sort "b" "max_pool" ins(%a : tensor<1x12x14x14xi8>) window <kernel = [1, 1]> -> tensor<1x12x14x14xi8>
  %c = prim.sort "c" "max_pool" ins(%a : tensor<1x12x14x14xi8>) window <kernel = [1, 1]> -> tensor<1x12x14x14xi8>
  %mix = prim.place "mix" %b, %c at [#prim.place_of<offset = 0, strides = [4704, 196, 14, 1]>, #prim.place_of<offset = 2352, strides = [4704, 196, 14, 1]>] : (tensor<1x12x14x14xi8>, tensor<1x12x14x14xi8>) -> tensor<1x24x14x14xi8>
  %s = prim.sort "s" "max_pool" ins(%mix : tensor<1x24x14x14xi8>) window <kernel = [2, 2], strides = [2, 2]> -> tensor<1x24x7x7xi8>
  %y = prim.sort "y" "max_pool" ins(%s : tensor<1x24x7x7xi8>) window <kernel = [1, 1]> -> tensor<1x24x7x7xi8>
  func.return %y : tensor<1x24x7x7xi8>
}
