// Pictures as inline SVG: marks, dots with intervals, step lines, reliability curves and a heat map.

import { s } from "./dom.js";

const picture = (width, height, label, kind, ...parts) =>
  s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: `chart ${kind}` }, parts);

/** Return round steps of an axis from 0 (or `low`) to at least `high`. */
export function ticks(low, high, most = 5) {
  const rough = (high - low) / most || 1,
    ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(one => one * ten).find(one => one >= rough);
  const first = Math.floor(low / step) * step,
    list = [];
  for (let value = first; value <= high + step * 0.999; value += step) list.push(Number(value.toFixed(6)));
  return list;
}

/** Return a function from values to places of a picture. */
export const scale = (low, high, from, to) => value => from + ((value - low) / (high - low || 1)) * (to - from);

/** Return ten small marks: up and filled is over, down and hollow under, a dash a push; the latest is on the right. */
export function marks(values, line) {
  const shown = values.slice().reverse(),
    width = 6;
  const bars = kind => shown.map((value, place) => (value === null ? "" : kind(value, 2 + place * width))).join("");
  const over = bars((value, x) => (line !== null && value > line ? `M${x} 1h4v8h-4z` : ""));
  const under = bars((value, x) => (line !== null && value < line ? `M${x + 0.5} 11.5h3v7h-3z` : ""));
  const push = bars((value, x) => (line === null || value === line ? `M${x} 9h4v2h-4z` : ""));
  const n = values.filter(value => value !== null).length,
    hits = values.filter(value => value !== null && value > line).length;
  const label =
    line === null ? `last ${n}: ${shown.join(", ")}` : `over ${line} in ${hits} of his last ${n}: ${shown.join(", ")}`;
  return picture(
    62,
    20,
    label,
    "marks",
    s("path", { d: "M0 10h62", class: "axis" }),
    s("path", { d: over, class: "over" }),
    s("path", { d: under, class: "under" }),
    s("path", { d: push, class: "push" }),
  );
}

/** Return dots with intervals, one row each: { name, value, low, high, note, mark }; `at` is a line through all. */
export function dots({ rows, at, label, text, low, high }) {
  const width = 430,
    left = 118,
    right = 84,
    row = 20,
    height = rows.length * row + 24;
  const values = [...rows.flatMap(one => [one.value, one.low, one.high, one.mark]), at].filter(
    value => value !== null && value !== undefined,
  );
  const steps = ticks(low ?? Math.min(...values, 0), high ?? Math.max(...values, 1), 6),
    x = scale(steps[0], steps.at(-1), left, width - right);
  const grid = steps.map(value => [
    s("path", { d: `M${x(value)} 4V${height - 18}`, class: "grid" }),
    s("text", { x: x(value), y: height - 4, class: "tick mid" }, text(value)),
  ]);
  const lines = rows.map((one, place) => {
    const y = 13 + place * row;
    return s(
      "g",
      {},
      s("text", { x: left - 8, y: y + 4, class: "name end" }, one.name),
      one.low != null && one.high != null
        ? s("path", {
            d: `M${x(one.low)} ${y}H${x(one.high)}M${x(one.low)} ${y - 4}v8M${x(one.high)} ${y - 4}v8`,
            class: "whisker",
          })
        : null,
      one.mark != null ? s("path", { d: `M${x(one.mark)} ${y - 8}v16`, class: "mark" }) : null,
      one.value != null
        ? s("circle", { cx: x(one.value), cy: y, r: 4.5, class: one.strong ? "dot strong" : "dot" })
        : null,
      s("text", { x: width - right + 8, y: y + 4, class: "tick" }, one.note),
    );
  });
  const through = at != null ? s("path", { d: `M${x(at)} 2V${height - 18}`, class: "line" }) : null;
  return picture(
    width,
    height,
    `${label}: ${rows.map(one => `${one.name} ${one.note}`).join("; ")}`,
    "dots",
    grid,
    through,
    lines,
  );
}

