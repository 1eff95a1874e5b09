// Health: what is stored, how fresh it is, the models in use, and why a date may not be published.

import { age, load } from "./data.js";
import { h, panel, refusal } from "./dom.js";
import { DASH, count, dateText, momentText, number, shortDate, words } from "./format.js";
import { heat } from "./charts.js";
import { systemName } from "./names.js";
import { table } from "./table.js";

const KINDS = ["complete", "partial", "missing", "bootstrap", "not_due", "no_games"];
const short = name => name.replace(/^nba_/, "").replace(/^(raw|reference|analytics|precompute|predictions)\./, "");

export async function health({ tastes }) {
  const [status, coverage] = await Promise.all([load("status.json"), load("coverage.json")]);
  const nodes = [h("h1", {}, "Health")];
  if (status.problem) nodes.push(refusal(status.problem));
  else
    nodes.push(
      permission(status.document, tastes),
      h("div", { class: "pair" }, models(status.document), freshness(status.document)),
    );
  nodes.push(coverage.problem ? refusal(coverage.problem) : calendar(coverage.document));
  if (coverage.document) nodes.push(gaps(coverage.document));
  return nodes;
}

function permission(status, tastes) {
  const { allowed, reasons } = status.publish,
    told = age(status);
  return panel(
    "May it be published?",
    `Written ${momentText(status.generated_at, tastes.zone)}.`,
    h(
      "p",
      { class: allowed ? "verdict yes" : "verdict no" },
      allowed
        ? `✓ ${dateText(status.game_date)} may be published.`
        : `✗ ${dateText(status.game_date)} may not be published:`,
    ),
    allowed
      ? null
      : h(
          "ul",
          {},
          reasons.map(reason => h("li", {}, reason)),
        ),
    told ? h("p", { class: "note" }, told.text) : null,
    h(
      "p",
      {},
      `Newest forecast: ${dateText(status.forecasts_until)}. Newest result: ${dateText(status.results_until)}.`,
    ),
  );
}

function models(status) {
  return panel(
    "Models in use",
    "Each month's model has seen only games before its month.",
    table({
      caption: "Models in use",
      kind: "small",
      rows: status.models,
      empty: "No model is in use.",
      columns: [
        {
          key: "system",
          label: "System",
          text: true,
          head: true,
          cell: one => systemName(one.system_id, one.variant ?? one.edition),
        },
        { key: "market", label: "Market", text: true, cell: one => words(one.market ?? "points") },
        { key: "month", label: "Month", cell: one => one.model_month.slice(0, 7) },
        { key: "age", label: "Age", cell: one => `${count(one.age_days)} d` },
        { key: "mae", label: "Error then", cell: one => number(one.mae_validation, 2) },
      ],
    }),
  );
}

function freshness(status) {
  const mark = { complete: "✓", partial: "◐", missing: "✗", no_games: "·", not_due: "…", bootstrap: "b" };
  const days = status.recent_dates.map((date, place) => ({
    key: date,
    label: shortDate(date),
    cell: one =>
      h(
        "span",
        { class: `mark-${one.recent_states[place] ?? "none"}`, title: words(one.recent_states[place]) },
        mark[one.recent_states[place]] ?? DASH,
      ),
  }));
  return panel(
    "The last seven dates with games",
    "✓ complete, ◐ partial, ✗ missing, b the first two weeks, … not due yet, · no game",
    table({
      caption: "Tables on the last dates",
      kind: "small",
      rows: status.tables,
      columns: [
        { key: "table", label: "Table", text: true, head: true, cell: one => short(one.table_name) },
        ...days,
        { key: "share", label: "Season", cell: one => `${one.complete_dates} of ${one.owed_dates}` },
      ],
    }),
  );
}

function calendar(coverage) {
  const rows = coverage.tables.map(one => ({ name: short(one.table_name), cells: one.states }));
  const counted = KINDS.map(kind => [
    kind,
    coverage.tables.reduce((sum, one) => sum + one.states.filter(state => state === kind).length, 0),
  ]);
  return panel(
    "Coverage",
    `${dateText(coverage.dates[0])} to ${dateText(coverage.dates.at(-1))}, a column for each date, ` +
      "a row for each table.",
    h(
      "ul",
      { class: "keys" },
      counted.map(([kind, n]) =>
        h("li", {}, h("span", { class: `key ${kind}`, "aria-hidden": "true" }), `${words(kind)} ${count(n)}`),
      ),
    ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Coverage calendar" },
      heat({
        rows,
        kinds: KINDS,
        columns: coverage.dates.length,
        label: `Coverage: ${counted.map(([kind, n]) => `${n} ${words(kind)}`).join(", ")}`,
      }),
    ),
  );
}

function gaps(coverage) {
  return panel(
    "Gaps",
    "Dates that lack rows, the newest first.",
    table({
      caption: "Gaps",
      kind: "small",
      rows: coverage.gaps.slice(0, 200),
      empty: "No date lacks rows.",
      columns: [
        { key: "date", label: "Date", text: true, head: true, cell: one => dateText(one.game_date) },
        { key: "table", label: "Table", text: true, cell: one => short(one.table_name) },
        { key: "state", label: "State", text: true, cell: one => words(one.state) },
        { key: "rows", label: "Rows", cell: one => `${count(one.actual_count)} of ${count(one.expected_count)}` },
        { key: "reason", label: "Why", text: true, cell: one => one.reason ?? DASH },
      ],
    }),
  );
}
