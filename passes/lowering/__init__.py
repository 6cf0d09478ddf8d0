"""Passes that lower a network from level to level."""
