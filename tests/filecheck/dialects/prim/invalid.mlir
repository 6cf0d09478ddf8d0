// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.matmul "y": needs exactly one of a result (on tensors) and outs (on buffers)
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]>

// -----

// CHECK: prim.matmul "y": needs exactly one of a result (on tensors) and outs (on buffers)
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> outs(%o : memref<1x4x9x7xf32>) -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": the type of outs says where the result is: only tensors are local
%w, %x, %b, %o = "test.op"() : () -> (memref<4x8x1x1xf32>, memref<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
prim.matmul "y" "conv" ins(%w, %x : memref<4x8x1x1xf32>, memref<1x8x9x7xf32>) window <kernel = [1, 1]> local outs(%o : memref<1x4x9x7xf32>)

// -----

// CHECK: prim.matmul "y": tensor<4x8x1xf32> needs 4 dimensions for window #prim.window<kernel = [1, 1]>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": lhs tensor<4x7x1x1xf32> does not fit rhs tensor<1x8x9x7xf32> with #prim.window<kernel = [1, 1]>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x7x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x7x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": lhs tensor<4x8x1x1xf32> does not fit rhs tensor<1x8x9x7xf32> with #prim.window<kernel = [1, 1], groups = 2>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = 2> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": window #prim.window<kernel = [3, 3]> does not fit rhs tensor<1x8x2x7xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x3x3xf32>, tensor<1x8x2x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x3x3xf32>, tensor<1x8x2x7xf32>) window <kernel = [3, 3]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": tensor<1x8x9xf32> needs 4 dimensions for window #prim.window<kernel = [1, 1]>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9xf32>) window <kernel = [1, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": result has shape [1, 4, 9, 8], expected [1, 4, 9, 7]
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<1x4x9x8xf32>

// -----

// CHECK: prim.matmul "y": result has shape [2, 4, 9, 7], expected [1, 4, 9, 7]
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<2x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": 4 rows of lhs do not fit 5 channels
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<1x5x9x7xf32>

// -----

// CHECK: prim.matmul "y": tensor<8xf32> needs 2 dimensions for window #prim.window<>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8xf32>, tensor<8xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8xf32>, tensor<8xf32>) window <> -> tensor<4xf32>

// -----

// CHECK: prim.matmul "y": tensor<4xf32> needs 2 dimensions for window #prim.window<>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4xf32>, tensor<1x4xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4xf32>, tensor<1x4xf32>) window <> -> tensor<1x4xf32>

// -----

// CHECK: prim.matmul "y": tensor<f32> needs 2 dimensions for window #prim.window<>
%w, %x, %b, %o = "test.op"() : () -> (tensor<f32>, tensor<1x4xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<f32>, tensor<1x4xf32>) window <> -> tensor<1x4xf32>

// -----

// CHECK: prim.matmul "y": tensor<4xf32> needs 4 dimensions for window #prim.window<kernel = [1, 1]>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<4xf32>

// -----

// CHECK: prim.matmul "y": 3 rows of lhs do not fit 3 channels
%w, %x, %b, %o = "test.op"() : () -> (tensor<3x4x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<3x4x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = 2> -> tensor<1x3x9x7xf32>

// -----

// CHECK: prim.matmul "y": sizes of tensor<?x8x9x7xf32> must be known
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<?x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<?x8x9x7xf32>) window <kernel = [1, 1]> -> tensor<?x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post needs one indexing map per operand
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post indexing map affine_map<(d0, d1, d2, d3) -> (d1, d2)> does not lead from tensor<1x4x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1, d2)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post indexing map affine_map<(d0, d1) -> (d1)> does not lead from tensor<1x4x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post indexing map affine_map<(d0, d1, d2, d3) -> (d2)> does not lead from tensor<1x4x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d2)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post indexing map affine_map<(d0, d1, d2, d3) -> ((d1 + 1))> does not lead from tensor<1x4x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1 + 1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post indexing map affine_map<(d0, d1, d2, d3) -> (0)> does not lead from tensor<1x4x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (0)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post region must take f32, f32
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f64):
  prim.yield %0 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post region must take f32, f32
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32):
  prim.yield %0 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post region must yield one value
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  prim.yield %0, %1 : f32, f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": post must yield the elements of tensor<1x4x9x7xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.constant 1.0 : f64
  prim.yield %2 : f64
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: arith.addf: Operation arith.addf terminates block in single-block region but is not a terminator
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": 'math.fma' is not a scalar operation that post can hold
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> post [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = math.fma %0, %0, %1 : f32
  prim.yield %0 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": pre region must take f32
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [](:) {
^bb0(%0: i32):
  prim.yield %0 : i32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": pre indexing map affine_map<(d0, d1, d2, d3) -> (d1)> does not lead from tensor<1x8x9x7xf32> to tensor<4xf32>
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> pre [affine_map<(d0, d1, d2, d3) -> (d1)>](%b : tensor<4xf32>) {
^bb0(%0: f32, %1: f32):
  %2 = arith.addf %0, %1 : f32
  prim.yield %2 : f32
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": schedule block needs 6 sizes, one per dimension
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: block needs positive batch, groups, rows, channels, positions
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: block needs positive batch, groups, rows, channels, positions
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 0, 9, 7]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: Expected `rows`, or `positions`.
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], outermost = channels> -> tensor<1x4x9x7xf32>

// -----

// CHECK: Expected `output_stationary`, `lhs_stationary`, or `rhs_stationary`.
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], order = inner> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: slots and output_phases must be positive, groups_per_tile not negative
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], slots = 0> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: slots and output_phases must be positive, groups_per_tile not negative
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], groups_per_tile = -1> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: eighths must be 1 to 8
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], eighths = 9> -> tensor<1x4x9x7xf32>

