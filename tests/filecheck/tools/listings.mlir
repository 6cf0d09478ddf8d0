// RUN: xnn-opt --version | filecheck %s --check-prefix VERSION
// RUN: xnn-opt --list-passes | filecheck %s --check-prefix PASSES
// RUN: xnn-opt --list-targets | filecheck %s --check-prefix TARGETS
// RUN: xnn-run --version | filecheck %s --check-prefix TOOL

// VERSION: xnn-opt {{[0-9.]+}} (xDSL 0.74.0)
// PASSES: lower-to-dsa
// PASSES: and from xDSL and its plug-ins:
// PASSES: canonicalize
// TARGETS: edge {{.*}}1 MiB of local memory
// TOOL: xnn-run {{[0-9.]+}} (xDSL 0.74.0)
