"""What every level computes: one file per dialect, on whole NumPy arrays."""
