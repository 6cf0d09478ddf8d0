// Totals with their bounds, engines, and the layer that is selected.
"use strict";

function summarise() {
  const external = report.external_bytes.read + report.external_bytes.written;
  const totals = {
    cycles: [report.cycles, whole(report.cycles), `${time(report.cycles)} at ${short(report.clock_hz)}Hz`],
    gap: [report.gap, report.gap?.toFixed(3) ?? "-", "times the network bound"],
    macs: [report.macs, short(report.macs), `MACs, utilisation ${share(report.utilisation, 1)}`],
    energy: [report.energy_pj.total, energy(report.energy_pj.total), largest(report.energy_pj)],
    external: [external, `${short(external)}B`, `external, ${(external / (report.compulsory_bytes || 1)).toFixed(2)} times the compulsory`],
    local: [report.peak_local_bytes, `${short(report.peak_local_bytes)}B`, `local memory used, ${short(report.live_local_bytes)}B live at once`],
    general: [report.general_share.cycles, share(report.general_share.cycles, 1), "of time on general compute"],
  };
  $("#title").textContent = `${report.model} on ${report.target}`;
  $("#summary .cards").append(
    ...Object.entries(totals).map(([name, [value, shown, what]]) =>
      element("div", [element("b", shown), element("span", what)], { class: "card", "data-total": name, "data-value": value })),
  );
  $("#bounds").append(boundsTable());
  $("#engines").append(enginesTable());
}

function largest(energies) {
  const { total, ...sources } = energies;
  const [name, value] = Object.entries(sources).reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  return total ? `energy, ${share(value, total)} ${words(name)}` : "energy";
}

function boundsTable() {
  const lines = Object.entries(report.bounds).map(([name, value]) => [words(name) + (name === "order_floor" ? " (estimate)" : " bound"), value]);
  lines.push(["cycles", report.cycles]);
  lines.sort((a, b) => a[1] - b[1]);
  const most = lines.at(-1)[1];
  const made = table(
    ["", "cycles", "cycles are", ""],
    lines.map(([name, value]) => [name, whole(value), value ? `${(report.cycles / value).toFixed(3)} x` : "-", ""]),
    { caption: "Bounds", attributes: (row) => (lines[row][0] === "cycles" ? { class: "total" } : {}) },
  );
  [...made.tBodies[0].rows].forEach((row, number) => row.cells[3].replaceChildren(track(lines[number][1] / (most || 1))));
  return made;
}

function enginesTable() {
  const uses = Object.entries({ ...report.engines, ...(report.bus ? { bus: report.bus } : {}) });
  const made = table(
    ["engine", "busy", "", "idle, waiting for"],
    uses.map(([name, use]) => [name, share(use.busy, report.cycles), "", idleText(use.idle)]),
    { names: [0, 3], caption: "Engines (the mark: what the network needs at least)" },
  );
  [...made.tBodies[0].rows].forEach((row, number) => {
    const use = uses[number][1];
    row.cells[2].replaceChildren(track(use.busy / report.cycles, use.least ? use.least / report.cycles : null));
  });
  return made;
}

const idleText = (idle) =>
  Object.entries(idle).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([name, cycles]) => `${words(name)} ${share(cycles, report.cycles)}`).join(", ");

function showSelected(number) {
  $("#selected").hidden = number === null;
  if (number === null) return;
  const layer = layers[number];
  $("#selected strong").textContent = layer.name;
  $("#selected span").textContent =
    `${layer.op} · ${layer.shape.join("x")} · ${whole(layer.cycles)} cycles (${share(layer.cycles, report.cycles)}) · ` +
    `${energy(picojoules[number])} · ${short(layer.external_bytes)}B external · limited by ${layer.limited_by || "nothing"}`;
}

$("#previous").addEventListener("click", () => selection.step(-1));
$("#next").addEventListener("click", () => selection.step(1));
$("#unselect").addEventListener("click", () => selection.choose(null));
selection.watch(showSelected);
summarise();
