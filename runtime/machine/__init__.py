"""The simulated machine: memory, timeline, the run of a program, and the sanitizer."""
