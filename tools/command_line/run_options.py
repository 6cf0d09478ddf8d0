"""What the options of `xnn-run` ask for: checked before the long work, and as arguments of `compile`."""

import argparse
import sys
from collections.abc import Collection, Iterable
from typing import Any

from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.runtime.extensions import multiverse
from xnn.runtime.io.files import open_input, require_places
from xnn.tools.command_line.flags import parse_bindings, parse_shapes
from xnn.tools.command_line.pictures import PICTURES
from xnn.tools.pass_list import build_passes
from xnn.tools.pass_specs import quantizing_passes


def check_files(options: argparse.Namespace) -> None:
    """Find missing files before the long work; raises OSError or UserError."""
    for path in files_read(options):
        open_input(path).close()
    require_places(filter(None, files_written(options)))


def files_read(options: argparse.Namespace) -> list[str]:
    """The files that the options name as inputs."""
    quantizing = quantizing_passes(options.quantize, options.calibrate)
    calibrate = [str(file) for each in quantizing for file in each.parameters.get("calibrate", ())]
    read = (options.model, options.inputs, options.state, options.labels, options.expect)
    return [*filter(None, read), *calibrate]


def files_written(options: argparse.Namespace) -> list[str | None]:
    """The files, without those of --dump-levels, that the options name as outputs."""
    others = options.outputs, options.save_state, options.report_file, options.report_html
    others += options.report_onnx, options.trace
    return [*others, *(picture.path(options) for picture in PICTURES)]


def check_precision(options: argparse.Namespace) -> None:
    """Warn of random ranges; raises UserError for flags that need --quantize."""
    passes = {spec.name: spec.parameters for spec in quantizing_passes(options.quantize, None)}
    chosen = passes.get("quantize", {})
    takes_ranges = "quantize" in passes and chosen.get("dynamic", (False,)) == (False,)
    if takes_ranges and "calibrate" not in chosen and not options.calibrate:
        print(
            "warning: ranges for --quantize come from random inputs; --calibrate F.npz names real ones",
            file=sys.stderr,
        )
    if options.compare_float and not options.quantize:
        raise UserError("--compare-float is for --quantize FORMAT, which is missing")


NEED_VALUES = (
    "outputs",
    "keep_maps",
    "expect",
    "labels",
    "save_state",
    "check_each_pass",
    "compare_float",
)
"""Options that are about what a run computes."""


def check_values(options: argparse.Namespace) -> None:
    """Raises UserError for options about values where none are computed."""
    if options.time_only and (found := [name for name in NEED_VALUES if getattr(options, name)]):
        flag = found[0].replace("_", "-")
        raise UserError(f"--{flag} is about values, which --time-only does not compute")
    if options.step and any(
        (*files_written(options), *(getattr(options, name) for name in NEED_VALUES))
    ):
        raise UserError("--step shows nodes: it writes no files and compares nothing")
    if options.keep_maps and not options.outputs and not options.expect:
        raise UserError("--keep-maps is for --outputs F.npz, which is missing")


def layers_of(names: Iterable[str], known: Collection[str]) -> list[str]:
    """The layers that --keep-maps names, separated by commas unless one of the `known` has them in its name."""
    parts = [[each] if each in known else each.split(",") for each in names]
    return [*dict.fromkeys(name for each in parts for name in each)]


def passes_of(options: argparse.Namespace) -> list[ModulePass]:
    """The passes that the options name; raises UserError for what is none."""
    return build_passes(options.passes, multiverse()[0].all_passes)


def machine_and_sizes(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say of the machine and of the sizes of dimensions, as arguments of `compile`."""
    return {
        "target": options.machine,
        "settings": options.settings,
        "bindings": parse_bindings(options.bindings),
        "input_shapes": parse_shapes(options.input_shapes),
    }
