// The table of layers: sorted by a click on a column, filtered by a text.
"use strict";

const MOST_ROWS = 1000; // that are shown at once

// Of each column its title, what it sorts by, and what it shows.
const COLUMNS = [
  ["#", (layer, number) => number, (layer, number) => String(number + 1)],
  ["layer", (layer) => layer.name, (layer) => layer.name],
  ["operator", (layer) => layer.op, (layer) => layer.op],
  ["output", (layer) => layer.shape.reduce((a, b) => a * b, 1), (layer) => layer.shape.join("x")],
  ["cycles", (layer) => layer.cycles, (layer) => whole(layer.cycles)],
  ["share", (layer) => layer.cycles, (layer) => share(layer.cycles, report.cycles)],
  ["bound", (layer) => layer.bound, (layer) => whole(layer.bound)],
  ["MACs", (layer) => layer.macs, (layer) => (layer.macs ? short(layer.macs) : "-")],
  ["utilisation", (layer) => layer.utilisation, (layer) => (layer.macs ? share(layer.utilisation, 1) : "-")],
  ["external B", (layer) => layer.external_bytes, (layer) => short(layer.external_bytes)],
  ["of weights", (layer) => layer.weight_bytes, (layer) => short(layer.weight_bytes)],
  ["local B", (layer) => layer.local_bytes, (layer) => short(layer.local_bytes)],
  ["energy", (layer, number) => picojoules[number], (layer, number) => energy(picojoules[number])],
  ["limited by", (layer) => layer.limited_by, (layer) => layer.limited_by || "-"],
  ["format", (layer) => layer.formats.arithmetic, (layer) => layer.formats.arithmetic],
];
const NAME_COLUMNS = [1, 2, 3, 13, 14];

const layerTable = { column: 0, descending: false, all: false };

function shownLayers() {
  const wanted = $("#filter").value.trim().toLowerCase();
  const text = (layer) => [layer.name, layer.op, layer.limited_by, layer.formats.arithmetic, ...layer.layers].join(" ").toLowerCase();
  const key = COLUMNS[layerTable.column][1];
  const found = layers.map((layer, number) => ({ layer, number })).filter(({ layer }) => !wanted || text(layer).includes(wanted));
  const sign = layerTable.descending ? -1 : 1;
  return found.sort((a, b) => {
    const [one, other] = [key(a.layer, a.number), key(b.layer, b.number)];
    const order = typeof one === "string" ? one.localeCompare(other) : one - other;
    return sign * order || a.number - b.number;
  });
}

function drawLayers() {
  const found = shownLayers();
  const rows = layerTable.all ? found : found.slice(0, MOST_ROWS);
  const made = table(
    COLUMNS.map(() => ""),
    rows.map(({ layer, number }) => COLUMNS.map(([, , show]) => show(layer, number))),
    { names: NAME_COLUMNS, attributes: (row) => ({ "data-layer": rows[row].number, "aria-selected": rows[row].number === selection.layer }) },
  );
  COLUMNS.forEach(([title], column) => {
    const cell = made.tHead.rows[0].cells[column];
    const button = element("button", title, { type: "button" });
    button.addEventListener("click", () => sortBy(column));
    cell.replaceChildren(button);
    if (column === layerTable.column) cell.setAttribute("aria-sort", layerTable.descending ? "descending" : "ascending");
  });
  const cycles = sum(found.map(({ layer }) => layer.cycles));
  $("#filtered").textContent = `${whole(found.length)} layers, ${whole(cycles)} cycles (${share(cycles, report.cycles)})`;
  const place = $("#layer-table");
  place.replaceChildren(made);
  if (rows.length < found.length) {
    const more = element("button", `show all ${whole(found.length)}`, { type: "button" });
    more.addEventListener("click", () => {
      layerTable.all = true;
      drawLayers();
    });
    place.append(more);
  }
}

// Numbers begin with the largest, names with the first.
function sortBy(column) {
  const again = column === layerTable.column;
  layerTable.descending = again ? !layerTable.descending : column > 0 && !NAME_COLUMNS.includes(column);
  layerTable.column = column;
  drawLayers();
}

function markRow(layer) {
  const place = $("#layer-table");
  for (const row of place.querySelectorAll("tr[data-layer]")) row.setAttribute("aria-selected", Number(row.dataset.layer) === layer);
  const row = layer === null ? null : place.querySelector(`tr[data-layer="${layer}"]`);
  if (!row) return;
  const head = place.querySelector("thead").offsetHeight;
  if (row.offsetTop - head < place.scrollTop) place.scrollTop = row.offsetTop - head;
  else if (row.offsetTop + row.offsetHeight > place.scrollTop + place.clientHeight)
    place.scrollTop = row.offsetTop + row.offsetHeight - place.clientHeight;
}

$("#filter").addEventListener("input", drawLayers);
$("#layer-table").addEventListener("click", ({ target }) => {
  const row = target.closest("tr[data-layer]");
  if (row) selection.choose(Number(row.dataset.layer));
});
// In the table the arrow keys go through it as it is sorted.
$("#layer-table").addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const shown = [...document.querySelectorAll("#layer-table tr[data-layer]")].map((row) => Number(row.dataset.layer));
  const next = shown[shown.indexOf(selection.layer) + by];
  if (next !== undefined) selection.choose(next);
});
keys["/"] = () => $("#filter").focus();
selection.watch(markRow);
drawLayers();
