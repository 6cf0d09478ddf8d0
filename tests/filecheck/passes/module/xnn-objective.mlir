// RUN: xnn-opt %s --objective energy | filecheck %s
// RUN: xnn-opt %s --objective energy | xnn-opt | filecheck %s
// RUN: xnn-opt %s --objective energy --xnn-objective="objective=traffic" | filecheck %s --check-prefix LAST
// RUN: xnn-opt %s --objective energy --lower-to-dsa | filecheck %s --check-prefix DSA
// RUN: not xnn-opt %s --objective latency 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: xnn-opt %s --objective energy | sed s/energy/latency/ | not xnn-opt --lower-to-dsa 2>&1 | filecheck %s --check-prefix UNKNOWN

// CHECK:        builtin.module attributes {xnn.objective = "energy"} {
// LAST:         builtin.module attributes {xnn.objective = "traffic"} {
// DSA:          xnn.objective = "energy"
// UNKNOWN:      error: there is no objective 'latency'
// UNKNOWN-NEXT: hint: objectives: cycles, energy, traffic

func.func @main(%x : tensor<1x8xf32> {xnn.name = "x"}) -> (tensor<1x8xf32> {xnn.name = "y"}) {
  %y = xnn.relu "y" %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %y : tensor<1x8xf32>
}
