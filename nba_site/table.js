// Tables that sort, are drawn in slices so that a reader never waits, and can be taken away as CSV.

import { add, h } from "./dom.js";

const FIRST = 25, SLICE = 60; // rows drawn at once, and in each pause after it
const PAUSE_MS = 120; // a reader who goes on typing waits for no row that he will not see
const COLLATOR = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/**
 * Return a table. A column has key, label and cell(row), and may have value(row) to sort and save by, `text` for words
 * (numbers are aligned to the right), and `hint`. `sort` is { key, down }; `sorted` is called with the reader's choice.
 */
export function table({ caption, columns, rows, sort, sorted, empty = "There is nothing to show.", kind = "" }) {
  const ordered = sort ? inOrder(rows, columns, sort) : rows;
  const head = h("tr", { role: "row" }, columns.map(column => heading(column, sort, sorted)));
  const body = h("tbody", { role: "rowgroup" });
  if (!rows.length) add(body, h("tr", { role: "row" }, h("td", { role: "cell", colspan: columns.length, class: "empty" }, empty)));
  draw(body, ordered, columns);
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${caption}` },
    h("table", { role: "table", class: kind, "aria-rowcount": rows.length + 1 }, h("caption", {}, caption), h("thead", { role: "rowgroup" }, head), body));
}

function heading(column, sort, sorted) {
  const by = sort?.key === column.key;
  const attributes = { scope: "col", role: "columnheader", class: column.text ? "text" : "number", title: column.hint, "aria-sort": by ? (sort.down ? "descending" : "ascending") : column.value && sorted ? "none" : null };
  if (!sorted || !column.value) return h("th", attributes, column.label);
  const choose = () => sorted({ key: column.key, down: by ? !sort.down : !column.text });
  return h("th", attributes, h("button", { type: "button", onclick: choose, "data-sort": column.key }, column.label, h("span", { "aria-hidden": "true", class: "arrow" }, by ? (sort.down ? "▼" : "▲") : "")));
}

function draw(body, rows, columns) {
  let place = 0;
  const slice = size => {
    const part = document.createDocumentFragment();
    for (const row of rows.slice(place, place + size))
      part.append(h("tr", { role: "row", class: row.kind ?? null }, columns.map(column => cell(column, row))));
    place += size;
    body.append(part);
    if (place < rows.length) setTimeout(() => body.isConnected && slice(SLICE), place <= FIRST ? PAUSE_MS : 8);
  };
  slice(FIRST);
}

function cell(column, row) {
  const attributes = { class: `${column.text ? "text" : "number"} c-${column.key}`, role: column.head ? "rowheader" : "cell", "data-label": column.label };
  return h(column.head ? "th" : "td", column.head ? { ...attributes, scope: "row" } : attributes, column.cell(row));
}

/** Return the rows sorted by a column, unknown values always last. */
export function inOrder(rows, columns, sort) {
  const column = columns.find(one => one.key === sort.key && one.value);
  if (!column) return rows;
  const known = value => value !== null && value !== undefined && value !== "";
  const compare = (a, b) => (typeof a === "number" ? a - b : COLLATOR.compare(a, b));
  const valued = rows.map(row => [column.value(row), row]);
  valued.sort(([a], [b]) => (known(a) && known(b) ? (sort.down ? compare(b, a) : compare(a, b)) : known(b) - known(a)));
  return valued.map(([, row]) => row);
}

/** Return a text as a cell of a spreadsheet that never runs it as a formula. */
export function csvCell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = typeof value === "number" ? text : text.replace(/^[\s]*[=+\-@|%\t\r]/, "'$&");
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Return rows as CSV; `columns` are pairs of a name and a function. */
export function csv(columns, rows) {
  const lines = [columns.map(([name]) => csvCell(name)), ...rows.map(row => columns.map(([, of]) => csvCell(of(row))))];
  return lines.map(line => line.join(",")).join("\r\n") + "\r\n";
}

/** Return a button that saves rows as CSV. */
export function saveButton(name, columns, rows) {
  const save = () => {
    const url = URL.createObjectURL(new Blob(["\ufeff", csv(columns, rows())], { type: "text/csv;charset=utf-8" }));
    h("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return h("button", { type: "button", class: "quiet", onclick: save }, "Save CSV");
}
