"""What other people's passes leave is run, or refused in one line."""

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
    assert capsys.readouterr().err.splitlines() == [
        "error: function @main has 73 blocks, expected one",
        "hint: leave out passes such as convert-scf-to-cf",
    ]