// -----

// CHECK: Expected integer literal
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], groups_per_tile = []> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.schedule: block needs positive batch, groups, rows, channels, positions
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <slots = 2> -> tensor<1x4x9x7xf32>

// -----

// CHECK: expected one of block, outermost, order, groups_per_tile, output_phases, slots, layout, eighths, each once, not 'size'
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], size = 2> -> tensor<1x4x9x7xf32>

// -----

// CHECK: expected one of block, outermost, order, groups_per_tile, output_phases, slots, layout, eighths, each once, not 'groups_per_tile'
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], groups_per_tile = 1, groups_per_tile = 2> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": schedule block of several groups needs all their rows and channels
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x4x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = 2> schedule <block = [1, 2, 2, 2, 9, 7]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": schedule block must divide the 2 rows and 4 channels of each of 2 groups
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x4x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = 2> schedule <block = [1, 1, 2, 3, 9, 7]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: kernel, strides and dilations differ in length
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], strides = [1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: pads must be two per spatial dimension
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], pads = [1, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: kernel, strides, dilations, groups must be positive
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 0]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: kernel, strides, dilations, groups must be positive
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], strides = [0, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: kernel, strides, dilations, groups must be positive
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = 0> -> tensor<1x4x9x7xf32>

// -----

// CHECK: Expected integer literal
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = []> -> tensor<1x4x9x7xf32>

// -----

// CHECK: Expected integer literal
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], groups = [1, 2]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.window: pads must not be negative
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1], pads = [0, 0, 0, -1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: '[' expected
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = same> -> tensor<1x4x9x7xf32>

// -----

// CHECK: expected one of kernel, strides, dilations, pads, groups, each once, not 'size'
%w, %x, %b, %o = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>, tensor<4xf32>, memref<1x4x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <size = [1, 1]> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.sort "y": tensor<1x8x9x7xf32> needs 3 dimensions for window #prim.window<kernel = [3]>
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3]> -> tensor<1x8x7x7xf32>

// -----

// CHECK: prim.sort "y": result has shape [1, 8, 7, 6], expected [1, 8, 7, 5]
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3]> -> tensor<1x8x7x6xf32>

// -----

// CHECK: prim.sort "y": works on each channel by itself: it has no groups
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3], groups = 8> -> tensor<1x8x7x5xf32>

// -----

// CHECK: prim.sort "y": needs exactly one of a result (on tensors) and outs (on buffers)
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
prim.sort "y" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3]>

// -----

// CHECK: prim.sort "y": tensor<8xf32> needs 2 dimensions for window #prim.window<>
%x = "test.op"() : () -> tensor<8xf32>
%y = prim.sort "y" "max_pool" ins(%x : tensor<8xf32>) window <> -> tensor<8xf32>

// -----

