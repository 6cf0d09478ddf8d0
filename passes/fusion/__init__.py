"""Elementwise operators moved into the pre- and post-processing of primitives."""
