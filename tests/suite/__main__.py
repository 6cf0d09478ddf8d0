"""Runs the whole suite and records it: ten minutes on two cores.

python -m tests.suite [PROCESSES]
"""

import sys

from tests.suite.record import make, write

record = make(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
write(record)
print(f"{record.cases - len(record.failures)} of {record.cases} cases pass", file=sys.stderr)
