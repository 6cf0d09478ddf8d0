// RUN: xnn-opt %s --schedule 'a=b=block=[1, 8], local' --xnn-schedule='layer="ä=external"' | filecheck %s
// RUN: xnn-opt %s --schedule 'a=b=block=[1, 4, 1, 1]' --schedule ä=external --lower-to-primitives | filecheck %s --check-prefix PRIM
// RUN: xnn-opt %s --schedule 'a=b=block=[1, 4, 1, 1]' --schedule ä=external | xnn-opt --lower-to-primitives | filecheck %s --check-prefix PRIM
// RUN: xnn-opt %s --lower-to-primitives | xnn-opt --schedule 'a=b=block=[1, 4, 1, 1]' --schedule ä=external | filecheck %s --check-prefix PRIM
// RUN: not xnn-opt %s --lower-to-primitives --xnn-schedule='layer="b=local"' 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: not xnn-opt %s --lower-to-dma --xnn-schedule='layer="ä=local"' 2>&1 | filecheck %s --check-prefix LEVEL
// RUN: not xnn-opt %s --schedule 'local' 2>&1 | filecheck %s --check-prefix READ
// RUN: not xnn-opt %s --schedule 'y=blck=[1, 8]' 2>&1 | filecheck %s --check-prefix FIELD
// RUN: not xnn-opt %s --schedule 'y=order=lhs' 2>&1 | filecheck %s --check-prefix VALUE
// RUN: not xnn-opt %s --schedule 'y=block=8' 2>&1 | filecheck %s --check-prefix SIZES
// RUN: not xnn-opt %s --schedule 'y=slots=many' 2>&1 | filecheck %s --check-prefix NUMBER
// RUN: not xnn-opt %s --schedule 'y=local, external' 2>&1 | filecheck %s --check-prefix TWICE

// CHECK:      builtin.module attributes {xnn.schedules = ["a=b=block=[1, 8], local", "{{.*}}=external"]} {
// PRIM-NOT:   xnn.schedules
// PRIM:       } schedule {{.*}} external -> tensor<1x8xf32>
// PRIM:       prim.map "a=b" {{.*}}
// PRIM:       schedule <block = [1, 4, 1, 1], outermost = rows,
// UNKNOWN:    error: no layer is called "b"
// LEVEL:      error: layer {{.*}}: its schedule is carried out already, for the module is at level dma
// LEVEL-NEXT: hint: start from level prim or above
// READ:       error: cannot read the schedule 'local'
// READ-NEXT:  hint: write LAYER="block=[1, 1, 64, 64, 14, 56], order=lhs_stationary, local"
// FIELD:      error: layer "y": a schedule has no field 'blck'
// FIELD-NEXT: hint: did you mean block?
// VALUE:      error: layer "y": order is 'lhs', expected output_stationary or lhs_stationary or rhs_stationary
// SIZES:      error: layer "y": block is '8', expected sizes in brackets
// NUMBER:     error: layer "y": slots is 'many', expected a whole number
// TWICE:      error: layer "y": its schedule says external after it was said

func.func @main(%x : tensor<1x8xf32> {xnn.name = "x"}) -> (tensor<1x8xf32> {xnn.name = "z"}, tensor<1x8xf32> {xnn.name = "y"}) {
  %a = xnn.relu "ä" %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %y = xnn.sigmoid "a=b" %a : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %a, %y : tensor<1x8xf32>, tensor<1x8xf32>
}
