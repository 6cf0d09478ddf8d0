"""Passes that choose schedules, places in memory and the order of steps."""
