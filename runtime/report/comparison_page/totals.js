// What changed in all.
"use strict";

const count = (value) => (Number.isInteger(value) ? whole(value) : value.toLocaleString("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 }));

function card(what, before, after, shown) {
  const change = before === after ? "as before" : `${relative(before, after)} from ${shown(before)}`;
  return element("div", [element("b", shown(after)), element("span", `${what}, ${change}`)], { class: "card", "data-total": what, "data-value": after });
}

const cards = [
  ["cycles", (side) => side.cycles, whole],
  ["energy", (side) => side.picojoules, energy],
  ["external bytes", (side) => side.external_bytes, short],
];

$("#title").textContent = document.title;
$("#summary .cards").append(...cards.map(([what, of, shown]) => card(what, of(total.before), of(total.after), shown)));
$("#totals").append(
  table(
    ["", "before", "after", "change", ""],
    Object.entries(page.totals).map(([name, { before, after }]) => [name, count(before), count(after), signed(after - before, count), relative(before, after)]),
    { caption: `Before: ${page.before}. After: ${page.after}.` },
  ),
);
