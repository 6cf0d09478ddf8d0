// RUN: not xnn-opt %s 2>&1 | filecheck %s --match-full-lines

// A fault of a program is named with the line of the instruction, not of the program.

dsa.program {
  dsa.buffer "x" input external at 0 : memref<64xi8>
  dsa.buffer "a" slice local at 0 : memref<32xi8>
  dsa.buffer "b" slice local at 16 : memref<32xi8>
  dsa.layer "y"
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [32] source [1] target [1] reservations [8] : i8
  dsa.repeat 2 {
    // CHECK: {{.*}}locations.mlir:13:5: error: dsa.transfer "y": operand 1 needs bytes 0x10 to 0x20 of local memory for buffer "b", where bytes 0x10 to 0x20 hold buffer "a" until node 4, dsa.transfer of layer "y"
    dsa.transfer "y" "dma0" load of ["x", "b"] at affine_map<(d0) -> (0, d0 * 16)> sizes [16] source [1] target [1] reservations [8] : i8
  }
  dsa.transfer "y" "dma0" copy of ["a", "b"] at affine_map<() -> (0, 16)> sizes [16] source [1] target [1] reservations [4, 4] : i8
  dsa.transfer "y" "dma0" copy of ["a", "b"] at affine_map<() -> (16, 16)> sizes [16] source [1] target [1] reservations [4, 4] : i8
}
