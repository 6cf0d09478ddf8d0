"""Text in columns, and names and numbers that fit into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

NAME_WIDTH = 24


def columns(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """Rows in columns as wide as they need to be; those in `left` begin at the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def shortened(names: Sequence[str]) -> list[str]:
    """Names in one line each that fit their column: their ends, longer where that tells two names apart."""
    shown = {name: _printable(name) for name in names}
    width, same, cut = NAME_WIDTH, list(shown), dict[str, str]()
    while same:
        for name in same:
            text = shown[name]
            cut[name] = text if len(text) <= width else "…" + text[-width + 1 :]
        counts = Counter(cut.values())
        same = [name for name in shown if counts[cut[name]] > 1]
        width += 8
    return [cut[name] for name in names]


def _printable(name: str) -> str:
    """`name` with what would break the line as Python escapes it."""
    plain = name.isprintable() and "\\" not in name
    return name if plain else name.encode("unicode_escape").decode()


def si(value: float) -> str:
    """A count with a decimal prefix."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.2f} {unit}"
    return f"{value:.0f}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first `most` of the names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
