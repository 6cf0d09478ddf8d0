// RUN: xnn-opt %s --canonicalize --mlir-opt="generic=false arguments=--x" --help | filecheck %s --check-prefix HELP
// RUN: not xnn-opt %s --mlir-opt="nope=1" 2>&1 | filecheck %s --check-prefix UNKNOWN
// RUN: not xnn-opt %s --mlir-opt="generic=1" 2>&1 | filecheck %s --check-prefix TYPE
// RUN: not xnn-opt %s --canonicalise 2>&1 | filecheck %s --check-prefix NEAR
// RUN: not xnn-opt %s -p cse,canonicalise 2>&1 | filecheck %s --check-prefix PASS
// RUN: not xnn-opt %s -p 'cse, dce' 2>&1 | filecheck %s --check-prefix PIPELINE

// HELP:          usage: xnn-opt
// UNKNOWN:       error: pass 'mlir-opt' has no option 'nope'
// UNKNOWN-NEXT:  hint: its options are executable: str = mlir-opt, generic: bool = true
// TYPE:          error: pass 'mlir-opt{generic=1}': Incompatible types: given (1,), expected bool
// TYPE-NEXT:     hint: its options are
// NEAR:          error: unrecognized arguments: --canonicalise
// NEAR-NEXT:     hint: did you mean --canonicalize
// PASS:          error: unknown pass 'canonicalise'
// PASS-NEXT:     hint: did you mean canonicalize
// PIPELINE:      error: cannot read the pass pipeline:
