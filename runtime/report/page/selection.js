// One selection of a layer, which all views show; and the keys that change it.
"use strict";

const selection = {
  layer: null,
  views: [],

  // `show` is called with the layer's number, or null, each time it changes.
  watch(show) {
    this.views.push(show);
  },

  choose(layer) {
    if (layer === this.layer) return;
    this.layer = layer;
    document.documentElement.dataset.layer = layer ?? "";
    history.replaceState(null, "", layer === null ? location.pathname : `#layer=${layer}`);
    for (const show of this.views) show(layer);
  },

  step(by) {
    const from = this.layer ?? (by > 0 ? -1 : layers.length);
    if (layers[from + by]) this.choose(from + by);
  },

  fromAddress() {
    const found = /^#layer=(\d+)$/.exec(location.hash);
    if (found && layers[Number(found[1])]) this.choose(Number(found[1]));
  },
};

const keys = {
  j: () => selection.step(1),
  k: () => selection.step(-1),
  Escape: () => selection.choose(null),
};

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select") && event.key !== "Escape") return;
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
