// The cycles of both runs by cause, and how those of the layers that changed most did.
"use strict";

const MOST_BARS = 30; // layers that are drawn

new Chart(
  "causes",
  () => ({
    traces: SIDES.map((side, number) => ({
      type: "bar",
      name: side,
      x: causes.map(words),
      y: causes.map((cause) => total[side].causes[cause] ?? 0),
      hovertemplate: `%{x} ${side}: %{y:,d} cycles<extra></extra>`,
      marker: { color: number ? colour("accent") : colour("bar") },
    })),
    layout: { barmode: "group", xaxis: { fixedrange: true }, yaxis: { title: { text: "cycles" }, tickformat: "~s", fixedrange: true } },
  }),
  { settings: { displayModeBar: false } },
);

const changed = layers.map((layer, number) => ({ layer, number })).filter(({ layer }) => layer.cycles);
const drawn = changed.slice(0, MOST_BARS);

$("#changes .note").textContent = changed.length
  ? `How the cycles of ${drawn.length < changed.length ? `the ${drawn.length} layers that changed most` : "the layers"} changed, by cause; left of the line are fewer cycles. Of ${whole(layers.length)} layers ${whole(layers.length - changed.length)} take the same cycles.`
  : "All layers take the same cycles.";
$("#changes .chart").style.height = `${90 + 22 * drawn.length}px`;
$("#changes .chart").hidden = !drawn.length;

// Names may be equal where they are cut, so places are numbers.
const cut = (name) => (name.length > 24 ? `…${name.slice(-23)}` : name);

new Chart(
  "changes",
  () => ({
    traces: causes
      .map((cause) => ({
        type: "bar",
        orientation: "h",
        name: words(cause),
        y: drawn.map((_, place) => place),
        x: drawn.map(({ layer }) => layer.causes[cause] ?? 0),
        customdata: drawn.map(({ number }) => number),
        hovertext: drawn.map(({ layer }) => `<b>${plain(layer.name)}</b>: ${signed(layer.cycles)} cycles<br>${words(cause)} ${signed(layer.causes[cause] ?? 0)}`),
        hoverinfo: "text",
        marker: { color: causeColour(cause) },
      }))
      .filter(({ x }) => x.some((change) => change)),
    layout: {
      barmode: "relative",
      xaxis: { title: { text: "change of cycles" }, tickformat: "~s", fixedrange: true },
      yaxis: { autorange: "reversed", fixedrange: true, tickvals: drawn.map((_, place) => place), ticktext: drawn.map(({ layer }) => plain(cut(layer.name))) },
    },
  }),
  { settings: { displayModeBar: false } },
);
