"""The page of a run of ResNet-50: what it costs beside the run, its size, how soon a browser shows it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from xdsl.dialects.builtin import ModuleOp

from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from tests.tools.browser import CHROMIUM, open_browser, opened
from xnn import compile
from xnn.runtime.report.page import LevelTexts, contents_of, run_page
from xnn.tools.api import Hooks

FIRST_VIEW = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> None:
    texts, spent = LevelTexts(), [0.0]

    def on_level(level: str, module: ModuleOp) -> None:
        spent.append(cpu_seconds(lambda: texts.take(level, module))[1])

    with saved_network("resnet50") as path:
        program = compile(path, hooks=Hooks(on_level=on_level))
    report, machine = program.report, program.session.machine
    assert machine is not None
    page, making = cpu_seconds(lambda: run_page(contents_of(report, machine, texts), "ResNet-50"))
    figures = [
        Figure("page, beside the run", sum(spent) + making, "CPU s", 5),
        Figure("page, size", len(page.encode()) / 1e6, "MB", 10),
    ]
    if CHROMIUM is not None:
        figures += _in_browser(page)
    print_table("page of ResNet-50, float32 on edge", figures)


def _in_browser(page: str) -> list[Figure]:
    with TemporaryDirectory() as folder, open_browser() as browser:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        shown, _ = opened(browser, path)
        first, drawn = shown.evaluate(f"[{FIRST_VIEW}, performance.now()]")
    return [
        Figure("first view", first / 1000, "s", 2),
        Figure("all charts drawn", drawn / 1000, "s"),
    ]


if __name__ == "__main__":
    main()
