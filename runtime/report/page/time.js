// Charts over the time of the run, which is zoomed in all of them at once.
"use strict";

// A time range that the timeline and the memory share; null is all of the run.
const timeRange = {
  range: null,
  views: [],
  watch(show) {
    this.views.push(show);
  },
  set(range) {
    const whole = !range || (range[0] <= 0 && range[1] >= report.cycles);
    this.range = whole ? null : [Math.max(0, range[0]), Math.min(report.cycles, range[1])];
    for (const show of this.views) show();
  },
  get shown() {
    return this.range ?? [0, report.cycles];
  },
};

// A chart over the time range, redrawn with what is visible there.
class TimeChart extends Chart {
  constructor(section, figure, options) {
    super(section, figure, options);
    timeRange.watch(() => this.draw());
  }

  start() {
    super.start();
    this.place.on("plotly_relayout", (change) => {
      if (change["xaxis.autorange"]) timeRange.set(null);
      else if (change["xaxis.range[0]"] !== undefined)
        timeRange.set([change["xaxis.range[0]"], change["xaxis.range[1]"]]);
      else if (change["xaxis.range"]) timeRange.set(change["xaxis.range"]);
    });
    this.place.on("plotly_doubleclick", () => timeRange.set(null));
  }

  get width() {
    return Math.max(200, this.place.clientWidth - 80);
  }
}

const timeAxis = () => ({ range: timeRange.shown, title: { text: "cycles" }, tickformat: ",d", zeroline: false });
