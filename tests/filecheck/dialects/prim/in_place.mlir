// RUN: xnn-opt %s | xnn-opt | filecheck %s
// RUN: xnn-opt %s --print-op-generic | xnn-opt | filecheck %s
// RUN: sed 's/in_place/local in_place/' %s | not xnn-opt 2>&1 | filecheck %s --check-prefix TWICE
// RUN: sed 's/in_place/rows 4 in_place/' %s | not xnn-opt 2>&1 | filecheck %s --check-prefix RING

// The sum lies where the map lies that it is added to.
func.func @main(%w: tensor<8x8x1x1xi8>, %x: tensor<1x8x6x6xi8>) {
  %a = prim.sort "a" "max_pool" ins(%x : tensor<1x8x6x6xi8>) window <kernel = [1, 1]> -> tensor<1x8x6x6xi8>
  %y = prim.matmul "y" "conv" ins(%w, %a : tensor<8x8x1x1xi8>, tensor<1x8x6x6xi8>) window <kernel = [1, 1]> in_place -> tensor<1x8x6x6xi32>
  func.return
}

// CHECK: prim.matmul "y" {{.*}} window <kernel = [1, 1]> in_place -> tensor<1x8x6x6xi32>
// TWICE: prim.matmul "y": its result is in place of an operand, or in a memory, not both
// RING:  prim.matmul "y": only a local result in dense planes lies in a ring of rows
