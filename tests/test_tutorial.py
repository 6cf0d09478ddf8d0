"""The tutorial's notebooks run, hold no outputs, and know right answers to their exercises from wrong ones."""

import copy
import re

import jupytext
import nbformat
import pytest

from tests.documents.notebooks import NOTEBOOKS, execute, is_answer

UNANSWERED = re.compile(r"^(\w+) = \.\.\.$", re.MULTILINE)
QUICKEST = "1-products"

slow = [pytest.mark.slow]
notebooks = pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path.stem == QUICKEST else slow) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)


def wrongly_answered(cell):
    """A cell that runs if the exercise in `cell` refuses an answer that is wrong."""
    wrong = "\n".join(
        "    " + line for line in UNANSWERED.sub(r"\1 = -1.5", cell.source).split("\n")
    )
    return nbformat.v4.new_code_cell(
        f"try:\n{wrong}\nexcept AssertionError:\n    pass\nelse:\n    raise ValueError('is accepted')"
    )


@notebooks
def test_a_notebook_runs_and_refuses_wrong_answers(path):
    notebook = jupytext.read(path)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    exercises = [cell for cell in cells if UNANSWERED.search(cell.source)]
    assert len(exercises) >= 3
    notebook.cells = [
        each
        for cell in cells
        for each in (copy.copy(cell), wrongly_answered(cell))[: 1 + (cell in exercises)]
    ]
    execute(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_as_jupytext_writes_it(path):
    """So that one that was edited as a notebook differs in what was edited only, and has no outputs."""
    notebook = jupytext.read(path)
    text = path.read_text()
    assert jupytext.writes(notebook, "md").split("---")[2:] == text.split("---")[2:]
    exercises = [cell for cell in notebook.cells if UNANSWERED.search(cell.source)]
    assert len(exercises) == sum(map(is_answer, notebook.cells))
