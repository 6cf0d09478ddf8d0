"""`xnn-compare`: what changed between two runs.

xnn-compare before.json after.json --fail-above 2%
"""

import argparse
import sys
from collections.abc import Sequence

from xnn.tools.command_line.errors import user_errors
from xnn.tools.command_line.flags import raise_usage_error, refuse_empty

DESCRIPTION = """Compare two reports of xnn-run --report json, of two machines, two networks or two versions of the
compiler: what changed in each layer, the largest change of cycles first, and in all."""


def make_parser() -> argparse.ArgumentParser:
    """The command line of xnn-compare."""
    parser = argparse.ArgumentParser("xnn-compare", description=DESCRIPTION, allow_abbrev=False)
    parser.error = lambda message: raise_usage_error(parser, message)
    parser.add_argument("before", metavar="BEFORE.json", help="the report to compare with")
    parser.add_argument("after", metavar="AFTER.json", help="the report that is compared")
    parser.add_argument(
        "--fail-above",
        metavar="N%",
        help="exit with 1 if AFTER takes more than so many per cent more cycles",
    )
    parser.add_argument("--report", choices=("text", "json", "markdown", "none"), default="text")
    parser.add_argument(
        "--report-file", metavar="F", help="where the report goes, if not to stdout"
    )
    return parser


@user_errors
def main(arguments: Sequence[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    refuse_empty(parser, options)
    from xnn.tools.command_line.compare import compare  # --help need not wait for NumPy

    return compare(options)


if __name__ == "__main__":
    sys.exit(main())
