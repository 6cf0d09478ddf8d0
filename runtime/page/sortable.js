// A table of items: sorted by a click on a column, filtered by a text, with the selected one marked.
"use strict";

const MOST_ROWS = 1000; // that are shown at once

class SortableTable {
  // Of each column its title, what it sorts by, what it shows, and whether that is a name. `text` of an item is
  // what is looked for in it; `found` gets the items of the table when they change. Those of the same key stay in order.
  constructor(place, columns, { filter = null, text = null, found = () => {} } = {}) {
    Object.assign(this, { place: $(place), columns, filter, text, found, column: null, descending: false, all: false });
    this.place.addEventListener("click", ({ target }) => {
      const row = target.closest("tr[data-item]");
      if (row) selection.choose(Number(row.dataset.item));
    });
    this.place.addEventListener("keydown", (event) => this.step(event));
    if (filter) $(filter).addEventListener("input", () => this.draw());
    selection.watch((item) => this.mark(item));
    this.draw();
  }

  shown() {
    const wanted = this.filter ? $(this.filter).value.trim().toLowerCase() : "";
    const numbered = items.map((item, number) => ({ item, number }));
    const found = numbered.filter(({ item }) => !wanted || this.text(item).toLowerCase().includes(wanted));
    if (this.column === null) return found;
    const key = this.columns[this.column][1];
    const sign = this.descending ? -1 : 1;
    return found.sort((a, b) => {
      const [one, other] = [key(a.item, a.number), key(b.item, b.number)];
      const order = typeof one === "string" ? one.localeCompare(other) : one - other;
      return sign * order || a.number - b.number;
    });
  }

  draw() {
    const found = this.shown();
    const rows = this.all ? found : found.slice(0, MOST_ROWS);
    const made = table(
      this.columns.map(() => ""),
      rows.map(({ item, number }) => this.columns.map(([, , show]) => show(item, number))),
      {
        names: this.columns.flatMap(([, , , isName], column) => (isName ? [column] : [])),
        attributes: (row) => ({ "data-item": rows[row].number, "aria-selected": rows[row].number === selection.item }),
      },
    );
    this.columns.forEach(([title], column) => {
      const cell = made.tHead.rows[0].cells[column];
      const button = element("button", title, { type: "button" });
      button.addEventListener("click", () => this.sortBy(column));
      cell.replaceChildren(button);
      if (column === this.column) cell.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
    });
    this.found(found.map(({ item }) => item));
    this.place.replaceChildren(made);
    if (rows.length < found.length) {
      const more = element("button", `show all ${whole(found.length)}`, { type: "button" });
      more.addEventListener("click", () => {
        this.all = true;
        this.draw();
      });
      this.place.append(more);
    }
  }

  // Numbers begin with the largest, names with the first.
  sortBy(column) {
    const again = column === this.column;
    this.descending = again ? !this.descending : !this.columns[column][3];
    this.column = column;
    this.draw();
  }

  mark(item) {
    for (const row of this.place.querySelectorAll("tr[data-item]")) row.setAttribute("aria-selected", Number(row.dataset.item) === item);
    const row = item === null ? null : this.place.querySelector(`tr[data-item="${item}"]`);
    if (!row) return;
    const head = this.place.querySelector("thead").offsetHeight;
    if (row.offsetTop - head < this.place.scrollTop) this.place.scrollTop = row.offsetTop - head;
    else if (row.offsetTop + row.offsetHeight > this.place.scrollTop + this.place.clientHeight)
      this.place.scrollTop = row.offsetTop + row.offsetHeight - this.place.clientHeight;
  }

  // The arrow keys go through the table as it is sorted.
  step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const shown = [...this.place.querySelectorAll("tr[data-item]")].map((row) => Number(row.dataset.item));
    const next = shown[shown.indexOf(selection.item) + by];
    if (next !== undefined) selection.choose(next);
  }
}
