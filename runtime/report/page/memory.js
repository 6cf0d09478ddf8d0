// Local memory: a rectangle for each buffer while it is live, below the number of live bytes.
"use strict";

const MOST_BUFFERS = 1200; // that are drawn: the largest
const HOLDINGS = { "feature map": "#4e79a7", "part of a feature map": "#76b7b2", weights: "#f28e2b" };

const peakMoment = page.memory.live.reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0])[0];
let moment = peakMoment;

const liveAt = (cycle) => page.memory.buffers.filter(({ start, end }) => start <= cycle && cycle < end);

function bufferText(buffer) {
  const names = buffer.layers.slice(0, 3).map((layer) => plain(layers[layer].name)).join(", ");
  return [
    `<b>${plain(buffer.name)}</b>: ${buffer.holds}`,
    `${whole(buffer.high - buffer.low)} bytes from ${whole(buffer.low)}`,
    `cycles ${whole(buffer.start)} to ${whole(buffer.end)}`,
    `of ${names}${buffer.layers.length > 3 ? `, and ${buffer.layers.length - 3} more` : ""}`,
  ].join("<br>");
}

function memoryFigure() {
  const [from, to] = timeRange.shown;
  const pixel = (to - from) / memoryChart.width;
  const size = ({ start, end, low, high }) => Math.max(pixel, Math.min(end, to) - Math.max(start, from)) * (high - low);
  const visible = page.memory.buffers.filter(({ start, end }) => start < to && end > from);
  const drawn = visible.length <= MOST_BUFFERS ? visible : visible.sort((a, b) => size(b) - size(a)).slice(0, MOST_BUFFERS);
  $("#memory .note").textContent =
    drawn.length < visible.length ? `The largest ${whole(drawn.length)} of ${whole(visible.length)} buffers: zoom in to see all.` : "";
  const rectangles = Object.keys(HOLDINGS).map((holds) => {
    const mine = drawn.filter((buffer) => buffer.holds === holds);
    return {
      type: "bar",
      orientation: "h",
      name: holds,
      y: mine.map(({ low, high }) => (low + high) / 2),
      width: mine.map(({ low, high }) => high - low),
      base: mine.map(({ start }) => start),
      x: mine.map(({ start, end }) => end - start),
      customdata: mine.map((buffer) => buffer.layers),
      hovertext: mine.map(bufferText),
      hoverinfo: "text",
      marker: { color: HOLDINGS[holds], line: { color: colour("page"), width: 0.5 } },
    };
  });
  const curve = {
    type: "scatter",
    mode: "lines",
    name: "live bytes",
    x: page.memory.live.map(([cycle]) => cycle),
    y: page.memory.live.map(([, bytes]) => bytes),
    yaxis: "y2",
    line: { shape: "hv", color: colour("accent"), width: 1.5 },
    fill: "tozeroy",
    hovertemplate: "%{y:,d} bytes live<extra></extra>",
  };
  const upTo = Math.max(report.peak_local_bytes, 1);
  return {
    traces: [...rectangles, curve],
    layout: {
      barmode: "overlay",
      hovermode: "closest",
      xaxis: { ...timeAxis(), anchor: "y" },
      yaxis: { domain: [0, 0.68], title: { text: "address" }, range: [0, upTo], tickformat: "~s" },
      yaxis2: { domain: [0.74, 1], title: { text: "live bytes" }, tickformat: "~s", rangemode: "tozero", fixedrange: true },
      shapes: [{ type: "line", x0: moment, x1: moment, y0: 0, y1: 1, yref: "paper", line: { color: colour("accent"), width: 1, dash: "dot" } }],
    },
  };
}

function listLive(cycle) {
  moment = cycle;
  const live = liveAt(cycle).sort((a, b) => b.high - b.low - (a.high - a.low));
  const bytes = (page.memory.live.findLast(([at]) => at <= cycle) ?? [0, 0])[1];
  $("#live-title").textContent =
    `Live at cycle ${whole(cycle)}${cycle === peakMoment ? " (the peak)" : ""}: ${whole(bytes)} of ${whole(page.memory.capacity)} bytes in ${live.length} buffers`;
  const made = table(
    ["buffer", "holds", "bytes", "address", "from cycle", "to cycle"],
    live.map((b) => [b.name, b.holds, whole(b.high - b.low), whole(b.low), whole(b.start), whole(b.end)]),
    { names: [0, 1], attributes: (row) => ({ "data-item": live[row].layers[0], "data-items": live[row].layers.join(" ") }) },
  );
  $("#live").replaceChildren(made);
  markLive(selection.item);
}

function markLive(layer) {
  for (const row of document.querySelectorAll("#live tr[data-items]"))
    row.setAttribute("aria-selected", layer !== null && row.dataset.items.split(" ").includes(String(layer)));
}

const memoryChart = new TimeChart("memory", memoryFigure, {
  pick(layer) {
    selection.choose(layer);
  },
});
const startMemory = memoryChart.start.bind(memoryChart);
memoryChart.start = () => {
  startMemory();
  memoryChart.place.on("plotly_click", ({ points }) => {
    listLive(points[0].customdata === undefined ? points[0].x : points[0].data.base[points[0].pointIndex]);
    memoryChart.draw();
  });
};

$("#live").addEventListener("click", ({ target }) => {
  const row = target.closest("tr[data-item]");
  if (row) selection.choose(Number(row.dataset.item));
});
selection.watch(markLive);
listLive(peakMoment);
