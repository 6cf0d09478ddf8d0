"""`xnn-explore`: one network on many machines.

xnn-explore model.onnx --vary matmul.n=16,32,64 --vary local.rows=256:4096:x2 --objective cycles,energy,area
"""

import argparse
import sys
from collections.abc import Sequence

from xnn.tools.command_line.errors import user_errors
from xnn.tools.command_line.flags import add_machine_and_sizes, raise_usage_error, refuse_empty

DESCRIPTION = """Compile a network for many machines, which differ in some fields of the target, and find those that no
other is better than. All combinations are tried, or a part of them. Every result goes into the study at once:
the same command again computes only what is missing."""


def make_parser() -> argparse.ArgumentParser:
    """The command line of xnn-explore."""
    parser = argparse.ArgumentParser("xnn-explore", description=DESCRIPTION, allow_abbrev=False)
    parser.error = lambda message: raise_usage_error(parser, message)
    parser.add_argument("model", metavar="MODEL", help="the network: .onnx, or .mlir of level xnn")
    add_machine_and_sizes(parser.add_argument_group("target"))
    network = parser.add_argument_group("network")
    network.add_argument("--quantize", metavar="FORMAT", help="as of xnn-run")
    network.add_argument("--calibrate", metavar="F.npz", help="as of xnn-run")
    network.add_argument("--effort", metavar="fast|default|thorough", help="as of xnn-run")
    space = parser.add_argument_group("exploration")
    space.add_argument(
        "--vary",
        metavar="SECTION.KEY=VALUES",
        action="append",
        required=True,
        help="values of a field of the target: 16,32,64 or 256:4096:x2 or 8:32:+8; may be repeated",
    )
    space.add_argument(
        "--objective",
        metavar="NAME,...",
        default="cycles,energy,area",
        help="what should be small: of cycles, time, energy, area, traffic (default: cycles,energy,area)",
    )
    some = space.add_mutually_exclusive_group()
    some.add_argument("--samples", type=int, metavar="N", help="try so many random combinations")
    some.add_argument(
        "--search", type=int, metavar="N", help="try N combinations, chosen by the results so far"
    )
    space.add_argument("--seed", type=int, default=0, metavar="N", help="of samples and searches")
    run = parser.add_argument_group("the run")
    run.add_argument(
        "--study",
        metavar="F.db|URL",
        help="the database that keeps the results: a file, or whatever Optuna takes (default: memory)",
    )
    run.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="a Dask scheduler whose workers compile (default: a process for each core here)",
    )
    out = parser.add_argument_group("output")
    out.add_argument("--report", choices=("text", "json", "csv", "none"), default="text")
    out.add_argument("--report-file", metavar="F", help="where the report goes, if not to stdout")
    out.add_argument("--report-html", metavar="F.html", help="write a page with charts of all")
    return parser


@user_errors
def main(arguments: Sequence[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    refuse_empty(parser, options)
    from xnn.tools.command_line.explore import explore  # --help need not wait for the compiler

    return explore(options)


if __name__ == "__main__":
    sys.exit(main())
