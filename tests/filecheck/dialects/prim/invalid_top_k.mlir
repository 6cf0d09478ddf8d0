// RUN: xnn-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// CHECK: prim.top_k "y": there are 8 channels, not 9 to keep
%x = "test.op"() : () -> tensor<1x8xf32>
%y = prim.top_k "y" "top_k" largest ins(%x : tensor<1x8xf32>) window <> -> tensor<1x9xf32>

// -----

// CHECK: prim.top_k "y": result has shape [1, 3, 4], expected [1, 3, 5]
%x = "test.op"() : () -> tensor<1x8x5xf32>
%y = prim.top_k "y" "top_k" least ins(%x : tensor<1x8x5xf32>) window <kernel = [1]> -> tensor<1x3x4xf32>

// -----

// CHECK: prim.top_k "y": sorts channels alone: #prim.window<kernel = [2]> must be of ones alone
%x = "test.op"() : () -> tensor<1x8x5xf32>
%y = prim.top_k "y" "top_k" least ins(%x : tensor<1x8x5xf32>) window <kernel = [2]> -> tensor<1x3x5xf32>

// -----

// CHECK: prim.top_k "y": sorts numbers, not elements of type i1
%x = "test.op"() : () -> tensor<1x8xi1>
%y = prim.top_k "y" "top_k" largest ins(%x : tensor<1x8xi1>) window <> -> tensor<1x3xi1>

// -----

// CHECK: prim.top_k "y": keys of f32 are f32, not f64
%x = "test.op"() : () -> tensor<1x8xf32>
%y = prim.top_k "y" "top_k" largest ins(%x : tensor<1x8xf32>) window <> -> tensor<1x3xf64>

// -----

// CHECK: prim.top_k "y": schedule block needs all 3 rows, and as many channels
%x = "test.op"() : () -> tensor<1x8xf32>
%y = prim.top_k "y" "top_k" largest ins(%x : tensor<1x8xf32>) window <> schedule <block = [1, 1, 3, 2], outermost = rows, order = output_stationary, groups_per_tile = 1, output_phases = 1, slots = 2> -> tensor<1x3xf32>

