"""What goes in and out of a run: inputs, outputs, weights and the files that hold them."""
