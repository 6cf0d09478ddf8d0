"""`xnn-run`: compile a network, run it at any level, report what it cost.

xnn-run model.onnx --inputs in.npz --outputs out.npz --target edge --report json
"""

import argparse
import sys
from collections.abc import Sequence

from xnn.dialects import LEVELS
from xnn.tools.command_line.errors import user_errors
from xnn.tools.command_line.flags import (
    add_operators,
    add_settings,
    raise_usage_error,
    refuse_empty,
)
from xnn.tools.command_line.listings import add_listings
from xnn.tools.command_line.pictures import add_pictures
from xnn.tools.pass_specs import FLOAT_FORMATS, INTEGER_FORMATS

DESCRIPTION = """Compile a network (.onnx, or .mlir of any level), run it at one level, and report what the run cost.
Without --inputs the inputs are random."""


def make_parser() -> argparse.ArgumentParser:
    """The command line of xnn-run."""
    parser = argparse.ArgumentParser("xnn-run", description=DESCRIPTION, allow_abbrev=False)
    parser.error = lambda message: raise_usage_error(parser, message)
    parser.add_argument(
        "model",
        metavar="MODEL",
        type=lambda path: "/dev/stdin" if path == "-" else path,
        help="the network: .onnx, or .mlir of any level, or - for stdin",
    )
    add_operators(parser)
    add_settings(parser)
    precision = parser.add_argument_group("precision")
    precision.add_argument(
        "--quantize",
        metavar="FORMAT",
        help=f"compute in {', '.join((*INTEGER_FORMATS, *FLOAT_FORMATS))}; options of the pass "
        "`quantize` may follow a format of integers: 'int8 rounding=gptq'",
    )
    precision.add_argument(
        "--calibrate", metavar="F.npz", help="inputs to take the ranges of feature maps from"
    )
    precision.add_argument(
        "--compare-float",
        action="store_true",
        help="with --quantize: report the error of every layer, and name the first where it jumps",
    )
    run = parser.add_argument_group("the run")
    run.add_argument(
        "--check",
        action="store_true",
        help="instead of a run: whether it would run, where its operators would, all that keeps it from it",
    )
    run.add_argument(
        "--advise",
        action="store_true",
        help="instead of a run: what would make it faster, measured by compiling it some twenty times",
    )
    run.add_argument("--level", choices=LEVELS, default="dsa", help="run there (default: dsa)")
    run.add_argument("--inputs", metavar="F.npz", help="the inputs by name, one or many samples")
    run.add_argument("--outputs", metavar="F.npz", help="where to store the outputs by name")
    run.add_argument(
        "--at",
        dest="places",
        metavar="NAME=ADDRESS",
        action="append",
        default=[],
        help="tie a dynamic tensor to an address; may be repeated (default: behind all others)",
    )
    run.add_argument("--state", metavar="F.npz", help="state to start from (default: zeros)")
    run.add_argument("--save-state", metavar="F.npz", help="where to store the state at the end")
    run.add_argument(
        "--labels", metavar="F.npz", help="a class for each sample, to report the accuracy"
    )
    run.add_argument("--seed", type=int, default=0, metavar="N", help="of random inputs")
    run.add_argument(
        "--time-only",
        action="store_true",
        help="report what a run costs without computing values: time does not depend on data (level dsa)",
    )
    run.add_argument("--sanitize", action="store_true", help="check every memory access")
    run.add_argument(
        "--check-each-pass",
        action="store_true",
        help="run after every pass too, and name the first layer whose values change",
    )
    run.add_argument("--expect", metavar="F.npz", help="compare the outputs with these")
    run.add_argument(
        "--tolerance",
        type=float,
        default=1e-4,
        metavar="T",
        help="for --expect, relative to the largest expected value (default: 1e-4)",
    )
    out = parser.add_argument_group("output")
    out.add_argument(
        "--report",
        choices=("text", "json", "csv", "markdown", "none"),
        default="text",
        help="its form (default: text); csv has the layers only, in full",
    )
    out.add_argument(
        "--sort",
        choices=("cycles", "waste", "energy"),
        help="layers by their cycles, by those in which the multipliers idle, by energy; the largest first",
    )
    out.add_argument("--report-file", metavar="F", help="where the report goes, if not to stdout")
    out.add_argument(
        "--report-html",
        metavar="F.html",
        help="write the report as one page that opens from disk (level dsa)",
    )
    out.add_argument(
        "--price",
        metavar="LAYER",
        help="instead of a run: what each node of the layer costs, term by term",
    )
    out.add_argument(
        "--trace",
        metavar="F",
        help="write a trace of all engines for ui.perfetto.dev, packed if F ends in .gz (level dsa)",
    )
    add_pictures(parser)
    out.add_argument("--dump-levels", metavar="DIR", help="write the text of each level there")
    add_listings(parser, "xnn-run")
    return parser


@user_errors
def main(arguments: Sequence[str]) -> int:
    parser = make_parser()
    options = parser.parse_args(arguments)
    refuse_empty(parser, options)
    from xnn.tools.command_line.run import run  # --help need not wait for the compiler

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
