"""The suite, compared with its record: a sample in which many operators occur, and the whole of it."""

import onnx
import pytest

from tests.suite.cases import Case, cases
from tests.suite.record import read
from tests.suite.running import fault_of, where

RECORD = read()
PARTS = 40


def differences(case: Case) -> list[str]:
    """Where a case and its record differ, a line each."""
    fault, recorded = fault_of(case), RECORD.failures.get(case.name)
    if recorded is not None:
        return [] if fault else [f"{case.name} passes, but is recorded: {recorded}"]
    return [f"{case.name}: {fault}"] if fault else []


def test_the_record_is_of_this_suite():
    assert onnx.__version__ == RECORD.onnx, "run `make suite`"
    assert len(RECORD.sample) > 100


def test_a_case_of_many_operators():
    """Of all of them below."""
    found = [line for name in RECORD.sample[::10] for line in differences(cases()[name])]
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_all_cases(part):
    names = sorted(cases())
    assert len(names) == RECORD.cases
    found = [line for name in names[part::PARTS] for line in differences(cases()[name])]
    assert not found, "\n".join(found) + "\nrun `make suite` if that is meant"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_operators_run_where_it_is_recorded(part):
    names = [name for name in sorted(cases()) if name not in RECORD.failures]
    found = []
    for name in names[part::PARTS]:
        for operator, counts in where(cases()[name]).items():
            recorded = RECORD.operators[operator].runs_on
            found += [f"{name}: {operator} on {w}" for w in counts if w not in recorded]
    assert not found, "\n".join(found) + "\nrun `make suite` if that is meant"
