"""What is recorded of the suite, in `results.json`."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from multiprocessing import Pool
from pathlib import Path

import onnx

from tests.suite.cases import cases
from tests.suite.running import fault_of, where

PATH = Path(__file__).parent / "results.json"


@dataclass
class OperatorRecord:
    """The cases that an operator occurs in, how many of them pass, the smallest of these, and where it ran.

    `fault` is that of one that fails, if none passes.
    """

    cases: int = 0
    passed: int = 0
    sample: str = ""
    fault: str = ""
    runs_on: dict[str, int] = field(default_factory=dict)


@dataclass
class Record:
    """The results of `cases` cases of a version of the onnx package: by operator, and the faults by case."""

    onnx: str
    cases: int
    operators: dict[str, OperatorRecord]
    failures: dict[str, str]

    @property
    def sample(self) -> list[str]:
        """Cases that pass, and in which each operator that can pass occurs."""
        return sorted({each.sample for each in self.operators.values() if each.sample})


def read() -> Record:
    """The recorded results."""
    data = json.loads(PATH.read_text())
    operators = {name: OperatorRecord(**each) for name, each in data["operators"].items()}
    return Record(data["onnx"], data["cases"], operators, data["failures"])


@dataclass(frozen=True)
class _Result:
    """What is recorded of a case."""

    name: str
    operators: set[str]
    size: tuple[int, int, str]
    fault: str
    runs_on: dict[str, Counter[str]]


def _result(name: str) -> _Result:
    case = cases()[name]
    fault = fault_of(case)
    return _Result(name, case.operators, case.size, fault, {} if fault else where(case))


def make(processes: int) -> Record:
    """The results of running all cases now."""
    names = list(cases())  # before the processes are forked: each has them then
    with Pool(processes) as pool:
        results = list(pool.imap(_result, names, chunksize=4))
    operators = defaultdict[str, OperatorRecord](OperatorRecord)
    for name in sorted({name for each in results for name in each.operators}):
        found = [each for each in results if name in each.operators]
        passed = [each for each in found if not each.fault]
        counts = sum((each.runs_on.get(name, Counter()) for each in passed), Counter[str]())
        operators[name] = OperatorRecord(
            cases=len(found),
            passed=len(passed),
            sample=min(passed, key=lambda each: each.size).name if passed else "",
            fault="" if passed else found[0].fault,
            runs_on=dict(sorted(counts.items())),
        )
    failures = {each.name: each.fault for each in results if each.fault}
    return Record(onnx.__version__, len(names), operators, dict(sorted(failures.items())))


def write(record: Record) -> None:
    """Record it."""
    lines = [f'{{"onnx": {json.dumps(record.onnx)}, "cases": {record.cases}, "operators": {{']
    lines += [
        ",\n".join(f"{json.dumps(n)}: {json.dumps(asdict(o))}" for n, o in record.operators.items())
    ]
    lines += ['}, "failures": {']
    lines += [",\n".join(f"{json.dumps(n)}: {json.dumps(f)}" for n, f in record.failures.items())]
    PATH.write_text("\n".join([*lines, "}}"]) + "\n")
