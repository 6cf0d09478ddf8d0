"""Semantics and cost of each level: values, cycles, bytes, energy."""
