"""Quantised networks made: ranges, simulated rounding, and the passes that improve it."""
