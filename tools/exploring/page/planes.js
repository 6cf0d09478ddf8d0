// The machines in the plane of each two objectives.
"use strict";

function plane(one, other, id) {
  const section = element("section", [element("h2", `${one[0].toUpperCase()}${one.slice(1)} and ${other}`), element("div", "", { class: "chart tall" })], { id });
  $("#machines").before(section);
  new Chart(id, () => ({
    traces: [["others", false], ["Pareto front", true]].map(([name, pareto]) => {
      const shown = known.filter(({ machine }) => machine.pareto === pareto);
      return {
        type: "scatter",
        mode: "markers",
        name,
        x: shown.map(({ machine }) => shownIn(machine, one)),
        y: shown.map(({ machine }) => shownIn(machine, other)),
        customdata: shown.map(({ number }) => number),
        hovertext: shown.map(({ machine }) => [...fieldsOf(machine), ...page.objectives.map((name) => `${axisOf(name)}: ${number(shownIn(machine, name))}`)].map(plain).join("<br>")),
        hoverinfo: "text",
        marker: { color: pareto ? colour("bar") : OTHERS, size: pareto ? 10 : 7 },
      };
    }),
    layout: { xaxis: { title: { text: axisOf(one) } }, yaxis: { title: { text: axisOf(other) } }, hovermode: "closest" },
  }));
}

for (const [place, one] of known.length ? page.objectives.entries() : [])
  page.objectives.slice(place + 1).forEach((other, more) => plane(one, other, `plane-${place}-${place + 1 + more}`));
