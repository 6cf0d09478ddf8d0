// RUN: xnn-opt %s --xnn-tie='state="past=present"' --xnn-tie='state="a=b=c=d"' | filecheck %s
// RUN: xnn-opt %s --tie past=present --tie a=b=c=d | filecheck %s
// RUN: not xnn-opt %s --tie past 2>&1 | filecheck %s --check-prefix FORM
// RUN: not xnn-opt %s --tie past=presents 2>&1 | filecheck %s --check-prefix FORM
// RUN: not xnn-opt %s --tie past=short 2>&1 | filecheck %s --check-prefix TYPE
// RUN: not xnn-opt %s --tie past=present --tie a=b=present 2>&1 | filecheck %s --check-prefix TWICE

// FORM:       error: cannot tie past{{.*}}: expected INPUT=OUTPUT
// FORM-NEXT:  hint: inputs are past, a=b; outputs are present, short, c=d
// TYPE:       xnn-tie.mlir:13:1: error: func.func @main: argument "past" is state of type tensor<1x8xf32>, but result "short" is tensor<1x4xf32> (after pass xnn-tie)
// TWICE:      xnn-tie.mlir:13:1: error: func.func @main: argument "a=b" is state, but result "present" is tied to another argument (after pass xnn-tie)

func.func @main(%past : tensor<1x8xf32> {xnn.name = "past"}, %a : tensor<1x8xf32> {xnn.name = "a=b"}) -> (tensor<1x8xf32> {xnn.name = "present"}, tensor<1x4xf32> {xnn.name = "short"}, tensor<1x8xf32> {xnn.name = "c=d"}) {
  %present = xnn.relu "present" %past : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %s = xnn.constant "short" dense<0.0> : tensor<1x4xf32>
  func.return %present, %s, %a : tensor<1x8xf32>, tensor<1x4xf32>, tensor<1x8xf32>
}

// CHECK:      func.func @main(%past: tensor<1x8xf32> {xnn.name = "past", xnn.state = "present"}, %a: tensor<1x8xf32> {xnn.name = "a=b", xnn.state = "c=d"}) -> (tensor<1x8xf32> {xnn.name = "present"}, tensor<1x4xf32> {xnn.name = "short"}, tensor<1x8xf32> {xnn.name = "c=d"}) {
