"""`xnn-opt`: xDSL's optimizer driver with every pass as a flag, ONNX input and errors in one line.

xnn-opt model.onnx --bind N=1 --lower-to-primitives --target edge -o model.mlir
"""

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from typing import IO

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.printer import Printer
from xdsl.xdsl_opt_main import xDSLOptMain

from xnn.runtime.extensions import multiverse
from xnn.runtime.io.files import open_input, replacing, require_apart
from xnn.tools.command_line.errors import user_errors
from xnn.tools.command_line.flags import take_passes
from xnn.tools.command_line.groups import (
    add_choices,
    add_machine,
    add_operators,
    add_sizes,
    add_tensors,
)
from xnn.tools.command_line.inherited import add_inherited
from xnn.tools.command_line.listings import add_information
from xnn.tools.command_line.parser import HelpFormatter, raise_usage_error, refuse_empty
from xnn.tools.parsing import STDIN, holds_model, import_stream, make_context, parse_module
from xnn.tools.pass_list import build_passes, run_passes
from xnn.tools.pass_specs import SETTINGS
from xnn.tools.verification import verify
from xnn.tools.weight_paths import printable_weights, weight_files

DESCRIPTION = """Read a network (.onnx, or .mlir of any level), apply passes in the order given and
print the result. Every pass is a flag, --NAME or --NAME="option=value option=value", and
--list-passes names them."""

GROUPS = ("network", "machine", "compilation", "output", "checking", "information")
"""Of the flags, as --help shows them."""


class XnnOpt(xDSLOptMain):
    """One run of the tool; the pipeline is taken from the arguments before argparse sees them."""

    def __init__(self, arguments: Sequence[str]):
        self.pass_names = multiverse()[0].all_passes
        self.specs, rest = take_passes(arguments, self.pass_names, SETTINGS)
        super().__init__(DESCRIPTION, rest)

    def register_all_dialects(self) -> None:
        self.ctx = make_context()

    def register_all_passes(self) -> None:
        self.available_passes = dict(self.pass_names)

    def register_all_targets(self) -> None:
        self.available_targets = {**self.available_targets, **multiverse()[0].all_targets}

    def register_all_frontends(self) -> None:
        self.available_frontends = {"mlir": self.parse_text, "onnx": self.import_onnx}

    def register_all_arguments(self, arg_parser: argparse.ArgumentParser) -> None:
        self.arg_parser = arg_parser
        arg_parser.prog = "xnn-opt"
        arg_parser.usage = "xnn-opt [flags] [--PASS ...] [MODEL]"
        arg_parser.formatter_class = HelpFormatter
        arg_parser.allow_abbrev = False
        flags = [f"--{name}" for name in self.pass_names]
        # xDSL's --target is an output format: it stays as -t; its --version and -h give way to ours
        arg_parser.error = lambda message: raise_usage_error(
            arg_parser, message.replace("-t/--target", "-t"), flags
        )
        arg_parser.conflict_handler = "resolve"
        xdsl = argparse.ArgumentParser(add_help=False)
        super().register_all_arguments(xdsl)
        groups = {name: arg_parser.add_argument_group(name) for name in GROUPS}
        add_inherited(groups, xdsl)
        add_operators(groups["network"])
        add_sizes(groups["network"])
        add_tensors(groups["network"])
        add_machine(groups["machine"])
        add_choices(groups["compilation"])
        add_information(groups["information"], "xnn-opt", "--list-passes", "--list-targets")

    def setup_pipeline(self) -> None:
        refuse_empty(self.arg_parser, self.args)
        self.passes = build_passes(self.specs, self.available_passes)

    def get_input_stream(self) -> tuple[IO[bytes], str]:
        if self.args.input_file == "-":
            self.args.input_file = None
        path = self.args.input_file or STDIN
        stream = open_input(path) if path != STDIN else BytesIO(sys.stdin.buffer.read())
        return stream, "onnx" if holds_model(path, stream) else "mlir"

    def parse_chunk(
        self, chunk: IO[bytes], file_extension: str, start_offset: int = 0
    ) -> ModuleOp | None:
        self.line_offset = start_offset
        module = super().parse_chunk(chunk, file_extension, start_offset)
        if module is not None and self.output_file is not None:
            read = [self.args.input_file or "", *weight_files(module)]
            read += [str(option) for each in self.passes for option in vars(each).values()]
            require_apart([self.output_file], read)
        return module

    def parse_text(self, stream: IO[bytes]) -> ModuleOp:
        return parse_module(
            stream,
            self.ctx,
            name=self.args.input_file or STDIN,
            line_offset=self.line_offset,
            implicit_module=not self.args.no_implicit_module,
        )

    def import_onnx(self, stream: IO[bytes]) -> ModuleOp:
        from xnn.passes.module.xnn_bind import XnnBind  # text need not wait for it

        binds = [each for each in self.passes if isinstance(each, XnnBind)]
        self.passes = [each for each in self.passes if each not in binds]
        return import_stream(self.args.input_file or "/dev/stdin", stream, binds)

    def apply_passes(self, prog: ModuleOp) -> None:
        verified = not self.args.disable_verify
        if verified:
            verify(prog)
        run_passes(prog, self.passes, self.ctx, verified=verified, after_each=self.after_pass)

    def after_pass(self, prog: ModuleOp, done: ModulePass, seconds: float, is_last: bool) -> None:
        """What --time-passes and --print-between-passes ask for: on stderr, for stdout is IR."""
        if self.args.time_passes:
            print(f"pass {done.name} took {seconds:.3f} s", file=sys.stderr)
        if self.args.print_between_passes and not is_last:
            print(f"// IR after {done.name}:", file=sys.stderr)
            Printer(stream=sys.stderr).print_op(prog)
            print("\n", file=sys.stderr)

    def output_resulting_program(self, prog: ModuleOp) -> str:
        with printable_weights(prog, self.output_file):
            return super().output_resulting_program(prog)

    def run(self) -> None:
        """Read, transform, print; the output file appears whole or not at all."""
        self.output_file = self.args.output_file
        if self.output_file in ("-", "/dev/stdout"):
            self.output_file = None
        if self.output_file is None:
            self.args.output_file = None
            super().run()
            return
        with replacing(self.output_file) as temporary:
            self.args.output_file = temporary
            super().run()


@user_errors
def main(arguments: Sequence[str]) -> int:
    XnnOpt(arguments).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
