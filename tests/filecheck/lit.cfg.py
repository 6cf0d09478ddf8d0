"""lit: each .mlir file says in its RUN lines which command it tests."""

import os
import sys
from pathlib import Path

import lit.formats

config = globals()["config"]  # lit runs this file with it in scope
config.name = "xnn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = str(Path(__file__).parent)
config.test_exec_root = config.test_source_root
# xnn-opt, xdsl-opt and filecheck of the environment that lit itself comes from
config.environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
