"""Passes that quantise a network: ranges, simulated rounding, and its improvement."""
