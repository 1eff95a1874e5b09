// The record: errors, hit rates and returns of every system, always beside the market.

import { load } from "./data.js";
import { choice, h, panel, refusal } from "./dom.js";
import { change, count, dateText, gain, number, percent } from "./format.js";
import { dots } from "./charts.js";
import { blocksOf, systemName } from "./names.js";
import { amend } from "./state.js";
import { saveButton, table } from "./table.js";

const WINDOWS = { last_7_days: "Last 7 days", last_30_days: "Last 30 days", season: "Season" };
const POPULATIONS = { with_line: "Players with a line", all: "Players with ten games" };
const DRAWN = 20; // picks: the interval of fewer spans most of the picture
const FEW = 500; // picks: below it the interval of a hit rate is wider than any edge

export async function record({ query, again }) {
  const { document, problem } = await load("systems/performance.json");
  if (problem) return [h("h1", {}, "Record"), refusal(problem)];
  if (!document.windows.length)
    return [
      h("h1", {}, "Record"),
      h("p", { class: "banner" }, "Nothing is graded yet, so nothing is shown about any system."),
    ];
  const window = document.windows.find(one => one.window === query.window) ?? document.windows.at(-1);
  const blocks = blocksOf(window),
    block = blocks.find(one => one.key === query.market) ?? blocks[0];
  const population = query.population in POPULATIONS ? query.population : "with_line";
  const rows = block.systems.filter(one => one.population === population);
  const pick = key => value => {
    amend({ [key]: value });
    again();
  };
  return [
    h("h1", {}, "Record ", h("small", {}, `results until ${dateText(document.results_until)}`)),
    h(
      "div",
      { class: "over" },
      choice(
        "Window",
        window.window,
        document.windows.map(one => [one.window, WINDOWS[one.window] ?? one.window]),
        pick("window"),
        { id: "window" },
      ),
      choice(
        "Market",
        block.key,
        blocks.map(one => [one.key, one.name]),
        pick("market"),
        { id: "market" },
      ),
      choice("Players", population, Object.entries(POPULATIONS), pick("population"), { id: "population" }),
      saveButton(`record-${block.market}-${block.edition}-${window.window}`, CSV, () => rows),
    ),
    h("p", { class: "claim" }, sentence(rows, block.name), document.notice ? h("small", {}, document.notice) : null),
    h("div", { class: "pair even" }, errors(rows), hits(rows)),
    numbers(rows),
  ];
}

/** Say what these numbers show, and what they do not. */
function sentence(rows, name) {
  const measured = rows.filter(
    one => one.mae_shared !== null && one.line_mae_shared !== null && one.system_id !== "market_line",
  );
  if (!measured.length) return "Nothing is graded in this window, so nothing is shown about any system.";
  const better = measured.filter(one => one.mae_shared < one.line_mae_shared),
    picked = rows.filter(one => one.wins + one.losses > 0),
    shown = picked.filter(one => one.wins + one.losses >= FEW && one.hit_rate_low > one.mean_break_even);
  const error = better.length
    ? `${better.map(one => systemName(one.system_id)).join(", ")} had a smaller mean error than the market's line on the same players`
    : "No system had a smaller mean error than the market's line on the same players";
  const most = Math.max(0, ...picked.map(one => one.wins + one.losses));
  const profit = shown.length
    ? `The hit rate of ${shown.map(one => systemName(one.system_id)).join(", ")} lies above break-even with its whole interval.`
    : `That any of them makes money is not shown: no hit rate lies above its break-even with its whole interval${most < FEW ? `, and the most graded picks of a system are ${count(most)}, fewer than the ${FEW} that could tell` : ""}.`;
  return `${name}: ${error}. ${profit}`;
}

function errors(rows) {
  const measured = rows.filter(one => one.mae_shared !== null);
  if (!measured.length) return null;
  const low = Math.min(...measured.flatMap(one => [one.mae_shared, one.line_mae_shared])) - 0.1;
  return panel(
    "Mean error",
    "The dot is the system, the bar the market's line on the same players. Smaller is better; the axis does not " +
      "begin at 0.",
    dots({
      label: "Mean error beside the line's",
      low,
      high: Math.max(...measured.map(one => one.mae_shared)),
      text: value => number(value, 1),
      rows: measured.map(one => ({
        name: systemName(one.system_id),
        value: one.mae_shared,
        mark: one.line_mae_shared,
        note: `${number(one.mae_shared, 2)} / ${number(one.line_mae_shared, 2)}`,
      })),
    }),
  );
}

function hits(rows) {
  const picked = rows.filter(one => one.wins + one.losses >= DRAWN);
  if (!picked.length)
    return panel("Hit rates", null, h("p", { class: "empty" }, `No system has ${DRAWN} graded picks in this window.`));
  return panel(
    "Hit rates",
    "The dot is the share of picks won with its 95 % interval, the bar what the prices needed to break even. " +
      "Systems with fewer than 20 graded picks are in the table only.",
    dots({
      label: "Hit rates beside break-even",
      low: 0.2,
      high: 0.8,
      text: value => `${Math.round(100 * value)} %`,
      rows: picked.map(one => ({
        name: systemName(one.system_id),
        value: one.hit_rate,
        low: Math.max(0.2, one.hit_rate_low),
        high: Math.min(0.8, one.hit_rate_high),
        mark: one.mean_break_even,
        note: `${one.wins} of ${one.wins + one.losses}`,
      })),
    }),
  );
}

function numbers(rows) {
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
        { key: "won", label: "Won", cell: one => `${count(one.wins)} of ${count(one.wins + one.losses)}` },
        {
          key: "rate",
          label: "Hit rate",
          cell: one => [
            percent(one.hit_rate),
            one.hit_rate === null
              ? null
              : h("small", {}, `${percent(one.hit_rate_low, 0)} to ${percent(one.hit_rate_high, 0)}`),
          ],
        },
        { key: "even", label: "Break-even", cell: one => percent(one.mean_break_even) },
        { key: "roi", label: "Return", cell: one => gain(one.roi) },
        { key: "units", label: "Units", cell: one => change(one.profit_units, 1) },
        { key: "brier", label: "Brier", cell: one => number(one.brier, 4) },
        {
          key: "close",
          label: "Close",
          hint: "Mean closing-line value of the picks that have a closing price",
          cell: one => gain(one.closing_value),
        },
      ],
    }),
  );
}

const CSV = [
  "system_id",
  "population",
  "n_shared_with_line",
  "mae_shared",
  "line_mae_shared",
  "bias",
  "n_picks",
  "wins",
  "losses",
  "pushes",
  "voids",
  "hit_rate",
  "hit_rate_low",
  "hit_rate_high",
  "mean_break_even",
  "profit_units",
  "roi",
  "brier",
].map(name => [name, one => one[name]]);
