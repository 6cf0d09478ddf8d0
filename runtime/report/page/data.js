// The report that the page shows.
"use strict";

const report = page.report;
const layers = report.layers;
const items = layers;

function time(cycles) {
  const seconds = cycles / report.clock_hz;
  for (const [limit, unit] of [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]])
    if (seconds >= limit) return `${(seconds / limit).toFixed(3)} ${unit}`;
  return `${(seconds * 1e9).toFixed(1)} ns`;
}

const picojoules = layers.map((layer) => sum(Object.values(layer.energy_pj)));

// Kinds of operators, those with most cycles first.
const operators = report.operators.map(({ operator }) => operator);
const operatorColour = (operator) => PALETTE[operators.indexOf(operator)] ?? OTHERS;
