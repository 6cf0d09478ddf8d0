"""Walking a program of the machine node by node: what runs, what waits and for what, the bytes that are written."""
