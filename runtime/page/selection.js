// One selection of an item, by its number, which all views show; and the keys that change it.
"use strict";

const selection = {
  item: null,
  views: [],

  // `show` is called with the item's number, or null, each time it changes.
  watch(show) {
    this.views.push(show);
  },

  choose(item) {
    if (item === this.item) return;
    this.item = item;
    history.replaceState(null, "", item === null ? location.pathname : `#item=${item}`);
    for (const show of this.views) show(item);
  },

  step(by) {
    const from = this.item ?? (by > 0 ? -1 : items.length);
    if (items[from + by]) this.choose(from + by);
  },

  fromAddress() {
    const found = /^#item=(\d+)$/.exec(location.hash);
    if (found && items[Number(found[1])]) this.choose(Number(found[1]));
  },
};

keys.j = () => selection.step(1);
keys.k = () => selection.step(-1);
keys.Escape = () => selection.choose(null);
