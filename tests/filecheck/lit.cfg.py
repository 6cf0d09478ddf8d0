"""lit: each file says in its RUN lines which command it tests."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for tests.lit_format

from tests.lit_format import InProcess

config = globals()["config"]  # lit runs this file with it in scope
config.name = "xnn"
config.test_format = InProcess(execute_external=False)
config.suffixes = [".mlir", ".onnxtxt"]
config.test_source_root = str(Path(__file__).parent)
config.test_exec_root = config.test_source_root
# xnn-opt, xdsl-opt and filecheck of the environment that lit itself comes from
config.environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
