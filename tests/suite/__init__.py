"""ONNX's backend suite: all of its cases, run on the machine; what is recorded of them is `results.json`.

`python -m tests.suite` runs all and records: which fail and why, where each operator ran. The tests
compare with the record, `docs/operators.md` shows it.
"""
