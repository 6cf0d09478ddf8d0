"""Benchmarks: `make bench` prints their tables. Figures are CPU seconds, which count idle threads of
NumPy's BLAS that spin while they wait for each other: one thread makes them mean work done."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is first imported