// CHECK: prim.sort "y": elements of type f32 do not fit tensor<1x8x7x5xi8>
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.sort "y" "max_pool" ins(%x : tensor<1x8x9x7xf32>) window <kernel = [3, 3]> -> tensor<1x8x7x5xi8>

// -----

// CHECK: prim.general "y": needs exactly one of a result (on tensors) and outs (on buffers)
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0(%0: tensor<1x8x9x7xf32>):
  prim.yield %0 : tensor<1x8x9x7xf32>
}

// -----

// CHECK: prim.general "y": its region must yield one value
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0(%0: tensor<1x8x9x7xf32>):
  prim.yield %0, %0 : tensor<1x8x9x7xf32>, tensor<1x8x9x7xf32>
} -> tensor<1x8x9x7xf32>

// -----

// CHECK: prim.general "y": its region must take its inputs and yield its result
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0:
  %0 = "test.op"() : () -> tensor<1x8x9x7xf32>
  prim.yield %0 : tensor<1x8x9x7xf32>
} -> tensor<1x8x9x7xf32>

// -----

// CHECK: prim.general "y": its region must take its inputs and yield its result
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0(%0: tensor<1x4x9x7xf32>):
  prim.yield %0 : tensor<1x4x9x7xf32>
} -> tensor<1x8x9x7xf32>

// -----

// CHECK: prim.general "y": its region must take its inputs and yield its result
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0(%0: tensor<1x8x9x7xf32>):
  prim.yield %0 : tensor<1x8x9x7xf32>
} -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.general "y": Operation using value defined out of its IsolatedFromAbove parent: YieldOp(prim.yield %x : tensor<1x8x9x7xf32>)
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.general "y" ins(%x : tensor<1x8x9x7xf32>) {
^bb0(%0: tensor<1x8x9x7xf32>):
  prim.yield %x : tensor<1x8x9x7xf32>
} -> tensor<1x8x9x7xf32>

// -----

// CHECK: prim.view "y": tensor<1x8x9x7xf32> and tensor<1x503xf32> differ in elements
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.view "y" %x : tensor<1x8x9x7xf32> to tensor<1x503xf32>

// -----

// CHECK: prim.view "y": tensor<1x8x9x7xf32> and tensor<1x504xf64> differ in elements
%x = "test.op"() : () -> tensor<1x8x9x7xf32>
%y = prim.view "y" %x : tensor<1x8x9x7xf32> to tensor<1x504xf64>

// -----

// CHECK: prim.place "y": has 2 part(s) and 1 place(s)
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>

// -----

// CHECK: prim.place "y": a place needs a stride for each dimension, none of them negative
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [12, 1]>, #prim.place_of<offset = 8, strides = [12]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>

// -----

// CHECK: prim.place "y": a place needs a stride for each dimension, none of them negative
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = -1, strides = [12, 1]>, #prim.place_of<offset = 8, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>

// -----

// CHECK: prim.place "y": parts differ in elements from tensor<2x12xf64>
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [12, 1]>, #prim.place_of<offset = 8, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf64>

// -----

// Beyond its end, of too many elements, and one on top of the other.
// CHECK: prim.place "y": parts do not make up tensor<2x12xf32>
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [12, 1]>, #prim.place_of<offset = 9, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>

// -----

// CHECK: prim.place "y": parts do not make up tensor<2x11xf32>
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [8, 1]>, #prim.place_of<offset = 16, strides = [1, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x11xf32>

// -----

// CHECK: prim.place "y": parts do not make up tensor<2x12xf32>
%x, %z = "test.op"() : () -> (tensor<2x8xf32>, tensor<2x4xf32>)
%y = prim.place "y" %x, %z at [#prim.place_of<offset = 0, strides = [12, 1]>, #prim.place_of<offset = 7, strides = [12, 1]>] : (tensor<2x8xf32>, tensor<2x4xf32>) -> tensor<2x12xf32>

// -----

// CHECK: prim.view "y": offset must not be negative
%x = "test.op"() : () -> tensor<2x8xf32>
%y = prim.view "y" %x offset -1 : tensor<2x8xf32> to tensor<8xf32>

// -----

// CHECK: prim.view "y": elements up to 17 are outside tensor<2x8xf32>
%x = "test.op"() : () -> tensor<2x8xf32>
%y = prim.view "y" %x offset 9 : tensor<2x8xf32> to tensor<8xf32>

// -----

// CHECK: prim.matmul "y": sums of products of i8 and ui8 are i32, not i8
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xi8>, tensor<1x8x9x7xui8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xi8>, tensor<1x8x9x7xui8>) window <kernel = [1, 1]> -> tensor<1x4x9x7xi8>

