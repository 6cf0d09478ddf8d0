// What the number format costs: the noise of each layer against float32, and of the outputs.
"use strict";

const value = (decibels) => Number(String(decibels).replace("inf", "Infinity"));
const decibels = (text) => (Number.isFinite(value(text)) ? `${value(text).toFixed(1)} dB` : "exact");

function accuracyFigure() {
  const known = report.accuracy.layers;
  const number = new Map(layers.flatMap((layer, at) => [...layer.layers, layer.name].map((name) => [name, at])));
  const finite = known.map(({ deviation }) => value(deviation.sqnr_db)).filter(Number.isFinite);
  const top = Math.max(...finite, 1) * 1.1;
  return {
    traces: [
      {
        type: "bar",
        name: "signal to noise",
        x: known.map((_, at) => at + 1),
        y: known.map(({ deviation }) => Math.min(top, value(deviation.sqnr_db))),
        customdata: known.map(({ name }) => (number.has(name) ? number.get(name) : [])),
        hovertext: known.map(({ name, deviation }) =>
          `<b>${plain(name)}</b><br>${decibels(deviation.sqnr_db)}<br>largest error ${short(deviation.largest_error)}<br>clipped ${share(deviation.clipped, 1)}`),
        hoverinfo: "text",
        marker: { color: known.map(({ name }) => (name === report.accuracy.first_jump?.layer ? colour("accent") : colour("bar"))) },
      },
    ],
    layout: {
      hovermode: "closest",
      showlegend: false,
      xaxis: { title: { text: "operators and inputs of the network, in order" } },
      yaxis: { title: { text: "SQNR, dB" }, rangemode: "tozero" },
    },
  };
}

function accuracyOutputs() {
  const { outputs, first_jump: jump } = report.accuracy;
  $("#accuracy .note").textContent = jump
    ? `The error jumps first at layer ${jump.layer}: ${decibels(jump.sqnr_db)}, its inputs have ${decibels(jump.read_sqnr_db)}.`
    : "";
  const optional = (number) => (number === null ? "-" : share(number, 1));
  $("#outputs-table").replaceChildren(
    table(
      ["output", "SQNR", "largest error", "clipped", "top-1 agreement", "accuracy", "in float32"],
      outputs.map(({ name, deviation, ...known }) => [
        name,
        ...(deviation ? [decibels(deviation.sqnr_db), short(deviation.largest_error), share(deviation.clipped, 1)] : ["-", "-", "-"]),
        ...[known.top1_agreement, known.accuracy, known.float_accuracy].map(optional),
      ]),
    ),
  );
}

if (report.accuracy) {
  $("#accuracy").hidden = false;
  accuracyOutputs();
  if (report.accuracy.layers.length) new Chart("accuracy", accuracyFigure);
  else $("#accuracy .chart").remove();
}
