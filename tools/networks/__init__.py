"""Networks to try: the light topologies with seeded weights, and the trained digits network."""
