"""Passes on the graph level `xnn`: the network becomes simpler and computes the same."""
