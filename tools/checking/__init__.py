"""What is said of a network before it is compiled: `xnn.check`, `xnn-run --check`."""
