// The timeline: a lane for each engine and the bus. Where there are more slices than can be seen,
// those that follow each other are one; a closer look takes them apart.
"use strict";

const MOST_SLICES = 250; // of a lane, that are drawn one by one

// Of each lane, arrays of when its slices start and end.
const lanes = page.timeline.lanes.map((lane) => {
  const { kinds, waits } = page.timeline;
  let now = 0;
  const start = [], end = [];
  for (let at = 0; at < lane.kinds.length; at++) {
    now += sum(Object.values(waits[lane.waits[at]]));
    start.push(now);
    now += kinds[lane.kinds[at]].cycles;
    end.push(now);
  }
  return { ...lane, start, end };
});

// The first place in a sorted array that is not below a value.
function firstFrom(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Slices of a lane within a time range: [first, last] places that are drawn as one.
function visibleSlices(lane, from, to, width) {
  const first = firstFrom(lane.end, from), last = firstFrom(lane.start, to);
  if (last - first <= MOST_SLICES) return Array.from({ length: last - first }, (_, each) => [first + each, first + each]);
  const pixel = (to - from) / width;
  const layerAt = (at) => page.timeline.kinds[lane.kinds[at]].layer;
  const found = [];
  for (let at = first; at < last; at++) {
    const before = found.at(-1);
    const joins = before && lane.start[at] - lane.end[before[1]] < 2 * pixel &&
      (layerAt(at) === layerAt(before[0]) || lane.end[before[1]] - lane.start[before[0]] < 3 * pixel);
    if (joins) before[1] = at;
    else found.push([at, at]);
  }
  return found;
}

// What is drawn for some slices of a lane.
function sliceFacts(lane, [first, last]) {
  const { kinds, waits } = page.timeline;
  const cycles = new Map();
  for (let at = first; at <= last; at++) {
    const kind = kinds[lane.kinds[at]];
    cycles.set(kind.layer, (cycles.get(kind.layer) ?? 0) + kind.cycles);
  }
  const inside = [...cycles].sort((a, b) => b[1] - a[1]).map(([layer]) => layer);
  const names = inside.slice(0, 3).map((layer) => plain(layers[layer].name)).join(", ") + (inside.length > 3 ? ", …" : "");
  const head = `<b>${names}</b><br>cycles ${whole(lane.start[first])} to ${whole(lane.end[last])}`;
  if (first !== last) {
    const busy = sum([...cycles.values()]);
    return { layers: inside, text: `${head}<br>${last - first + 1} nodes, busy ${share(busy, lane.end[last] - lane.start[first])}<br>zoom in to see them` };
  }
  const { layer, does, cycles: took, "spent on": spent, ...counts } = kinds[lane.kinds[first]];
  const waited = parts(waits[lane.waits[first]]);
  const critical = lane.critical[first];
  const lines = [
    head,
    `${plain(does)}: ${whole(took)} cycles` + (spent ? ` (${parts(spent)})` : ""),
    ...Object.entries(counts).map(([name, value]) => `${name === "macs" ? "MACs" : name} ${whole(value)}`),
    waited ? `waited for ${waited} before` : "waited for nothing",
    ...(critical ? [`${whole(critical)} cycles on the critical path`] : []),
  ];
  return { layers: inside, text: lines.join("<br>") };
}

function timelineFigure() {
  const [from, to] = timeRange.shown;
  const byKind = new Map(operators.map((kind) => [kind, []]));
  let drawn = 0, nodes = 0;
  for (const lane of lanes) {
    for (const slice of visibleSlices(lane, from, to, timelineChart.width)) {
      const facts = sliceFacts(lane, slice);
      const start = lane.start[slice[0]], length = lane.end[slice[1]] - start;
      byKind.get(layers[facts.layers[0]].operator).push({ lane, start, length, ...facts });
      drawn += 1;
      nodes += slice[1] - slice[0] + 1;
    }
  }
  $("#timeline .note").textContent = drawn < nodes ? `${whole(nodes)} nodes in ${whole(drawn)} groups: zoom in to see each.` : "";
  const traces = [...byKind].filter(([, slices]) => slices.length).map(([kind, slices]) => ({
    type: "bar",
    orientation: "h",
    name: words(kind),
    y: slices.map(({ lane }) => lane.name),
    base: slices.map(({ start }) => start),
    x: slices.map(({ length }) => length),
    customdata: slices.map((slice) => slice.layers),
    hovertext: slices.map(({ text }) => text),
    hoverinfo: "text",
    marker: { color: operatorColour(kind), line: { width: 0 } },
    width: 0.72,
  }));
  const names = lanes.map(({ name }) => name).reverse();
  return {
    traces,
    layout: {
      barmode: "overlay",
      hovermode: "closest",
      showlegend: true,
      xaxis: timeAxis(),
      yaxis: { type: "category", categoryorder: "array", categoryarray: names, range: [-0.5, names.length - 0.5], fixedrange: true },
    },
  };
}

const timelineChart = new TimeChart("timeline", timelineFigure);

// The time range of all slices of the selected layer, with a little room.
function zoomToLayer() {
  if (selection.item === null) return;
  let from = Infinity, to = 0;
  for (const lane of lanes)
    lane.kinds.forEach((kind, at) => {
      if (page.timeline.kinds[kind].layer !== selection.item) return;
      from = Math.min(from, lane.start[at]);
      to = Math.max(to, lane.end[at]);
    });
  if (from < to) timeRange.set([from - 0.05 * (to - from), to + 0.05 * (to - from)]);
}

keys.z = zoomToLayer;
keys["0"] = () => timeRange.set(null);
$("#zoom-layer").addEventListener("click", zoomToLayer);
$("#zoom-all").addEventListener("click", () => timeRange.set(null));
