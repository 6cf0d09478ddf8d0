"""What a person runs: command-line tools, Python interface, importers, networks to try."""
