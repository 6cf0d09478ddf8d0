"""Runs the benchmarks, each in a process of its own: all, or those named on the command line.

python -m tests.benchmarks [startup compile_resnet50 ...]
"""

import subprocess
import sys
from pathlib import Path

# the quick ones first
BENCHMARKS = (
    "startup",
    "compile_resnet50",
    "text_resnet50",
    "retime_resnet50",
    "explain_resnet50",
    "page_resnet50",
    "execute_resnet50",
    "integers",
    "explore_squeezenet",
    "chain",
    "memory_vgg19",
)


def main() -> int:
    folder = Path(__file__).parent
    commands = [
        [sys.executable, "-m", f"tests.benchmarks.{name}"] for name in sys.argv[1:] or BENCHMARKS
    ]
    return max(subprocess.run(command, cwd=folder.parent.parent).returncode for command in commands)


if __name__ == "__main__":
    sys.exit(main())
