"""Passes that lowering."""
