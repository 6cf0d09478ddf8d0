"""Networks that people know, in their real sizes and small: functions that build ONNX models with random weights.

Each takes the sizes that distinguish small from large; the defaults are real.
"""
