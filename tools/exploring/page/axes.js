// A line for each machine through its fields and its objectives; the Pareto front, and the selected one, in colours of their own.
"use strict";

function fieldAxis(field) {
  const values = [...new Set(known.map(({ machine }) => machine.point[field]))].sort((a, b) => a - b);
  return {
    label: plain(field),
    values: known.map(({ machine }) => values.indexOf(machine.point[field])),
    tickvals: values.map((_, place) => place),
    ticktext: values.map(number),
  };
}

const front = known.filter(({ machine }) => machine.pareto).length;
const failed = machines.length - known.length;
$("#title").textContent = page.title;
$("#found").textContent = `${whole(machines.length)} machines, ${whole(front)} on the Pareto front${failed ? `, ${whole(failed)} that cannot be compiled for` : ""}.`;

if (!known.length) $("#axes .chart").hidden = true;
else new Chart(
  "axes",
  () => ({
    traces: [
      {
        type: "parcoords",
        dimensions: [
          ...page.fields.map(fieldAxis),
          ...page.objectives.map((name) => ({ label: axisOf(name), values: known.map(({ machine }) => shownIn(machine, name)) })),
        ],
        line: {
          color: known.map(({ machine, number }) => (number === selection.item ? 2 : Number(machine.pareto))),
          colorscale: [[0, OTHERS], [0.5, colour("bar")], [1, colour("accent")]],
          cmin: 0,
          cmax: 2,
        },
        labelfont: { color: colour("text") },
        tickfont: { color: colour("text") },
        rangefont: { color: colour("muted") },
      },
    ],
    layout: { margin: { l: 60, r: 60, t: 50, b: 30 } },
  }),
  { settings: { displayModeBar: false } },
);
