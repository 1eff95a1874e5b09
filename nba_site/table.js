// Tables that sort, are drawn as far as a reader looks, and can be taken away as CSV.

import { add, button, h } from "./dom.js";

const FIRST = 20; // rows drawn at once: a usual window is full, and a reader waits for no row that he does not see
const SLICE = 20; // rows drawn each time he comes near the end of those
const NEAR = "300px"; // below the window: a row is there before it is seen
const COLLATOR = new Intl.Collator("en", { sensitivity: "base", numeric: true });
const unfinished = new Set(); // tables with rows that are not drawn yet
let rowHeight = 44; // pixels, as measured last

/**
 * Return a table. A column has key, label and cell(row), and may have value(row) to sort and save by, `text` for words
 * (numbers are aligned to the right), and `hint`. `sort` is { key, down }; `sorted` is called with the reader's choice.
 * `made` keeps the elements of rows from one table to the next, for rows and columns that stay the same.
 */
export function table({ caption, columns, rows, sort, sorted, empty = "There is nothing to show.", kind = "", made }) {
  const head = h(
    "tr",
    { role: "row" },
    columns.map(column => heading(column, sort, sorted)),
  );
  const body = h("tbody", { role: "rowgroup" }),
    rest = h("div", { class: "rest" });
  if (!rows.length) add(body, h("tr", { role: "row" }, emptyCell(columns.length, empty)));
  const all = h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${caption}` },
    h(
      "table",
      { role: "table", class: kind, "aria-rowcount": rows.length + 1 },
      h("caption", {}, caption),
      h("thead", { role: "rowgroup" }, head),
      body,
    ),
    rest,
  );
  drawNear(body, rest, rows, row => elementOf(row, columns, made ?? new Map()));
  return all;
}

const emptyCell = (columns, text) => h("td", { role: "cell", colspan: columns, class: "empty" }, text);

function heading(column, sort, sorted) {
  const by = sort?.key === column.key,
    sortable = sorted && column.value;
  const attributes = {
    scope: "col",
    role: "columnheader",
    class: `${column.text ? "text" : "number"} c-${column.key}`,
    title: column.hint,
    "aria-sort": by ? (sort.down ? "descending" : "ascending") : sortable ? "none" : null,
  };
  if (!sortable) return h("th", attributes, column.label);
  const arrow = h("span", { "aria-hidden": "true", class: "arrow" }, by ? (sort.down ? "▼" : "▲") : "");
  const choose = () => sorted({ key: column.key, down: by ? !sort.down : !column.text });
  const pressed = { type: "button", onclick: choose, "data-sort": column.key };
  return h("th", attributes, h("button", pressed, column.label, arrow));
}

/**
 * Draw the first rows now, and more when a reader comes near the end of them, prints, or lets the browser search.
 * An empty box has the height of the rows that are missing, so that the scroll bar tells the truth.
 */
function drawNear(body, rest, rows, element) {
  let place = 0;
  const draw = size => {
    body.append(...rows.slice(place, place + size).map(element));
    place = Math.min(place + size, rows.length);
    if (place < rows.length) return;
    rest.remove();
    unfinished.delete(drawing);
  };
  const drawing = { body, finish: () => draw(rows.length) };
  draw(FIRST);
  if (place === rows.length) return;
  for (const other of unfinished) if (!other.body.isConnected) unfinished.delete(other);
  unfinished.add(drawing);
  const keepPlace = () => (rest.style.height = `${rowHeight * (rows.length - place)}px`);
  const near = ([seen]) => {
    if (!body.isConnected) return watch.disconnect();
    if (!seen.isIntersecting) return;
    rowHeight = body.offsetHeight / place;
    draw(SLICE);
    keepPlace();
    watch.unobserve(rest); // to be told again if it is near still
    if (place < rows.length) watch.observe(rest);
  };
  const watch = new IntersectionObserver(near, { rootMargin: `${NEAR} 0px` });
  keepPlace();
  watch.observe(rest);
}

const finishAll = () => [...unfinished].forEach(one => one.finish());
addEventListener("beforeprint", finishAll);
addEventListener("keydown", event => (event.ctrlKey || event.metaKey) && event.key === "f" && finishAll());

function elementOf(row, columns, made) {
  if (!made.has(row)) {
    const cells = columns.map(column => cell(column, row));
    made.set(row, h("tr", { role: "row", class: row.kind ?? null }, cells));
  }
  return made.get(row);
}

function cell(column, row) {
  const attributes = {
    class: `${column.text ? "text" : "number"} c-${column.key}`,
    role: column.head ? "rowheader" : "cell",
    scope: column.head ? "row" : null,
    "data-label": column.label,
  };
  return h(column.head ? "th" : "td", attributes, column.cell(row));
}

/** Return the rows sorted by a column, unknown values always last. */
export function inOrder(rows, columns, sort) {
  const column = columns.find(one => one.key === sort?.key && one.value);
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
  return button("Save CSV", save);
}
