"""`xnn-explore`: one network on many machines.

xnn-explore model.onnx --vary matmul.n=16,32,64 --vary local.rows=256:4096:x2 --objective cycles,energy,area
"""

import argparse
import sys

from xnn.tools.command_line.groups import (
    add_effort,
    add_format,
    add_machine,
    add_report,
    add_sizes,
)
from xnn.tools.command_line.listings import add_information
from xnn.tools.command_line.parser import Group, Parser, add_repeatable, tool

DESCRIPTION = """Compile a network for many machines, which differ in some fields of the target, and find those that no
other is better than. All combinations are tried, or a part of them. Every result goes into the study at once:
the same command again computes only what is missing."""


def make_parser() -> Parser:
    """The command line of xnn-explore."""
    parser = Parser("xnn-explore", "MODEL --vary SECTION.KEY=VALUES", DESCRIPTION)
    network = parser.add_argument_group("network")
    network.add_argument("model", metavar="MODEL", help=".onnx, or .mlir of level xnn")
    add_sizes(network)
    add_machine(parser.add_argument_group("machine"))
    compilation = parser.add_argument_group("compilation")
    add_format(compilation)
    add_effort(compilation)
    _add_space(parser.add_argument_group("exploration"))
    report = parser.add_argument_group("report")
    add_report(report, "text", "json", "csv", "none")
    report.add_argument("--report-html", metavar="F.html", help="a page with charts of all")
    add_information(parser.add_argument_group("information"), "xnn-explore", "--list-targets")
    return parser


def _add_space(group: Group) -> None:
    """What is tried, by whom, and where results are kept."""
    add_repeatable(
        group,
        "--vary",
        metavar="SECTION.KEY=VALUES",
        required=True,
        help="16,32,64 or 256:4096:x2 or 8:32:+8",
    )
    group.add_argument(
        "--objective",
        metavar="NAME,...",
        default="cycles,energy,area",
        help="make small: cycles, time, energy, area, traffic",
    )
    some = group.add_mutually_exclusive_group()
    some.add_argument("--samples", type=int, metavar="N", help="try N random combinations")
    some.add_argument("--search", type=int, metavar="N", help="try N, chosen by results so far")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="of samples and searches")
    group.add_argument(
        "--study", metavar="F.db|URL", help="database of the results (default: in memory)"
    )
    group.add_argument(
        "--scheduler", metavar="URL", help="tcp://HOST:PORT of Dask (default: cores here)"
    )


def run(options: argparse.Namespace) -> int:
    from xnn.tools.command_line.explore import explore

    return explore(options)


main = tool(make_parser, run)

if __name__ == "__main__":
    sys.exit(main())
