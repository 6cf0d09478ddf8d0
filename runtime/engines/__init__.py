"""One file per engine of the machine: its meaning (NumPy, array to array) beside its cost (which never sees data)."""
