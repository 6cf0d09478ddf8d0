"""Passes that schedule."""
