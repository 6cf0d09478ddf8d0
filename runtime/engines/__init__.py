"""One file per engine of the machine: its semantics (NumPy, array to array) beside its cost (which never sees data)."""
