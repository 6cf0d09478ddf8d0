"""What each level means and what it costs: numbers, cycles, bytes, energy."""
