"""`xnn-run`: compile a network, run it at any level, report what it cost.

xnn-run model.onnx --inputs in.npz --outputs out.npz --target edge --report json
"""

import argparse
import sys

from xnn.dialects import LEVELS
from xnn.tools.command_line.flags import PassParser, add_passes
from xnn.tools.command_line.groups import (
    add_choices,
    add_format,
    add_machine,
    add_operators,
    add_report,
    add_sizes,
    add_tensors,
)
from xnn.tools.command_line.listings import add_information
from xnn.tools.command_line.parser import (
    Group,
    Parser,
    add_repeatable,
    enumeration,
    input_file,
    tool,
)
from xnn.tools.command_line.pictures import add_pictures

DESCRIPTION = """Compile a network (.onnx, or .mlir of any level), run it at one level, and report what the run cost.
Without --inputs they are random."""


def make_parser() -> Parser:
    """The command line of xnn-run."""
    parser = PassParser("xnn-run", "[--PASS ...] MODEL", DESCRIPTION)
    network = parser.add_argument_group("network")
    network.add_argument(
        "model",
        metavar="MODEL",
        type=input_file,
        help=".onnx, or .mlir of any level, or - for stdin",
    )
    add_operators(network)
    add_sizes(network)
    add_tensors(network)
    add_machine(parser.add_argument_group("machine"))
    compilation = parser.add_argument_group("compilation")
    add_format(compilation)
    add_choices(compilation)
    add_passes(compilation)
    compilation.add_argument(
        "--dump-levels", metavar="DIR", help="write the text of each level there"
    )
    _add_files(parser.add_argument_group("input and output"))
    _add_run(parser.add_argument_group("run"))
    _add_checking(parser.add_argument_group("checking"))
    report = parser.add_argument_group("report")
    add_report(report, "text", "json", "csv", "markdown", "none")
    _add_reports(report)
    add_pictures(parser)
    add_information(
        parser.add_argument_group("information"), "xnn-run", "--list-passes", "--list-targets"
    )
    return parser


def _add_files(group: Group) -> None:
    """What the network reads and what it writes."""
    group.add_argument("--inputs", metavar="F.npz", help="inputs by name, of one or many samples")
    group.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of random inputs (default: 0)"
    )
    group.add_argument("--outputs", metavar="F.npz", help="store the outputs by name")
    add_repeatable(
        group,
        "--keep-maps",
        metavar="LAYER,LAYER",
        help="with their feature maps",
    )
    group.add_argument("--state", metavar="F.npz", help="state to start from (default: zeros)")
    group.add_argument("--save-state", metavar="F.npz", help="store the state at the end")
    add_repeatable(
        group,
        "--at",
        dest="places",
        metavar="NAME=ADDRESS",
        help="tie a dynamic tensor to an address",
    )


def _add_run(group: Group) -> None:
    """What is done with the compiled network."""
    group.add_argument(
        "--level",
        choices=LEVELS,
        default="dsa",
        metavar="LEVEL",
        help=f"{enumeration(LEVELS)} (default: dsa)",
    )
    group.add_argument(
        "--time-only", action="store_true", help="no values, only what they cost (level dsa)"
    )
    group.add_argument(
        "--check", action="store_true", help="instead: whether it would run, and where"
    )
    group.add_argument("--advise", action="store_true", help="instead: what would make it faster")
    group.add_argument("--step", action="store_true", help="instead: node by node (level dsa)")
    group.add_argument(
        "--price", metavar="LAYER", help="instead: what a layer's nodes cost, by term"
    )


def _add_checking(group: Group) -> None:
    """What is compared with what."""
    group.add_argument("--sanitize", action="store_true", help="check every memory access")
    group.add_argument(
        "--check-each-pass", action="store_true", help="find the first pass that changes values"
    )
    group.add_argument("--expect", metavar="F.npz", help="compare the outputs with these")
    group.add_argument(
        "--tolerance",
        type=float,
        default=1e-4,
        metavar="T",
        help="of --expect, relative (default: 1e-4)",
    )
    group.add_argument(
        "--compare-float", action="store_true", help="the error of --quantize, layer by layer"
    )
    group.add_argument("--labels", metavar="F.npz", help="the class of each sample: the accuracy")


def _add_reports(group: Group) -> None:
    """Forms of the report that only a run has."""
    group.add_argument(
        "--sort",
        choices=("cycles", "waste", "energy"),
        metavar="BY",
        help="layers by cycles, waste of cycles, or energy",
    )
    group.add_argument("--report-html", metavar="F.html", help="a page, for a browser (level dsa)")
    group.add_argument(
        "--report-onnx", metavar="F.onnx", help="the model with costs of nodes, for Netron"
    )
    group.add_argument("--trace", metavar="F", help="for ui.perfetto.dev; packed if F ends in .gz")


def run(options: argparse.Namespace) -> int:
    from xnn.tools.command_line.run import run

    return run(options)


main = tool(make_parser, run)

if __name__ == "__main__":
    sys.exit(main())
