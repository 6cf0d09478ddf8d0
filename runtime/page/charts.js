// Charts by plotly. The points of a trace carry items as `customdata`: those of the selected one stand out.
"use strict";

const charts = [];

class Chart {
  // `figure` returns traces and a layout; `pick` is called with the item of a point that is clicked.
  constructor(section, figure, { pick = (item) => selection.choose(item), settings = {} } = {}) {
    this.place = $(`#${section} .chart`);
    this.figure = figure;
    this.pick = pick;
    this.settings = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"], ...settings };
    this.drawn = false;
    charts.push(this);
    selection.watch(() => this.draw());
    theme.watch(() => this.draw());
  }

  // Draws once plotly is there, and again when anything has changed.
  draw() {
    if (!this.drawn) return;
    const { traces, layout } = this.figure();
    for (const trace of traces) emphasise(trace);
    Plotly.react(this.place, traces, merged(baseLayout(), layout), this.settings);
  }

  start() {
    this.drawn = true;
    this.draw();
    this.place.on("plotly_click", ({ points }) => {
      const item = [points[0].customdata].flat()[0];
      if (item !== undefined) this.pick(item, points[0]);
    });
  }
}

function emphasise(trace) {
  if (!trace.customdata) return;
  const chosen = selection.item;
  trace.selectedpoints = null;
  trace.unselected = { marker: { opacity: 0.3 } };
  if (trace.type === "scatter") trace.selected = { marker: { opacity: 1, color: colour("accent") } };
  if (chosen === null) return;
  trace.selectedpoints = trace.customdata.flatMap((of, point) => ([of].flat().includes(chosen) ? [point] : []));
}

function baseLayout() {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true };
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: colour("text"), size: 12 },
    margin: { l: 10, r: 10, t: 10, b: 40 },
    hoverlabel: { align: "left", bgcolor: colour("panel"), bordercolor: colour("line"), font: { color: colour("text") } },
    legend: { orientation: "h", traceorder: "normal", y: 1.02, yanchor: "bottom", x: 0 },
    colorway: PALETTE,
    dragmode: "zoom",
    uirevision: "kept",
    xaxis: { ...axis },
    yaxis: { ...axis },
    yaxis2: { ...axis },
  };
}

function merged(base, layout) {
  const result = { ...base, ...layout };
  for (const axis of ["xaxis", "yaxis", "yaxis2"]) result[axis] = { ...base[axis], ...layout[axis] };
  if (!layout.yaxis2) delete result.yaxis2;
  return result;
}
