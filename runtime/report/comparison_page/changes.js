// The changes that the page shows: of all layers, the largest first, and of the whole run.
"use strict";

const { total, layers } = page;
const items = layers;

const SIDES = ["before", "after"];
const relative = (before, after) => (before && after !== before ? `${after > before ? "+" : ""}${((100 * (after - before)) / before).toFixed(1)}%` : "");

// What takes cycles in either run, the largest first in both together.
const causes = [...new Set(SIDES.flatMap((side) => Object.keys(total[side].causes)))].sort((a, b) => {
  const cycles = (cause) => sum(SIDES.map((side) => total[side].causes[cause] ?? 0));
  return cycles(b) - cycles(a);
});
const causeColour = (cause) => PALETTE[causes.indexOf(cause)] ?? OTHERS;
