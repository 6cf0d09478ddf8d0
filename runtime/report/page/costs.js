// Time and energy by kind of operator, and in it by what takes them. The sums are those of the report.
"use strict";

const COSTS = {
  time: { parts: (operator) => operator.causes, title: "cycles", shown: whole, total: report.cycles },
  energy: { parts: (operator) => operator.energy_pj, title: "pJ", shown: energy, total: report.energy_pj.total },
};

const costs = () => COSTS[$("#costs-of").value];

// What takes the costs, the largest first.
function costNames() {
  const totals = new Map();
  for (const operator of report.operators)
    for (const [name, value] of Object.entries(costs().parts(operator))) totals.set(name, (totals.get(name) ?? 0) + value);
  return [...totals].filter(([, value]) => value).sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function costsFigure() {
  const { parts, title, shown } = costs();
  const ofOperator = (operator) => layers.flatMap((layer, number) => (layer.operator === operator ? [number] : []));
  const members = report.operators.map(({ operator }) => ofOperator(operator));
  costsChart.place.style.height = `${110 + 26 * report.operators.length}px`;
  return {
    traces: costNames().map((name, number) => ({
      type: "bar",
      orientation: "h",
      name: words(name),
      y: report.operators.map(({ operator }) => words(operator)),
      x: report.operators.map((operator) => parts(operator)[name] ?? 0),
      customdata: members,
      hovertext: report.operators.map((operator) => `<b>${plain(words(operator.operator))}</b>, ${operator.layers} layers<br>${words(name)}: ${shown(parts(operator)[name] ?? 0)}`),
      hoverinfo: "text",
      marker: { color: PALETTE[number] ?? OTHERS },
    })),
    layout: {
      barmode: "stack",
      hovermode: "closest",
      xaxis: { title: { text: title }, tickformat: "~s", fixedrange: true },
      yaxis: { autorange: "reversed", fixedrange: true },
    },
  };
}

function costsTable() {
  const { parts, shown, total } = costs();
  const names = costNames();
  const rows = report.operators.map((operator) => [operator, sum(Object.values(parts(operator)))]);
  const header = ["operator", "layers", "total", "share", ...names.map(words)];
  const lines = rows.map(([operator, all]) => [
    words(operator.operator), String(operator.layers), shown(all), share(all, total), ...names.map((name) => shown(parts(operator)[name] ?? 0)),
  ]);
  const column = (name) => sum(report.operators.map((operator) => parts(operator)[name] ?? 0));
  const everything = sum(rows.map(([, all]) => all));
  lines.push(["all", String(layers.length), shown(everything), share(everything, total), ...names.map((name) => shown(column(name)))]);
  const made = table(header, lines, {
    attributes: (row) => (row === rows.length ? { class: "total", "data-value": everything } : { "data-operator": rows[row][0].operator }),
  });
  $("#costs-table").replaceChildren(made);
  markOperator(selection.item);
}

function markOperator(layer) {
  for (const row of document.querySelectorAll("#costs-table tr[data-operator]"))
    row.setAttribute("aria-selected", layer !== null && row.dataset.operator === layers[layer].operator);
}

$("#costs-of").append(...Object.keys(COSTS).map((name) => element("option", name)));
const costsChart = new Chart("costs", costsFigure, { settings: { displayModeBar: false } });
$("#costs-of").addEventListener("change", () => {
  costsTable();
  costsChart.draw();
});
selection.watch(markOperator);
costsTable();
