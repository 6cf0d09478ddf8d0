"""What other people's passes leave is run, or refused in one line."""

import re
from pathlib import Path

import pytest

from xnn.tools import xnn_opt, xnn_run

DIGITS = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"


@pytest.mark.parametrize("level", ["prim", "dsa"])
def test_several_blocks_are_refused_in_one_line(tmp_path, capsys, level: str):
    text = str(tmp_path / "branches.mlir")
    steps = "lower-to-primitives,prim-expand-tiles,convert-scf-to-cf"
    assert xnn_opt.main([str(DIGITS), "--target=edge", "-p", steps, "-o", text]) == 0
    assert xnn_run.main([text, "--level", level]) == 1
    # in the text the first block has no label; how many loops there are depends on the schedules
    lines = Path(text).read_text().splitlines()
    blocks = 1 + sum(re.match(r"  \^bb\d+.*:$", line) is not None for line in lines)
    assert blocks > 30
    assert capsys.readouterr().err.splitlines() == [
        f"error: function @main has {blocks} blocks, expected one",
        "hint: leave out passes such as convert-scf-to-cf",
    ]
