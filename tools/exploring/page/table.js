// The table of machines.
"use strict";

const failures = machines.some((machine) => machine.error);

new SortableTable(
  "#machine-table",
  [
    ["#", (machine, place) => place, (machine, place) => String(place + 1), true],
    ...page.fields.map((field) => [field, (machine) => machine.point[field], (machine) => number(machine.point[field])]),
    ...page.objectives.map((name) => [
      axisOf(name),
      (machine) => (machine.metrics ? shownIn(machine, name) : -1),
      (machine) => (machine.metrics ? number(shownIn(machine, name)) : "-"),
    ]),
    ["front", (machine) => Number(machine.pareto), (machine) => (machine.pareto ? "*" : "")],
    ...(failures ? [["cannot be compiled", (machine) => machine.error ?? "", (machine) => machine.error ?? "", true]] : []),
  ],
  {
    filter: "#filter",
    text: (machine) => [...fieldsOf(machine), machine.error ?? "", machine.pareto ? "front" : ""].join(" "),
    found: (machines) => ($("#filtered").textContent = `${whole(machines.length)} of ${whole(items.length)} machines`),
  },
);
keys["/"] = () => $("#filter").focus();
