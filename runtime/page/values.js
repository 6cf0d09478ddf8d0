// The data of the page, and numbers and names as people read them. A page defines `items`: what can be selected.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

// What to do once the first parts are on the screen: functions that may take their time.
const later = [];

// The text that was packed by gzip into an element of this page.
async function unpacked(name) {
  const bytes = Uint8Array.from(atob(document.getElementById(name).textContent), (each) => each.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const whole = (value) => Math.round(value).toLocaleString("en");
const share = (part, all) => (all ? `${((100 * part) / all).toFixed(1)}%` : "-");
const signed = (value, shown = whole) => (value > 0 ? `+${shown(value)}` : value < 0 ? `-${shown(-value)}` : "0");

function short(value) {
  for (const [limit, unit] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]])
    if (Math.abs(value) >= limit) return (value / limit).toFixed(2) + unit;
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

function energy(picojoules) {
  for (const [limit, unit] of [[1e12, "J"], [1e9, "mJ"], [1e6, "µJ"], [1e3, "nJ"]])
    if (picojoules >= limit) return `${(picojoules / limit).toFixed(2)} ${unit}`;
  return `${picojoules.toFixed(1)} pJ`;
}

const words = (name) => name.replaceAll("_", " ");
// plotly reads a few elements of HTML in its texts
const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const parts = (named) =>
  Object.entries(named).sort((a, b) => b[1] - a[1]).map(([name, value]) => `${words(name)} ${whole(value)}`).join(", ");

const sum = (values) => values.reduce((total, value) => total + value, 0);
