"""Passes on the graph level `xnn`: the network becomes simpler and stays what it computes."""
