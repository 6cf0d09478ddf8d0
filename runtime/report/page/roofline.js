// The roofline: what the bus and the matrix engine allow, and where the layers are.
"use strict";

// A layer that is hidden behind others has the rate of when its engine, or the bus, is busy with it.
const rooflinePoints = (() => {
  const found = layers.flatMap((layer, number) =>
    layer.macs ? [{ number, layer, rate: layer.macs / Math.max(1, layer.cycles, layer.computation, layer.communication) }] : []);
  const finite = found.filter(({ layer }) => layer.external_bytes).map(({ layer }) => layer.macs / layer.external_bytes);
  const ridge = Math.max(...Object.values(page.roofs.macs_per_cycle), 1) / page.roofs.bytes_per_cycle;
  const most = 4 * Math.max(ridge, ...finite);
  for (const point of found)
    point.intensity = point.layer.external_bytes ? point.layer.macs / point.layer.external_bytes : most;
  return { found, most, least: Math.min(ridge / 4, ...finite) / 2 };
})();

function rooflineFigure() {
  const { found, most, least } = rooflinePoints;
  const bandwidth = page.roofs.bytes_per_cycle;
  const roofs = Object.entries(page.roofs.macs_per_cycle).map(([bits, peak]) => ({
    type: "scatter",
    mode: "lines",
    x: [least, peak / bandwidth, most],
    y: [least * bandwidth, peak, peak],
    name: `${bits}-bit: ${whole(peak)} MACs per cycle`,
    line: { color: colour("muted"), width: 1.5, dash: "solid" },
    hoverinfo: "name",
    showlegend: false,
  }));
  const kinds = operators.filter((kind) => found.some(({ layer }) => layer.operator === kind));
  const dots = kinds.map((kind) => {
    const mine = found.filter(({ layer }) => layer.operator === kind);
    return {
      type: "scatter",
      mode: "markers",
      name: words(kind),
      x: mine.map(({ intensity }) => intensity),
      y: mine.map(({ rate }) => rate),
      customdata: mine.map(({ number }) => number),
      text: mine.map(({ layer }) =>
        `<b>${plain(layer.name)}</b><br>${plain(layer.op)}<br>${short(layer.macs)} MACs, ` +
        (layer.external_bytes ? `${short(layer.external_bytes)}B external` : "no external bytes") +
        `<br>${whole(layer.cycles)} cycles, utilisation ${share(layer.utilisation, 1)}`),
      hoverinfo: "text",
      marker: {
        size: mine.map(({ layer }) => 7 + 30 * Math.sqrt(layer.cycles / (report.cycles || 1))),
        color: operatorColour(kind),
        line: { color: colour("page"), width: 1 },
      },
    };
  });
  const top = Math.max(...Object.values(page.roofs.macs_per_cycle), 1);
  const low = Math.min(top, ...found.map(({ rate }) => rate)) / 2;
  return {
    traces: [...roofs, ...dots],
    layout: {
      hovermode: "closest",
      xaxis: { type: "log", dtick: 1, title: { text: "MACs per external byte" }, range: [Math.log10(least), Math.log10(most * 1.3)] },
      yaxis: { type: "log", dtick: 1, title: { text: "MACs per cycle" }, range: [Math.log10(low), Math.log10(top * 2)] },
      annotations: Object.entries(page.roofs.macs_per_cycle).map(([bits, peak]) => ({
        x: Math.log10(most), y: Math.log10(peak), xanchor: "right", yanchor: "bottom", showarrow: false, text: `${bits}-bit peak: ${whole(peak)}`,
      })),
    },
  };
}

new Chart("roofline", rooflineFigure);
