// RUN: xnn-opt %s --cse --canonicalize | filecheck %s
// RUN: xnn-opt %s -p cse --canonicalize | filecheck %s
// RUN: xnn-opt --cse - --canonicalize < %s | filecheck %s
// RUN: xnn-opt %s --canonicalize --cse --scf-for-loop-unroll | filecheck %s

// Every pass of xDSL and of ours is a flag; flags act in the order they stand.

// CHECK-LABEL: func.func @main
// CHECK-NEXT:    %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %c = xnn.add "c" %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %c : tensor<4xf32>
func.func @main(%x : tensor<4xf32>) -> tensor<4xf32> {
  %a = xnn.relu "a" %x : (tensor<4xf32>) -> tensor<4xf32>
  %unused = xnn.sqrt "unused" %x : (tensor<4xf32>) -> tensor<4xf32>
  %c = xnn.add "c" %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}
