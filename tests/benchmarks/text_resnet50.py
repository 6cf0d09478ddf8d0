"""Printing, parsing and verifying ResNet-50 at the level of machine instructions."""

import io

from tests.benchmarks.levels import compile_by_stages
from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn.tools.parsing import make_context, parse_module


def main() -> None:
    with saved_network("resnet50") as path:
        module = compile_by_stages(path)[0].module
        text, printing = cpu_seconds(lambda: str(module))
        stream = io.BytesIO(text.encode())
        parsed, parsing = cpu_seconds(lambda: parse_module(stream, make_context()))
        _, verifying = cpu_seconds(parsed.verify)
    print_table(
        "text of ResNet-50 at level dsa",
        [
            Figure("operations", sum(1 for _ in module.walk()), "", 5000),
            Figure("size", len(text) / 1e6, "MB"),
            Figure("print", printing, "CPU s", 3),
            Figure("parse and verify", parsing + verifying, "CPU s", 6),
        ],
    )


if __name__ == "__main__":
    main()
