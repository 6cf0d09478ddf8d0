"""Tables as text and as Markdown, and names and numbers that fit into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

NAME_WIDTH = 24
"""Of names where nothing says how long a line may be."""
LEAST_NAME_WIDTH = 12
"""Of names in lines that are too short for all columns: below it a column leaves."""
GAP = "  "


@dataclass(frozen=True)
class Column:
    """One column after the names."""

    title: str
    cells: tuple[str, ...]
    is_text: bool = False
    """Begins at the left, as text does; counts end at the right."""
    importance: int = 0
    """Where lines would be too long, the least important columns are left out; 0: never."""


@dataclass(frozen=True)
class Table:
    """Names, and what is said of each."""

    title: str
    """Of the names."""
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str = ""
    """A line below."""

    def text(self, width: int | None = None) -> list[str]:
        """Lines of at most `width` characters, if names can be told apart in them; the names take what is free.

        Without a width names are shortened to NAME_WIDTH, and no column is left out.
        """
        shown, names = self.columns, shortened(self.names)
        while width is not None:
            room = width - sum(_width(column) + len(GAP) for column in shown)
            names = shortened(self.names, max(room, LEAST_NAME_WIDTH))
            optional = [column for column in shown if column.importance]
            if not optional or max(map(len, (self.title, *names))) <= room:
                break
            least = min(optional, key=lambda column: column.importance)
            shown = tuple(column for column in shown if column is not least)
        lines = columns(self._rows(names, shown), _text_columns(shown))
        return [*lines, self.note] if self.note else lines

    def markdown(self) -> list[str]:
        """All columns, with the names as they are."""
        rows = self._rows([_printable(name) for name in self.names], self.columns)
        table = markdown(rows, _text_columns(self.columns))
        return [*table, *(["", self.note] if self.note else [])]

    def html(self) -> str:
        """The same for a notebook."""
        titles, *rows = self._rows(self.names, self.columns)
        return html(rows, _text_columns(self.columns), titles) + paragraph(self.note)

    def _rows(self, names: Sequence[str], shown: Sequence[Column]) -> list[tuple[str, ...]]:
        titles = self.title, *(column.title for column in shown)
        return [titles, *zip(names, *(column.cells for column in shown), strict=True)]


@dataclass(frozen=True)
class Rows:
    """A table without titles, as wide as it needs to be."""

    rows: Sequence[Sequence[str]]
    left: Sequence[int]
    """Columns that begin at the left."""

    def text(self, _: int | None = None) -> list[str]:
        """One line each."""
        return columns(self.rows, self.left)

    def markdown(self) -> list[str]:
        """Under empty titles, for Markdown has none without."""
        return markdown([[""] * len(self.rows[0]), *self.rows], self.left)

    def html(self) -> str:
        """For a notebook."""
        return html(self.rows, self.left)


def columns(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """Rows in columns as wide as they need to be; those in `left` begin at the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        GAP.join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def markdown(rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """A table in Markdown of which the first row is the header; columns in `left` begin at the left."""
    head, *body = ([cell.strip().replace("|", "\\|") for cell in row] for row in rows)
    rule = ["---" if column in left else "---:" for column in range(len(head))]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *body)]


def html(rows: Iterable[Sequence[str]], left: Sequence[int], titles: Sequence[str] = ()) -> str:
    """A table in HTML; columns in `left` begin at the left."""

    def line(cells: Sequence[str], kind: str) -> str:
        sides = ("left" if column in left else "right" for column in range(len(cells)))
        shown = (
            f'<{kind} style="text-align: {side}; white-space: pre">{escape(cell)}</{kind}>'
            for side, cell in zip(sides, cells, strict=True)
        )
        return f"<tr>{''.join(shown)}</tr>"

    head = [line(titles, "th")] if titles else []
    return "\n".join(["<table>", *head, *(line(row, "td") for row in rows), "</table>"])


def paragraph(text: str) -> str:
    """A paragraph in HTML; nothing of no text."""
    return f"<p>{escape(text)}</p>" if text else ""


def _text_columns(shown: Sequence[Column]) -> list[int]:
    """Places of the names and of columns of text."""
    return [0, *(place for place, each in enumerate(shown, 1) if each.is_text)]


def _width(column: Column) -> int:
    return max(map(len, (column.title, *column.cells)))


def shortened(names: Sequence[str], width: int = NAME_WIDTH) -> list[str]:
    """Names in one line each of at most `width`: their ends, longer where that tells two names apart."""
    shown = {name: _printable(name) for name in names}
    same, cut = list(shown), dict[str, str]()
    for room in count(width, 8):
        for name in same:
            text = shown[name]
            cut[name] = text if len(text) <= room else "…" + text[-room + 1 :]
        counts = Counter(cut.values())
        same = [name for name in shown if counts[cut[name]] > 1]
        if not same:
            break
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
