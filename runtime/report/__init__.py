"""What a run reports: totals with their lower bounds beside them, and a row per layer."""

from xnn.runtime.report.counting import build_report
from xnn.runtime.report.report import Report

__all__ = ["Report", "build_report"]
