"""One page of HTML that shows an exploration: parallel coordinates of all points, and each pair of objectives."""

from __future__ import annotations

import html
from itertools import combinations
from typing import Any

import plotly.graph_objects as go

from xnn.tools.exploring.results import SHOWN, Result, Results

HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body {{ font-family: sans-serif; margin: 1em auto; max-width: 80em; }}</style></head>
<body><h1>{title}</h1><p>{summary}. Drag along an axis to select machines.</p>
"""


def page_of(results: Results) -> str:
    """The page, with all that draws it inside."""
    found = [each for each in results.results if not each.outcome.error]
    title = html.escape(results.title)
    summary = f"{len(found)} machines, {sum(each.in_front for each in found)} on the Pareto front"
    figures = [_coordinates(results, found)]
    figures += [_plane(results, found, pair) for pair in combinations(results.objectives, 2)]
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=place == 0)
        for place, figure in enumerate(figures)
    ]
    return "\n".join([HEAD.format(title=title, summary=summary), *parts, "</body></html>"])


def _coordinates(results: Results, found: list[Result]) -> go.Figure:
    """A line for each machine through its fields and its objectives, with the front in a colour of its own."""
    dimensions: list[dict[str, Any]] = []
    for path in results.fields:
        values = sorted({each.point[path] for each in found})
        dimensions.append(
            {
                "label": path,
                "values": [values.index(each.point[path]) for each in found],
                "tickvals": [*range(len(values))],
                "ticktext": [f"{value:,}" for value in values],
            }
        )
    dimensions += [
        {"label": f"{name}, {SHOWN[name][0]}", "values": [each.shown(name) for each in found]}
        for name in results.objectives
    ]
    front = [int(each.in_front) for each in found]
    line = {"color": front, "colorscale": [[0, "#c0c0c0"], [1, "#d62728"]], "cmin": 0, "cmax": 1}
    return go.Figure(go.Parcoords(dimensions=dimensions, line=line))


def _plane(results: Results, found: list[Result], pair: tuple[str, str]) -> go.Figure:
    """Two objectives of each machine."""
    figure = go.Figure()
    for name, in_front, colour in (("others", False, "#909090"), ("Pareto front", True, "#d62728")):
        shown = [each for each in found if each.in_front == in_front]
        figure.add_scatter(
            name=name,
            mode="markers",
            marker={"color": colour},
            x=[each.shown(pair[0]) for each in shown],
            y=[each.shown(pair[1]) for each in shown],
            text=[
                "<br>".join(f"{path} = {value:,}" for path, value in each.point.items())
                for each in shown
            ],
        )
    labels = [f"{name}, {SHOWN[name][0]}" for name in pair]
    return figure.update_layout(xaxis_title=labels[0], yaxis_title=labels[1])
