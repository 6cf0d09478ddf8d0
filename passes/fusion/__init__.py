"""Passes that fuse elementwise operators into the pre- and post-processing of primitives."""
