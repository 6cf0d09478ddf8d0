// The table of layers.
"use strict";

new SortableTable(
  "#layer-table",
  [
    ["#", (layer, number) => number, (layer, number) => String(number + 1), true],
    ["layer", (layer) => layer.name, (layer) => layer.name, true],
    ["operator", (layer) => layer.op, (layer) => layer.op, true],
    ["output", (layer) => layer.shape.reduce((a, b) => a * b, 1), (layer) => layer.shape.join("x"), true],
    ["cycles", (layer) => layer.cycles, (layer) => whole(layer.cycles)],
    ["share", (layer) => layer.cycles, (layer) => share(layer.cycles, report.cycles)],
    ["bound", (layer) => layer.bound, (layer) => whole(layer.bound)],
    ["MACs", (layer) => layer.macs, (layer) => (layer.macs ? short(layer.macs) : "-")],
    ["utilisation", (layer) => layer.utilisation, (layer) => (layer.macs ? share(layer.utilisation, 1) : "-")],
    ["external B", (layer) => layer.external_bytes, (layer) => short(layer.external_bytes)],
    ["of weights", (layer) => layer.weight_bytes, (layer) => short(layer.weight_bytes)],
    ["local B", (layer) => layer.local_bytes, (layer) => short(layer.local_bytes)],
    ["energy", (layer, number) => picojoules[number], (layer, number) => energy(picojoules[number])],
    ["limited by", (layer) => layer.limited_by, (layer) => layer.limited_by || "-", true],
    ["format", (layer) => layer.formats.arithmetic, (layer) => layer.formats.arithmetic, true],
  ],
  {
    filter: "#filter",
    text: (layer) => [layer.name, layer.op, layer.limited_by, layer.formats.arithmetic, ...layer.layers].join(" "),
    found: (layers) => {
      const cycles = sum(layers.map((layer) => layer.cycles));
      $("#filtered").textContent = `${whole(layers.length)} layers, ${whole(cycles)} cycles (${share(cycles, report.cycles)})`;
    },
  },
);
keys["/"] = () => $("#filter").focus();
