// RUN: xnn-opt %s --xnn-target | filecheck %s
// RUN: xnn-opt %s --xnn-target=target=edge | filecheck %s
// RUN: xnn-opt %s --xnn-set='field="matmul.n=32"' --xnn-target=target=edge | filecheck %s
// RUN: sed "s/^n = 64/n = 16/" %S/../../../../runtime/targets/edge.toml > %t.toml
// RUN: xnn-opt %s --xnn-target=target='"%t.toml"' | filecheck %s --check-prefix FILE
// RUN: sed "s/^n = 64/n = -1/" %S/../../../../runtime/targets/edge.toml > %t-bad.toml
// RUN: not xnn-opt %s --xnn-target=target='"%t-bad.toml"' 2>&1 | filecheck %s --check-prefix BAD
// RUN: sed "s/^n = 64/m = 64/" %S/../../../../runtime/targets/edge.toml > %t-field.toml
// RUN: not xnn-opt %s --xnn-target=target='"%t-field.toml"' 2>&1 | filecheck %s --check-prefix FIELD
// RUN: not xnn-opt %s --xnn-target=target=nope 2>&1 | filecheck %s --check-prefix UNKNOWN

// Every field of the target is in the module; an older target goes.

// FILE:         builtin.module attributes {xnn.target = {name = "xnn-target.mlir.tmp"
// FILE-SAME:    matmul = {n = 16 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64
// BAD:          bad.toml:10: error: target field 'matmul.n' must be at least 1, not -1
// FIELD:        field.toml:10: error: unknown target field 'matmul.m'
// UNKNOWN:      error: no target 'nope'
// UNKNOWN-NEXT: hint: known targets: array256, edge, edge-4m, micro16, micro16-384k; or a .toml file

func.func @main(%x : tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}

// CHECK:      builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, static_mw = 2.000000e+01 : f64, control = {issue_cycles = 4 : i64, queue_depth = 8 : i64}
// CHECK-SAME: matmul = {n = 64 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}
// CHECK-SAME: sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, key_rows = 4096 : i64}, vector = {lanes = 64 : i64}
// CHECK-SAME: general = {lanes = 16 : i64}
// CHECK-SAME: dma = {channels = 2 : i64, local_bytes_per_cycle = 64 : i64}
// CHECK-SAME: external = {bytes_per_cycle = 1.600000e+01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64, capacity_bytes = 4294967296 : i64}
// CHECK-SAME: local = {banks = 16 : i64, rows = 1024 : i64, row_bytes = 64 : i64}
// CHECK-SAME: operation_cycles = {cheap = 1 : i64, divide = 4 : i64, transcendental = 8 : i64}
// CHECK-SAME: energy_pj = {mac_i8 = {{.*}}, external_byte = 2.500000e+02 : f64, {{.*}}}}} {
// CHECK-NEXT:   func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:     func.return %x : tensor<4xf32>
// CHECK-NEXT:   }
// CHECK-NEXT: }
