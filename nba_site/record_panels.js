// The panels of the record: every system of a market in one window, beside the line, break-even and the close.

import { h, panel } from "./dom.js";
import { DASH, change, count, gain, number, percent } from "./format.js";
import { dots } from "./charts.js";
import { systemName } from "./names.js";
import { rate } from "./stats.js";
import { table } from "./table.js";

const DRAWN = 20; // picks: the interval of fewer spans most of the picture
const LEAST = 0.2,
  MOST = 0.8; // shares, the ends of the pictures of hit rates
const MARGIN = 0.1,
  WIDE = 0.6; // of an axis of errors: room on its left, and from where one decimal place is enough
const whole = value => `${Math.round(100 * value)} %`;
const inside = value => Math.min(MOST, Math.max(LEAST, value));

/** Mean errors, the line's on the same players beside each. */
export function errors(rows) {
  const measured = rows.filter(one => one.mae_shared !== null);
  if (!measured.length) return null;
  return panel(
    "Mean error",
    "The dot is the system, the bar the market's line on the same players. Smaller is better; " +
      "the axis does not begin at 0.",
    errorDots(measured, one => systemName(one.system_id), "Mean error beside the line's"),
  );
}

/** Draw errors of systems, months or tiers beside the line's. */
export function errorDots(rows, nameOf, label) {
  const every = rows.flatMap(one => [one.mae_shared, one.line_mae_shared]);
  const low = Math.min(...every) - MARGIN,
    high = Math.max(...every),
    places = high - low > WIDE ? 1 : 2;
  const drawn = rows.map(one => ({
    name: nameOf(one),
    value: one.mae_shared,
    mark: one.line_mae_shared,
    note: `${number(one.mae_shared, 2)} / ${number(one.line_mae_shared, 2)}`,
  }));
  return dots({ label, low, high, text: value => number(value, places), rows: drawn });
}

/** Hit rates with intervals, what the prices needed beside each. */
export function hits(rows) {
  const picked = rows.filter(one => one.wins + one.losses >= DRAWN);
  const none = `No system has ${DRAWN} graded picks in this window.`;
  if (!picked.length) return panel("Hit rates", null, h("p", { class: "empty" }, none));
  const drawn = picked.map(one => ({
    name: systemName(one.system_id),
    value: one.hit_rate,
    low: inside(one.hit_rate_low),
    high: inside(one.hit_rate_high),
    mark: one.mean_break_even,
    note: `${one.wins} of ${one.wins + one.losses}`,
  }));
  return panel(
    "Hit rates",
    "The dot is the share of picks won with its 95 % interval, the bar what the prices needed to break even. " +
      "Systems with fewer than 20 graded picks are in the table only.",
    dots({ label: "Hit rates beside break-even", low: LEAST, high: MOST, text: whole, rows: drawn }),
  );
}

/** Columns of picks and their hit rate beside break-even, also of months and tiers. */
export const PICKS = [
  { key: "won", label: "Won", cell: one => wonText(one) },
  { key: "rate", label: "Hit rate", cell: one => rateText(one.hit_rate, one.hit_rate_low, one.hit_rate_high) },
  { key: "even", label: "Break-even", cell: one => percent(one.mean_break_even) },
];

const wonText = ({ wins, losses }) => (wins + losses ? `${count(wins)} of ${count(wins + losses)}` : DASH);

/** Return a share with its interval below. */
export const rateText = (value, low, high) =>
  value === null ? DASH : [percent(value), h("small", {}, `${percent(low, 0)} to ${percent(high, 0)}`)];

/** Every system's numbers in one table. */
export function numbers(rows) {
  return panel(
    "Numbers",
    "Return is per unit staked at real prices. Brier: smaller is better, 0.25 is a coin.",
    table({
      caption: "Systems beside the market",
      kind: "card",
      rows,
      empty: "Nothing is graded in this window.",
      columns: [
        { key: "system", label: "System", text: true, head: true, cell: one => systemName(one.system_id) },
        { key: "n", label: "Players", cell: one => count(one.n_shared_with_line) },
        { key: "mae", label: "Error", cell: one => number(one.mae_shared, 3) },
        { key: "line", label: "Line's", cell: one => number(one.line_mae_shared, 3) },
        { key: "bias", label: "Bias", cell: one => change(one.bias, 2) },
        { key: "picks", label: "Picks", cell: one => count(one.n_picks) },
        ...PICKS,
        { key: "roi", label: "Return", cell: one => gain(one.roi) },
        { key: "units", label: "Units", cell: one => change(one.profit_units, 1) },
        { key: "brier", label: "Brier", cell: one => number(one.brier, 4) },
      ],
    }),
  );
}

/** What the picks were worth at the other books' last prices. */
export function closes(rows) {
  const picked = rows.filter(one => one.n_picks);
  const beat = one => rate(Math.round(one.beat_close_rate * one.n_closing_value), one.n_closing_value);
  const beatText = one => {
    const { value, low, high } = beat(one);
    return rateText(value, low, high);
  };
  const carriedText = one =>
    one.n_carried_value
      ? [gain(one.carried_closing_value), h("small", {}, `${count(one.n_carried_value)} picks`)]
      : DASH;
  return panel(
    "Closing line",
    "What picks were worth at the prices other books closed at, within half an hour of tip-off. Above 0 in the long " +
      "run is the best sign of an edge; a late close is older, an unknown one means that no book was seen twice.",
    table({
      caption: "Picks at the close",
      kind: "small",
      rows: picked,
      empty: "No system made a pick in this window.",
      columns: [
        { key: "system", label: "System", text: true, head: true, cell: one => systemName(one.system_id) },
        { key: "picks", label: "Picks", cell: one => count(one.n_picks) },
        { key: "closing", label: "With a close", cell: one => count(one.n_closing) },
        { key: "late", label: "Late", cell: one => count(one.n_late_close) },
        { key: "unknown", label: "Unknown", cell: one => count(one.n_unknown_close) },
        { key: "valued", label: "With a value", cell: one => count(one.n_closing_value) },
        { key: "value", label: "Mean value", cell: one => gain(one.closing_value) },
        { key: "beat", label: "Beat the close", cell: beatText },
        { key: "carried", label: "Line moved", hint: "Valued by carrying the close to their line", cell: carriedText },
      ],
    }),
  );
}
