// Elements of the page, and tables.
"use strict";

const $ = (selector) => document.querySelector(selector);

function element(tag, content = "", attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (Array.isArray(content)) made.append(...content);
  else made.textContent = content;
  return made;
}

// Rows of texts; those of the columns in `names` begin at the left. `attributes` are those of a row by its number.
function table(header, rows, { names = [0], caption = "", attributes = () => ({}) } = {}) {
  const cells = (tag, row) =>
    row.map((text, column) => element(tag, text, names.includes(column) ? { class: "name", title: text } : {}));
  const made = element("table", [
    element("thead", [element("tr", cells("th", header))]),
    element("tbody", rows.map((row, number) => element("tr", cells("td", row), attributes(number)))),
  ]);
  if (caption) made.prepend(element("caption", caption));
  return made;
}

// A bar as long as a share of a track, and a mark in it.
function track(part, mark = null) {
  const bar = element("i", "", { style: `width:${(100 * part).toFixed(2)}%` });
  const marks = mark === null ? [] : [element("i", "", { class: "mark", style: `left:${(100 * mark).toFixed(2)}%` })];
  return element("div", [bar, ...marks], { class: "track" });
}
