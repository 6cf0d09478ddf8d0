"""Advice for who designs the machine or the network, from measurements: one file for each kind of advice."""
