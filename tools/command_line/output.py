"""Where a report goes."""

import argparse
import shutil
import sys

from xnn.runtime.io.files import replacing


def write_report(options: argparse.Namespace, text: str) -> None:
    """The report to the place that was asked for by `--report` and `--report-file`."""
    if options.report == "none":
        return
    if options.report_file:
        with replacing(options.report_file) as temporary:
            temporary.write_text(text + "\n")
    else:
        print(text)


def terminal_width(options: argparse.Namespace) -> int | None:
    """Characters of a line where the report goes to a terminal; None where a line may have any length."""
    on_terminal = not options.report_file and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if on_terminal else None
