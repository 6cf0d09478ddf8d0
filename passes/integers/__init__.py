"""Quantised networks consumed: operators on integers in place of simulated ones."""
