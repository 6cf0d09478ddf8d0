"""The flags that xnn-opt has from xdsl-opt: in which group, and what they do, in a line."""

import argparse
from collections.abc import Mapping
from typing import NamedTuple

from xnn.tools.command_line.parser import Group


class Flag(NamedTuple):
    """Where a flag stands in the help, and what stands there."""

    group: str
    help: str
    metavar: str | None = None


FLAGS = {
    "input_file": Flag("network", ".onnx, or .mlir of any level, or - for stdin", "MODEL"),
    "frontend": Flag("network", "mlir or onnx, whatever the name says", "FORM"),
    "allow_unregistered_dialect": Flag("network", "take operations of unknown dialects"),
    "no_implicit_module": Flag("network", "add no module around what has none"),
    "split_input_file": Flag("network", "`// -----` stands between several networks"),
    "passes": Flag("compilation", "these in turn, a,b{x=1}; as --a --b='x=1' does", "LIST"),
    "output_file": Flag("output", "where the text goes, if not to stdout", "F"),
    "target": Flag("output", "another form, as in -t llvm (default: mlir)", "FORM"),
    "print_op_generic": Flag("output", "operations in the generic form"),
    "print_no_properties": Flag("output", "properties as attributes, as in old MLIR"),
    "print_debuginfo": Flag("output", "locations too"),
    "syntax_highlight": Flag("output", "in colours, on a terminal"),
    "print_between_passes": Flag("output", "the text between passes too, on stderr"),
    "time_passes": Flag("output", "the seconds of each pass, on stderr"),
    "disable_verify": Flag("checking", "do not verify the network"),
    "verify_diagnostics": Flag("checking", "print faults of verifiers, and exit with 0"),
    "parsing_diagnostics": Flag("checking", "print faults of the text, and exit with 0"),
    "shrink": Flag("checking", "exit with 0 at what shrinkray looks for"),
    "version": Flag("information", "print the version of xDSL"),
}
"""By the names of the options."""


def add_inherited(groups: Mapping[str, Group], xdsl: argparse.ArgumentParser) -> None:
    """Put the flags of `xdsl` into the groups."""
    for action in xdsl._actions:
        name, action.help, metavar = FLAGS[action.dest]
        action.metavar = metavar or action.metavar
        groups[name]._add_action(action)
