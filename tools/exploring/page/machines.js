// The machines that were tried, the best in the first objective first.
"use strict";

const machines = page.results;
const items = machines;
const known = machines.map((machine, number) => ({ machine, number })).filter(({ machine }) => machine.metrics);

// An objective as people see it: its axis, and its values in their unit.
const axisOf = (name) => (page.metrics[name].unit === name ? name : `${name}, ${page.metrics[name].unit}`);
const shownIn = (machine, name) => machine.metrics[name] * page.metrics[name].per_unit;
const number = (value) => (Number.isInteger(value) ? whole(value) : Number(value.toPrecision(5)).toLocaleString("en", { maximumSignificantDigits: 5 }));
const fieldsOf = (machine) => page.fields.map((field) => `${field}=${machine.point[field]}`);
