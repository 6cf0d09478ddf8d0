// The table of layers; one that only one of the runs has costs nothing in the other.
"use strict";

const cyclesOf = (side) => side?.cycles ?? 0;
const mostly = (layer) => Object.entries(layer.causes).slice(0, 2).map(([cause, change]) => `${words(cause)} ${signed(change)}`).join(", ");

new SortableTable(
  "#layer-table",
  [
    ["#", (layer, number) => number, (layer, number) => String(number + 1), true],
    ["layer", (layer) => layer.name, (layer) => layer.name, true],
    ["before", (layer) => cyclesOf(layer.before), (layer) => (layer.before ? whole(layer.before.cycles) : "-")],
    ["after", (layer) => cyclesOf(layer.after), (layer) => (layer.after ? whole(layer.after.cycles) : "-")],
    ["change", (layer) => layer.cycles, (layer) => signed(layer.cycles)],
    ["relative", (layer) => layer.cycles / (cyclesOf(layer.before) || 1), (layer) => relative(cyclesOf(layer.before), cyclesOf(layer.after))],
    ["external B", (layer) => layer.external_bytes, (layer) => signed(layer.external_bytes, short)],
    ["energy", (layer) => layer.picojoules, (layer) => signed(layer.picojoules, energy)],
    ["mostly", mostly, mostly, true],
  ],
  {
    filter: "#filter",
    text: (layer) => [layer.name, ...Object.keys(layer.causes)].join(" "),
    found: (layers) => {
      const change = sum(layers.map((layer) => layer.cycles));
      $("#filtered").textContent = `${whole(layers.length)} layers, ${signed(change)} cycles`;
    },
  },
);
keys["/"] = () => $("#filter").focus();
