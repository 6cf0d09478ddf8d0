// RUN: xnn-opt %s --xnn-set='field="matmul.n=32"' --xnn-set='field="external.bytes_per_cycle=0.5"' | filecheck %s
// RUN: xnn-opt %s --set matmul.n=32 --set external.bytes_per_cycle=0.5 | filecheck %s
// RUN: xnn-opt %s --xnn-set='field=" matmul.n = 1_6 "' --xnn-set='field="matmul.n=32"' --xnn-set='field="external.bytes_per_cycle=5e-1"' | filecheck %s
// RUN: xnn-opt %s --xnn-set='field="clock_hz=2"' --xnn-set='field="operation_cycles.divide=3"' | filecheck %s --check-prefix DEEP
// RUN: not xnn-opt %s --xnn-set 2>&1 | filecheck %s --check-prefix MISSING
// RUN: not xnn-opt %s --xnn-set='field="matmul.n"' 2>&1 | filecheck %s --check-prefix NOTHING
// RUN: not xnn-opt %s --xnn-set='field="matmul.m=3"' 2>&1 | filecheck %s --check-prefix FIELD
// RUN: not xnn-opt %s --xnn-set='field="mat.n=3"' 2>&1 | filecheck %s --check-prefix SECTION
// RUN: not xnn-opt %s --xnn-set='field="matmul.n=many"' 2>&1 | filecheck %s --check-prefix TEXT
// RUN: not xnn-opt %s --xnn-set='field="matmul.n=0"' 2>&1 | filecheck %s --check-prefix RANGE
// RUN: not xnn-opt %s --xnn-set='field="matmul.n=1.5"' 2>&1 | filecheck %s --check-prefix WHOLE

// MISSING:      error: pass 'xnn-set': xnn-set requires argument "field"
// MISSING-NEXT: hint: its options are field: str{{$}}
// NOTHING:      error: 'matmul.n' sets nothing
// NOTHING-NEXT: hint: write SECTION.KEY=VALUE
// FIELD:        error: target has no field 'matmul.m'
// FIELD-NEXT:   hint: fields: n, accumulator_rows
// SECTION:      error: target has no section 'mat' (in 'mat.n')
// TEXT:         error: target field 'matmul.n': 'many' is not a number
// RANGE:        error: target field 'matmul.n' must be at least 1, not 0
// WHOLE:        error: target field 'matmul.n' must be a whole number, not 1.5

// A module without a target gets `edge` first; all other fields stay.

// CHECK:      xnn.target = {name = "edge", clock_hz = 1000000000 : i64
// CHECK-SAME: matmul = {n = 32 : i64, accumulator_rows = 4096 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, idle_fraction = 1.000000e-01 : f64}
// CHECK-SAME: sort = {lanes = 64 : i64, pre_operations = 4 : i64, post_operations = 8 : i64, key_rows = 4096 : i64}, vector = {lanes = 64 : i64}
// CHECK-SAME: external = {bytes_per_cycle = 5.000000e-01 : f64, latency_cycles = 200 : i64, burst_bytes = 64 : i64

// DEEP:       xnn.target = {name = "edge", clock_hz = 2 : i64
// DEEP-SAME:  operation_cycles = {cheap = 1 : i64, divide = 3 : i64, transcendental = 8 : i64}

func.func @main(%x : tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
