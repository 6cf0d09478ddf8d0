// RUN: xnn-opt %s --effort fast | filecheck %s
// RUN: xnn-opt %s --effort fast | xnn-opt | filecheck %s
// RUN: xnn-opt %s --effort fast --xnn-effort="effort=thorough" | filecheck %s --check-prefix LAST
// RUN: xnn-opt %s --effort fast --lower-to-dsa | filecheck %s --check-prefix DSA
// RUN: not xnn-opt %s --effort best 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: xnn-opt %s --effort fast | sed s/fast/best/ | not xnn-opt --lower-to-dsa 2>&1 | filecheck %s --check-prefix UNKNOWN

// CHECK:        builtin.module attributes {xnn.effort = "fast"} {
// LAST:         builtin.module attributes {xnn.effort = "thorough"} {
// DSA:          xnn.effort = "fast"
// UNKNOWN:      error: there is no effort 'best'
// UNKNOWN-NEXT: hint: efforts: fast, default, thorough

func.func @main(%x : tensor<1x8xf32> {xnn.name = "x"}) -> (tensor<1x8xf32> {xnn.name = "y"}) {
  %y = xnn.relu "y" %x : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %y : tensor<1x8xf32>
}
