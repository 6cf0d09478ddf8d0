"""`xnn-plan`: offsets in one memory for buffers with known lifetimes.

xnn-plan buffers.csv --capacity 1048576 -o plan.csv
"""

import argparse
import sys

from xnn.tools.command_line.listings import add_information
from xnn.tools.command_line.parser import Parser, input_file, tool

DESCRIPTION = """Place buffers with known lifetimes in one memory: no two that are live at the same time share a byte.
Reads a table with the columns id, lower, upper, size: a buffer of `size` bytes lives from time `lower` to
`upper`, which is not in it. Writes a table with the columns id, offset."""


def make_parser() -> Parser:
    """The command line of xnn-plan."""
    parser = Parser("xnn-plan", "BUFFERS.csv --capacity N", DESCRIPTION)
    files = parser.add_argument_group("input and output")
    files.add_argument(
        "buffers", metavar="BUFFERS.csv", type=input_file, help="the buffers, or - for stdin"
    )
    files.add_argument(
        "-o", dest="output", metavar="PLAN.csv", help="where the plan goes, if not to stdout"
    )
    memory = parser.add_argument_group("memory")
    memory.add_argument(
        "--capacity", type=int, required=True, metavar="N", help="bytes of the memory"
    )
    memory.add_argument(
        "--alignment", type=int, default=1, metavar="N", help="of offsets, in bytes (default: 1)"
    )
    search = parser.add_argument_group("search")
    search.add_argument(
        "--steps", type=int, default=500_000, metavar="N", help="the most to try (default: 500000)"
    )
    add_information(parser.add_argument_group("information"), "xnn-plan")
    return parser


def run(options: argparse.Namespace) -> int:
    from xnn.tools.command_line.plan import plan

    plan(options)
    return 0


main = tool(make_parser, run)

if __name__ == "__main__":
    sys.exit(main())
