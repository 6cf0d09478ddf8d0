"""What `xnn-compare` does with its arguments."""

import argparse
import json
import re
from fractions import Fraction

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.files import replacing, require_apart, require_places
from xnn.runtime.report.comparison import Comparison
from xnn.runtime.report.comparison_page.comparison_page import comparison_page, require_libraries
from xnn.runtime.report.stored import load_report
from xnn.tools.command_line.output import terminal_width, write_report


def compare(options: argparse.Namespace) -> int:
    """Compare and report; raises UserError where cycles rose above the limit."""
    limit = _share(options.fail_above) if options.fail_above else None
    if options.report_html:
        require_libraries()
    written = [*filter(None, (options.report_file, options.report_html))]
    require_places(written)
    require_apart(written, (options.before, options.after))
    comparison = Comparison(load_report(options.before), load_report(options.after))
    write_report(options, _in_form(options, comparison))
    if options.report_html:
        with replacing(options.report_html) as temporary:
            temporary.write_text(comparison_page(comparison), encoding="utf-8")
    before, after = comparison.before.costs.cycles, comparison.after.costs.cycles
    if limit is not None and after > before * (1 + limit):
        rise = f"{after / before - 1:.2%}, from {before:,} to {after:,}"
        raise UserError(f"cycles rose by {rise}: above {options.fail_above}")
    return 0


def _share(text: str) -> Fraction:
    """`2%` as a number; raises UserError for what is not of this form."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?%", text):
        raise UserError(f"--fail-above {text}: expected N%, as in 2% or 0.5%")
    return Fraction(text.removesuffix("%")) / 100


def _in_form(options: argparse.Namespace, comparison: Comparison) -> str:
    match options.report:
        case "json":
            return json.dumps(comparison.json(), indent=2)
        case "markdown":
            return comparison.markdown()
        case _:
            return comparison.text(terminal_width(options))