/** Return step lines: series of { name, points: [[x, y]] }, x falling to 0 at tip-off where `falling`. */
export function steps({ series, label, falling = false, xText, yText }) {
  const width = 430,
    height = 150,
    left = 30,
    right = 74,
    above = 10,
    below = 24;
  const points = series.flatMap(one => one.points),
    xs = points.map(([x]) => x),
    ys = points.map(([, y]) => y);
  const across = ticks(Math.min(...xs, 0), Math.max(...xs, 1)),
    up = ticks(Math.min(...ys) - 0.5, Math.max(...ys) + 0.5, 4);
  const x = falling
      ? scale(across.at(-1), across[0], left, width - right)
      : scale(across[0], across.at(-1), left, width - right),
    y = scale(up[0], up.at(-1), height - below, above);
  const grid = [
    ...up.map(value => [
      s("path", { d: `M${left} ${y(value)}H${width - right}`, class: "grid" }),
      s("text", { x: left - 6, y: y(value) + 4, class: "tick end" }, yText(value)),
    ]),
    ...across.map(value => s("text", { x: x(value), y: height - 8, class: "tick mid" }, xText(value))),
  ];
  const labels = [];
  const drawn = series.map((one, place) => {
    const path =
      one.points.map(([a, b], n) => (n ? `H${x(a)}V${y(b)}` : `M${x(a)} ${y(b)}`)).join("") +
      (falling ? `H${x(0)}` : "");
    let at = y(one.points.at(-1)[1]) + 4;
    while (labels.some(other => Math.abs(other - at) < 11)) at += 11;
    labels.push(at);
    return s(
      "g",
      { class: `series n${place % 5}` },
      s("path", { d: path, class: "step" }),
      one.points.map(([a, b]) => s("circle", { cx: x(a), cy: y(b), r: 2 })),
      s("text", { x: width - right + 6, y: at, class: "tick" }, one.name),
    );
  });
  return picture(width, height, label, "steps", grid, drawn);
}

/** Return a heat map: rows of { name, cells: [class or null] }, one path for each class of a row. */
export function heat({ rows, kinds, label, columns }) {
  const cell = Math.max(3, Math.min(12, Math.floor(900 / columns))),
    row = 14,
    left = 235,
    width = left + columns * cell + 4,
    height = rows.length * row + 4;
  const drawn = rows.map((one, place) => {
    const y = place * row + 2;
    const paths = kinds
      .map(kind => [
        kind,
        one.cells
          .map((value, at) =>
            value === kind ? `M${left + at * cell} ${y}h${cell - 0.6}v${row - 2}h-${cell - 0.6}z` : "",
          )
          .join(""),
      ])
      .filter(([, d]) => d);
    return [
      s("text", { x: left - 8, y: y + 10, class: "tick end" }, one.name),
      paths.map(([kind, d]) => s("path", { d, class: `state ${kind}` })),
    ];
  });
  return picture(width, height, label, "heat", drawn);
}

/** Return a reliability curve: series of { name, points: [{ told, came, low, high, n }] } beside the diagonal. */
export function reliability({ series, label }) {
  const width = 430,
    height = 300,
    left = 44,
    right = 12,
    above = 10,
    below = 40;
  const all = series.flatMap(one => one.points.flatMap(point => [point.told, point.came]));
  const low = Math.max(0, Math.min(0.4, ...all) - 0.05),
    high = Math.min(1, Math.max(0.6, ...all) + 0.05);
  const shown = ticks(low, high).filter(value => value >= low && value <= high);
  const x = scale(low, high, left, width - right),
    y = scale(low, high, height - below, above);
  const inside = value => y(Math.min(high, Math.max(low, value)));
  const grid = shown.map(value => [
    s("path", { d: `M${left} ${y(value)}H${width - right}M${x(value)} ${above}V${height - below}`, class: "grid" }),
    s("text", { x: left - 6, y: y(value) + 4, class: "tick end" }, `${Math.round(100 * value)} %`),
    s("text", { x: x(value), y: height - below + 16, class: "tick mid" }, `${Math.round(100 * value)} %`),
  ]);
  const axis = s(
    "text",
    { x: (left + width) / 2, y: height - 6, class: "tick mid" },
    "chance of over told, without pushes",
  );
  const diagonal = s("path", { d: `M${x(low)} ${y(low)}L${x(high)} ${y(high)}`, class: "diagonal" });
  const drawn = series.map((one, place) => {
    const shift = place ? 4 : -4; // so that the intervals of two series do not cover each other
    const at = point => x(point.told) + shift;
    const sign = point =>
      place
        ? s("rect", { x: at(point) - 4, y: inside(point.came) - 4, width: 8, height: 8, class: "square" })
        : s("circle", { cx: at(point), cy: inside(point.came), r: 4.5, class: "dot strong" });
    const points = one.points.map(point => [
      s("path", { d: `M${at(point)} ${inside(point.low)}V${inside(point.high)}`, class: "whisker" }),
      sign(point),
    ]);
    return s("g", {}, points);
  });
  const texts = series.map(one => `${one.name}: ${one.points.map(pointText).join(", ")}`);
  return picture(width, height, `${label}. ${texts.join("; ")}`, "reliability", grid, axis, diagonal, drawn);
}

const pointText = ({ told, came, n }) => `${Math.round(100 * told)} % told, ${Math.round(100 * came)} % of ${n} came`;
