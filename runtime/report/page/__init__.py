"""The report as one page that opens from disk: what it shows, and how it becomes one file."""

from xnn.runtime.report.page.contents import contents_of
from xnn.runtime.report.page.run_page import require_libraries, run_page
from xnn.runtime.report.page.texts import LevelTexts

__all__ = ["LevelTexts", "contents_of", "require_libraries", "run_page"]
