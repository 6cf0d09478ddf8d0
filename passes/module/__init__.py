"""Passes that set attributes of a whole module, whatever its level."""