// -----

// CHECK: prim.convert: operand 'x' at position 0 does not verify: Unexpected attribute tensor<4xf32>
%x = "test.op"() : () -> (tensor<4xf32>)
%y = "prim.convert"(%x) : (tensor<4xf32>) -> f32

// -----

// CHECK: prim.packed: format must be one of i2, ui2, i4, ui4, binary, ternary, power_of_two
%w, %x = "test.op"() : () -> (tensor<4x4xui8>, tensor<1x8x9x7xi8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4xui8>, tensor<1x8x9x7xi8>) packed <format = i3, taps = 8> window <kernel = [1, 1]> -> tensor<1x4x9x7xi32>

// -----

// CHECK: prim.matmul "y": a packed lhs must be rows of bytes (ui8), not tensor<4x4xi8>
%w, %x = "test.op"() : () -> (tensor<4x4xi8>, tensor<1x8x9x7xi8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4xi8>, tensor<1x8x9x7xi8>) packed <format = i4, taps = 8> window <kernel = [1, 1]> -> tensor<1x4x9x7xi32>

// -----

// CHECK: prim.matmul "y": rows of 4 bytes do not hold 9 taps of i4
%w, %x = "test.op"() : () -> (tensor<4x4xui8>, tensor<1x9x9x7xi8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4xui8>, tensor<1x9x9x7xi8>) packed <format = i4, taps = 9> window <kernel = [1, 1]> -> tensor<1x4x9x7xi32>

// -----

// CHECK: prim.matmul "y": 10 taps are not a multiple of the kernel's
%w, %x = "test.op"() : () -> (tensor<4x5xui8>, tensor<1x2x9x7xi8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x5xui8>, tensor<1x2x9x7xi8>) packed <format = i4, taps = 10> window <kernel = [2, 2]> -> tensor<1x4x8x6xi32>

// -----

// CHECK: prim.matmul "y": schedule block of 3 channels ends inside a byte
%w, %x = "test.op"() : () -> (tensor<4x4xui8>, tensor<1x8x9x7xi8>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x4xui8>, tensor<1x8x9x7xi8>) packed <format = i4, taps = 8> window <kernel = [1, 1]> schedule <block = [1, 1, 4, 3, 9, 7], outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x4x9x7xi32>

// -----

// CHECK: {{.*}}prim.rounding_shift{{.*}}
%f = "test.op"() : () -> f32
%r = "prim.rounding_shift"(%f, %f) : (f32, f32) -> f32

// -----

// CHECK: prim.matmul "y": groups_per_tile 1180591620717411303424 is not in 0 to 1
%w, %x = "test.op"() : () -> (tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>)
%y = prim.matmul "y" "conv" ins(%w, %x : tensor<4x8x1x1xf32>, tensor<1x8x9x7xf32>) window <kernel = [1, 1]> schedule <block = [1, 1, 4, 8, 9, 7], groups_per_tile = 1180591620717411303424> -> tensor<1x4x9x7xf32>

// -----

// CHECK: prim.matmul "y": lhs memref<4x8x1x1xf32, #dma.local> does not have the kernel of #prim.window<kernel = [9223372036854775807, 1]>
%w, %x, %o = "test.op"() : () -> (memref<4x8x1x1xf32, #dma.local>, memref<1x8x9x7xf32, #dma.local>, memref<1x4x9x7xf32, #dma.local>)
prim.matmul "y" "conv" ins(%w, %x : memref<4x8x1x1xf32, #dma.local>, memref<1x8x9x7xf32, #dma.local>) window <kernel = [9223372036854775807, 1]> outs(%o : memref<1x4x9x7xf32, #dma.local>)

// -----

// CHECK: prim.bitcast: ui8 and i16 have not as many bits
%x = "test.op"() : () -> ui8
%y = prim.bitcast %x : ui8 to i16

// -----

// CHECK: prim.remainder: operand 'x' at position 0 does not verify{{.*}}
%x = "test.op"() : () -> i32
%y = "prim.remainder"(%x, %x) : (i32, i32) -> i32
