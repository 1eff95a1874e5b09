// The columns of tonight's table, on the page and as CSV.

import { h } from "./dom.js";
import { DASH, gain, lineText, number, percent, price, words } from "./format.js";
import { marks } from "./charts.js";
import { marketName } from "./names.js";
import { address } from "./state.js";

/** Return the columns of a night; prices are shown as the reader likes. */
export function columns({ odds }) {
  const best = side => row =>
    row.line?.[`${side}_price`] == null
      ? DASH
      : [h("span", {}, price(row.line[`${side}_price`], odds)), h("small", {}, row.line[`${side}_book`])];
  return [
    {
      key: "player",
      label: "Player",
      text: true,
      head: true,
      value: row => row.player.player_name,
      cell: row => [
        h("a", { href: address("player", row.player.player_lookup, { market: row.market }) }, row.player.player_name),
        h("small", {}, `${row.player.team_abbr} ${row.player.is_home ? "vs" : "@"} ${row.player.opponent_team_abbr}`),
        doubt(row.player.player_status),
      ],
    },
    {
      key: "market",
      label: "Market",
      text: true,
      value: row => marketName(row.market),
      cell: row => marketName(row.market),
    },
    {
      key: "line",
      label: "Line",
      value: row => row.line?.line,
      hint: "Consensus of the books' main lines; below it where it opened",
      cell: row => (row.line ? [h("b", {}, lineText(row.line.line)), moved(row.line)] : DASH),
    },
    {
      key: "over",
      label: "Over",
      value: row => row.line?.over_price,
      hint: "Best price on over, and its book",
      cell: best("over"),
    },
    {
      key: "under",
      label: "Under",
      value: row => row.line?.under_price,
      hint: "Best price on under, and its book",
      cell: best("under"),
    },
    {
      key: "forecast",
      label: "Forecast",
      value: row => row.forecast?.predicted_value,
      hint: "Of the house; below it where the result falls in 8 of 10 games",
      cell: row =>
        row.forecast?.predicted_value == null
          ? DASH
          : [
              number(row.forecast.predicted_value),
              row.forecast.low === null ? null : h("small", {}, `${row.forecast.low} to ${row.forecast.high}`),
            ],
    },
    {
      key: "chance",
      label: "Chance",
      value: row => row.priced?.chance,
      hint: "Ours of the side named; below it the market's, without its margin",
      cell: row =>
        row.priced
          ? [
              h(
                "span",
                {},
                h("b", { class: "side" }, row.side === "over" ? "O" : "U"),
                ` ${percent(row.priced.chance, 0)}`,
              ),
              h("small", {}, `market ${percent(row.priced.market, 0)}`),
            ]
          : DASH,
    },
    {
      key: "fair",
      label: "Fair",
      value: row => row.priced?.fair,
      hint: "The price of that side without value",
      cell: row => price(row.priced?.fair, odds),
    },
    {
      key: "value",
      label: "Value",
      value: row => (row.worth === null ? null : row.worth + (row.pick ? 100 : 0)),
      hint: "Expected profit of one unit on that side at its best price; picks are sorted first",
      cell: row =>
        row.worth === null ? DASH : h("span", { class: row.pick && row.worth > 0 ? "up" : null }, gain(row.worth)),
    },
    {
      key: "last",
      label: "Last 10",
      value: row => share(row),
      hint: "His last ten games against this line, the latest on the right: up is over, hollow down is under",
      cell: row =>
        row.last.length
          ? [marks(row.last, row.line?.line ?? null), row.line ? h("small", {}, overs(row)) : null]
          : DASH,
    },
    {
      key: "state",
      label: "Verdict",
      text: true,
      value: row => row.forecast?.recommendation ?? "",
      cell: row => verdict(row),
    },
    { key: "reason", label: "Why", text: true, cell: row => row.forecast?.reason ?? "no forecast of this market" },
  ];
}

const decided = row => row.last.filter(value => value !== null && value !== row.line?.line);
const share = row =>
  row.line && decided(row).length
    ? decided(row).filter(value => value > row.line.line).length / decided(row).length
    : null;
const overs = row => `${decided(row).filter(value => value > row.line.line).length} of ${decided(row).length}`;

function moved({ line, opening_line: opening }) {
  if (opening === null || opening === line) return null;
  return h("small", { title: `opened at ${opening}` }, `${line > opening ? "▲" : "▼"} ${lineText(opening)}`);
}

export function doubt(status) {
  return status && status !== "available" ? h("span", { class: `badge ${status}` }, status) : null;
}

export function verdict(row) {
  if (row.pick) return h("span", { class: "badge verdict" }, row.pick === "over" ? "▲ Over" : "▼ Under");
  return h(
    "span",
    { class: "faint" },
    row.forecast ? (row.forecast.recommendation === "PASS" ? "no pick" : words(row.forecast.recommendation)) : "silent",
  );
}

/** The columns of the saved file. */
export const CSV = [
  ["game", row => `${row.game.away_team}@${row.game.home_team}`],
  ["tip_off_utc", row => row.game.start_time_utc],
  ["player", row => row.player.player_name],
  ["team", row => row.player.team_abbr],
  ["status", row => row.player.player_status],
  ["market", row => row.market],
  ["line", row => row.line?.line],
  ["over_price", row => row.line?.over_price],
  ["over_book", row => row.line?.over_book],
  ["under_price", row => row.line?.under_price],
  ["under_book", row => row.line?.under_book],
  ["market_over_probability", row => row.line?.over_probability],
  ["system", row => row.forecast?.system_id],
  ["forecast", row => row.forecast?.predicted_value],
  ["low_80", row => row.forecast?.low],
  ["high_80", row => row.forecast?.high],
  ["over_probability", row => row.forecast?.over_probability],
  ["side", row => row.side],
  ["fair_price", row => row.priced?.fair],
  ["value", row => row.worth],
  ["pick", row => row.pick],
  ["last_10", row => row.last.join(" ")],
  ["reason", row => row.forecast?.reason],
];
