"""The rule of memory rows, byte by byte: what the tests of streams of vectors count with."""

from collections.abc import Iterable

from hypothesis import strategies as st

from xnn.runtime.engines.matmul_streams import Read
from xnn.runtime.engines.vectors import Row

Vector = Iterable[tuple[int, int]]
"""Elements as first byte and number of bytes, from the operand's first byte on."""


def read(vectors: Iterable[Vector], row: Row) -> Read:
    """A vector costs the rows of its bytes that the one before it did not touch."""
    held, rows, count = set[int](), 0, 0
    for vector in vectors:
        touched = {
            (row.start + byte) // row.bytes
            for start, size in vector
            for byte in range(start, start + size)
        }
        if touched:  # one without bytes leaves what is held
            rows, held, count = rows + len(touched - held), touched, count + 1
    return Read(rows, count)


rows_of_memory = st.sampled_from([1, 3, 8, 16, 64]).flatmap(
    lambda bytes: st.builds(Row, st.just(bytes), st.integers(0, bytes - 1))
)
