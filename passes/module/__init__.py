"""Passes that write down what holds for a whole module, whatever its level."""
