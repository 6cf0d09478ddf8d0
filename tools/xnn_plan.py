"""`xnn-plan`: offsets in one memory for buffers with known lifetimes.

xnn-plan buffers.csv --capacity 1048576 -o plan.csv
"""

import argparse
import sys
from collections.abc import Sequence

from xnn.tools.command_line.errors import user_errors
from xnn.tools.command_line.flags import raise_usage_error, refuse_empty

DESCRIPTION = """Place buffers with known lifetimes in one memory: no two that are live at the same time share a byte.
Reads a table with the columns id, lower, upper, size: a buffer of `size` bytes lives from time `lower` to
`upper`, which is not in it. Writes a table with the columns id, offset."""


def make_parser() -> argparse.ArgumentParser:
    """The command line of xnn-plan."""
    parser = argparse.ArgumentParser("xnn-plan", description=DESCRIPTION, allow_abbrev=False)
    parser.error = lambda message: raise_usage_error(parser, message)
    parser.add_argument(
        "buffers",
        metavar="BUFFERS.csv",
        type=lambda path: "/dev/stdin" if path == "-" else path,
        help="the buffers, or - for stdin",
    )
    parser.add_argument(
        "--capacity", type=int, required=True, metavar="N", help="bytes of the memory"
    )
    parser.add_argument(
        "--alignment",
        type=int,
        default=1,
        metavar="N",
        help="place buffers at multiples of so many bytes (default: 1)",
    )
    parser.add_argument(
        "--steps",
        type=int,
        default=500_000,
        metavar="N",
        help="give up after so many steps of the search (default: 500000, some 30 s for 200 buffers)",
    )
    parser.add_argument(
        "-o", dest="output", metavar="PLAN.csv", help="where the plan goes, if not to stdout"
    )
    return parser


@user_errors
def main(arguments: Sequence[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    refuse_empty(parser, options)
    from xnn.tools.command_line.plan import plan  # --help need not wait for NumPy

    plan(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
