// Starts the page: what needs no charts is there by now; then what is packed, then one chart after the other.
"use strict";

$("nav").append(
  ...[...document.querySelectorAll("main section:not([hidden])")].map((section) =>
    element("a", section.querySelector("h2").textContent, { href: `#${section.id}` })),
);

async function start() {
  for (const each of later) await each();
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
requestAnimationFrame(() => setTimeout(start));
