// Dark and light: as the system has it until the user says otherwise; printed pages are light.
"use strict";

const theme = {
  views: [],
  system: matchMedia("(prefers-color-scheme: dark)"),
  chosen: null,
  printing: false,

  watch(show) {
    this.views.push(show);
  },

  get dark() {
    return !this.printing && (this.chosen ?? this.system.matches);
  },

  apply() {
    const name = this.dark ? "dark" : "light";
    if (document.documentElement.dataset.theme === name) return;
    document.documentElement.dataset.theme = name;
    for (const show of this.views) show();
  },

  toggle() {
    this.chosen = !this.dark;
    this.apply();
  },

  print(printing) {
    this.printing = printing;
    this.apply();
  },
};

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const PALETTE = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#b07aa1", "#edc948", "#9c755f", "#ff9da7"];
const OTHERS = "#8d949e";

$("#theme").addEventListener("click", () => theme.toggle());
keys.t = () => theme.toggle();
theme.system.addEventListener("change", () => theme.apply());
addEventListener("beforeprint", () => theme.print(true));
addEventListener("afterprint", () => theme.print(false));
theme.apply();
