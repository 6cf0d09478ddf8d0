"""An operator as a Python function: it runs on general compute."""

import numpy as np

import xnn


@xnn.operator("example.ops", "Halved")
def halved(x: np.ndarray) -> np.ndarray:
    return x * np.float32(0.5)
