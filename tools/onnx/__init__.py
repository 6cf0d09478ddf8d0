"""ONNX models: reading them without their weights, and importing them as networks of the graph level."""
