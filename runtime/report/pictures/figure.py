"""What all pictures share: their style, their colours, the files that they become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xnn.dialects.diagnostics import UserError
from xnn.runtime.extras import require
from xnn.runtime.io.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = (".svg", ".pdf", ".png")
WIDTH = 7.0
"""Inches: both columns of a page."""
COLOURS: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
)
"""Of Okabe and Ito, which people tell apart who do not see all colours."""
OTHERS = "#999999"
INK, FAINT = "#222222", "#d0d0d0"
_STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.4,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "legend.handlelength": 1.2,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,  # TrueType, as journals ask for
    "svg.hashsalt": "xnn",  # the same picture is the same file
    "text.parse_math": False,  # a name may hold any character
}


def require_picture(path: str) -> None:
    """Raises UserError for a file that is no picture by its ending, or if nothing is there that draws one."""
    if Path(path).suffix.lower() not in ENDINGS:
        raise UserError(f"{path}: pictures end in {', '.join(ENDINGS)}")
    require(path, "report", "matplotlib")


@contextmanager
def picture(path: str, height: float, title: str) -> Iterator[tuple[Figure, Axes]]:
    """A figure, so many inches high, with axes to draw on; the file `path` has it once the block ends well."""
    require_picture(path)
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots()
        axes.set_title(title)
        yield figure, axes
        form = Path(path).suffix.lower()[1:]
        dateless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
        with replacing(path) as temporary:
            figure.savefig(temporary, format=form, metadata=dateless)


def colours_of(kinds: Iterable[str], most: int = len(COLOURS)) -> dict[str, str]:
    """A colour for each of different kinds, the most important first; those beyond `most` share one."""
    return {
        kind: COLOURS[place] if place < most else OTHERS
        for place, kind in enumerate(dict.fromkeys(kinds))
    }


def legend(axes: Axes, colours: dict[str, str], **where: Any) -> None:
    """What colours stand for, those that share one in one line."""
    from matplotlib.patches import Patch

    named = {kind: colour for kind, colour in colours.items() if colour != OTHERS}
    if len(named) < len(colours):
        named["others"] = OTHERS
    axes.legend([Patch(color=colour) for colour in named.values()], list(named), **where)


def ink_on(colour: str) -> str:
    """The colour of text that is read best on a colour written as "#rrggbb"."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "white" if 299 * red + 587 * green + 114 * blue < 120_000 else INK


def cycle_axis(axes: Axes, cycles: int) -> None:
    """Cycles of a run from left to right."""
    from matplotlib.ticker import EngFormatter

    axes.set_xlim(0, cycles)
    axes.set_xlabel("cycles")
    axes.xaxis.set_major_formatter(EngFormatter())
