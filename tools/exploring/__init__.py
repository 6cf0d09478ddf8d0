"""Exploring machines: one network compiled for many targets, each a point of a space of fields."""
