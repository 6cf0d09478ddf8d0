"""A second, independent account of what a compiled program costs: from its text and docs/machine.md alone.

It imports nothing of the project but what parses text and the fields of operations: no cost, geometry,
timeline or report. It is written for comparison with the document, sentence by sentence, not for speed.
"""
