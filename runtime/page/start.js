// Starts the page: what needs no charts is there by now; then plotly, then one chart after the other.
"use strict";

$("nav").append(
  ...[...document.querySelectorAll("main section:not([hidden])")].map((section) =>
    element("a", section.querySelector("h2").textContent, { href: `#${section.id}` })),
);

// The text that was packed by gzip into an element of this page.
async function unpacked(name) {
  const bytes = Uint8Array.from(atob(document.getElementById(name).textContent), (each) => each.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function startCharts() {
  const library = document.createElement("script");
  library.textContent = await unpacked("plotly");
  document.head.append(library);
  const waiting = [...charts];
  const next = () => {
    const chart = waiting.shift();
    if (!chart) {
      document.documentElement.dataset.ready = "yes";
      return;
    }
    chart.start();
    setTimeout(next);
  };
  next();
}

selection.fromAddress();
requestAnimationFrame(() => setTimeout(startCharts));
