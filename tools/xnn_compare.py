"""`xnn-compare`: what changed between two runs.

xnn-compare before.json after.json --fail-above 2%
"""

import argparse
import sys

from xnn.tools.command_line.groups import add_report
from xnn.tools.command_line.listings import add_information
from xnn.tools.command_line.parser import Parser, tool

DESCRIPTION = """Compare two reports of xnn-run --report json, of two machines, two networks or two versions of the
compiler: what changed in each layer, the largest change of cycles first, and in all."""


def make_parser() -> Parser:
    """The command line of xnn-compare."""
    parser = Parser("xnn-compare", "BEFORE.json AFTER.json", DESCRIPTION)
    read = parser.add_argument_group("input")
    read.add_argument("before", metavar="BEFORE.json", help="the report to compare with")
    read.add_argument("after", metavar="AFTER.json", help="the report that is compared")
    checking = parser.add_argument_group("checking")
    checking.add_argument(
        "--fail-above", metavar="N%", help="exit with 1 if AFTER has N%% more cycles"
    )
    report = parser.add_argument_group("report")
    add_report(report, "text", "json", "markdown", "none")
    report.add_argument("--report-html", metavar="F.html", help="a page, for a browser")
    add_information(parser.add_argument_group("information"), "xnn-compare")
    return parser


def run(options: argparse.Namespace) -> int:
    from xnn.tools.command_line.compare import compare

    return compare(options)


main = tool(make_parser, run)

if __name__ == "__main__":
    sys.exit(main())
