// The record: errors, hit rates, closing lines and calibration of every system, always beside the market.

import { load } from "./data.js";
import { choice, h, panel, refusal } from "./dom.js";
import { count, dateText } from "./format.js";
import { POINTS, blocksOf, systemName } from "./names.js";
import { closes, errors, hits, numbers } from "./record_panels.js";
import { calibration, months, tiers } from "./record_season.js";
import { amend } from "./state.js";
import { saveButton } from "./table.js";

const WINDOWS = { last_7_days: "Last 7 days", last_30_days: "Last 30 days", season: "Season" };
const POPULATIONS = { with_line: "Players with a line", all: "Players with ten games" };
const FEW = 500; // picks: below it the interval of a hit rate is wider than any edge
const NOTHING = "Nothing is graded yet, so nothing is shown about any system.";

export async function record({ query, again }) {
  const [{ document, problem }, season] = await Promise.all([
    load("systems/performance.json"),
    load("systems/record.json"),
  ]);
  if (problem) return [h("h1", {}, "Record"), refusal(problem)];
  if (!document.windows.length) return [h("h1", {}, "Record"), h("p", { class: "banner" }, NOTHING)];
  const window = document.windows.find(one => one.window === query.window) ?? document.windows.at(-1);
  const blocks = blocksOf(window),
    block = blocks.find(one => one.key === query.market) ?? blocks[0];
  const population = query.population in POPULATIONS ? query.population : "with_line";
  const rows = block.systems.filter(one => one.population === population);
  const pick = key => value => {
    amend({ [key]: value });
    again();
  };
  const windows = document.windows.map(one => [one.window, WINDOWS[one.window] ?? one.window]);
  const markets = blocks.map(one => [one.key, one.name]);
  return [
    h("h1", {}, "Record ", h("small", {}, `results until ${dateText(document.results_until)}`)),
    h(
      "div",
      { class: "over" },
      choice("Window", window.window, windows, pick("window"), { id: "window" }),
      choice("Market", block.key, markets, pick("market"), { id: "market" }),
      choice("Players", population, Object.entries(POPULATIONS), pick("population"), { id: "population" }),
      saveButton(`record-${block.market}-${block.edition}-${window.window}`, CSV, () => rows),
    ),
    h("p", { class: "claim" }, sentence(rows, block.name), document.notice ? h("small", {}, document.notice) : null),
    h("div", { class: "pair even" }, errors(rows), hits(rows)),
    numbers(rows),
    closes(rows),
    ofSystem(season, block, query.system, pick("system")),
  ];
}

/** One system's season: by month, by tier, and what came of the chances it told. */
function ofSystem({ document, problem }, block, wanted, chosen) {
  if (problem) return refusal(problem);
  const here = document.blocks.find(one => one.market === block.market && one.edition === block.edition);
  const systems = (here?.systems ?? []).filter(one => one.months.some(month => month.n_shared_with_line));
  if (!systems.length) return h("p", { class: "banner" }, "No system has a graded forecast with a line this season.");
  const house = block.market === POINTS ? "ensemble_v1" : "market_blend_v1";
  const found = id => systems.find(one => one.system_id === id);
  const system = found(wanted) ?? found(house) ?? systems[0],
    name = systemName(system.system_id);
  const options = systems.map(one => [one.system_id, systemName(one.system_id)]);
  return [
    h("div", { class: "over" }, choice("The season of", system.system_id, options, chosen, { id: "system" })),
    h(
      "div",
      { class: "pair even" },
      calibration(system, name),
      h("div", {}, months(system, name), tiers(system, name)),
    ),
  ];
}

/** Say what these numbers show, and what they do not. */
function sentence(rows, name) {
  const measured = rows.filter(
    one => one.mae_shared !== null && one.line_mae_shared !== null && one.system_id !== "market_line",
  );
  if (!measured.length) return "Nothing is graded in this window, so nothing is shown about any system.";
  return `${name}: ${errorText(measured)} ${profitText(rows.filter(one => one.wins + one.losses > 0))}`;
}

const namesOf = rows => rows.map(one => systemName(one.system_id)).join(", ");

function errorText(measured) {
  const better = measured.filter(one => one.mae_shared < one.line_mae_shared);
  const who = better.length ? namesOf(better) : "No system";
  return `${who} had a smaller mean error than the market's line on the same players.`;
}

function profitText(picked) {
  const shown = picked.filter(one => one.wins + one.losses >= FEW && one.hit_rate_low > one.mean_break_even);
  if (shown.length) return `The hit rate of ${namesOf(shown)} lies above break-even with its whole interval.`;
  const most = Math.max(0, ...picked.map(one => one.wins + one.losses));
  const few = `, and the most graded picks of a system are ${count(most)}, fewer than the ${FEW} that could tell`;
  const none =
    "That any of them makes money is not shown: no hit rate lies above its break-even with its whole interval";
  return `${none}${most < FEW ? few : ""}.`;
}

const CSV = [
  ...["system_id", "population", "n_shared_with_line", "mae_shared", "line_mae_shared", "bias"],
  ...["n_picks", "wins", "losses", "pushes", "voids", "hit_rate", "hit_rate_low", "hit_rate_high", "mean_break_even"],
  ...["profit_units", "roi", "brier", "n_closing", "n_late_close", "n_unknown_close", "n_closing_value"],
  ...["closing_value", "beat_close_rate", "n_carried_value", "carried_closing_value"],
].map(name => [name, one => one[name]]);
