// The network as a graph, from left to right, coloured by what a layer costs.
"use strict";

const GRAPH_COLOURS = {
  time: { value: (layer) => layer.cycles, title: "cycles" },
  energy: { value: (layer, number) => picojoules[number] / 1e3, title: "nJ" },
  utilisation: { value: (layer) => (layer.macs ? layer.utilisation : null), title: "of peak" },
  operator: null,
};

function graphMarkers(choice) {
  const colours = GRAPH_COLOURS[choice];
  if (!colours) return { color: layers.map((layer) => operatorColour(layer.operator)) };
  return {
    color: layers.map(colours.value),
    colorscale: theme.dark ? "Cividis" : "YlOrRd",
    reversescale: false,
    showscale: true,
    colorbar: { title: { text: colours.title }, thickness: 12, len: 0.9 },
  };
}

function graphFigure() {
  const { edges, rank, offset } = page.graph;
  const line = { x: [], y: [] };
  for (const [from, to] of edges) {
    line.x.push(rank[from], rank[to], null);
    line.y.push(offset[from], offset[to], null);
  }
  const ranks = Math.max(1, ...rank) + 1;
  const size = Math.max(5, Math.min(20, (0.6 * graphChart.place.clientWidth) / Math.min(ranks, graphChart.ranks ?? ranks)));
  const width = Math.max(...offset, 0) - Math.min(...offset, 0);
  return {
    traces: [
      { type: "scatter", mode: "lines", ...line, line: { color: colour("muted"), width: 1 }, hoverinfo: "skip", showlegend: false },
      {
        type: "scatter",
        mode: "markers",
        x: rank,
        y: offset,
        customdata: layers.map((_, number) => number),
        text: layers.map((layer, number) =>
          `<b>${plain(layer.name)}</b><br>${plain(layer.op)} ${layer.shape.join("x")}<br>${whole(layer.cycles)} cycles (${share(layer.cycles, report.cycles)})` +
          `<br>${energy(picojoules[number])}` + (layer.macs ? `<br>utilisation ${share(layer.utilisation, 1)}` : "")),
        hoverinfo: "text",
        showlegend: false,
        marker: { size, line: { color: colour("text"), width: 1 }, ...graphMarkers($("#graph-colour").value) },
      },
    ],
    layout: {
      hovermode: "closest",
      dragmode: "pan",
      xaxis: { visible: false, range: [-1, ranks] },
      yaxis: { visible: false, range: [Math.min(...offset, 0) - 0.5 - width / 10, Math.max(...offset, 0) + 0.5 + width / 10] },
    },
  };
}

const graphChart = new Chart("graph", graphFigure, { settings: { scrollZoom: true } });
const startGraph = graphChart.start.bind(graphChart);
graphChart.start = () => {
  startGraph();
  graphChart.place.on("plotly_relayout", (change) => {
    if (change["xaxis.range[0]"] === undefined) return;
    graphChart.ranks = change["xaxis.range[1]"] - change["xaxis.range[0]"];
    graphChart.draw();
  });
};
$("#graph-colour").append(...Object.keys(GRAPH_COLOURS).map((name) => element("option", name)));
$("#graph-colour").addEventListener("change", () => graphChart.draw());
