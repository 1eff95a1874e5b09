// The panels of a player's market. Each returns a section, or nothing if there is nothing to say.

import { h, panel } from "./dom.js";
import { DASH, change, gain, lineText, momentText, number, percent, price, timeText, words } from "./format.js";
import { dots, steps } from "./charts.js";
import { systemName } from "./names.js";
import { chances, fair } from "./stats.js";
import { table } from "./table.js";

const SIDES = { OVER: " ▲ over", UNDER: " ▼ under" };

/** Chances and fair prices of the lines around. */
export function ladderTable(market, line, tastes) {
  if (!market.ladder) return null;
  const lines = Array.from({ length: 13 }, (_, place) => line + (place - 6)).filter(value => value >= 0.5);
  const rows = lines
    .map(at => ({ at, kind: at === line ? "here" : null, ...chances(market.ladder, at) }))
    .filter(one => one.over !== undefined);
  return panel(
    "Ladder",
    `Chances and fair prices of ${systemName(market.ladder.system_id)} at other lines.`,
    table({
      caption: "Chances by line",
      kind: "small",
      rows,
      columns: [
        { key: "at", label: "Line", text: true, head: true, cell: one => lineText(one.at) },
        { key: "over", label: "Over", cell: one => percent(one.over) },
        { key: "fo", label: "Fair over", cell: one => price(fair(one.over, one.under), tastes.odds) },
        { key: "under", label: "Under", cell: one => percent(one.under) },
        { key: "fu", label: "Fair under", cell: one => price(fair(one.under, one.over), tastes.odds) },
      ],
    }),
  );
}

/** Why there is no chance at a line. */
export function lineStates(market) {
  if (!market.forecast) return "No system forecasts this market tonight, so there is no chance to show.";
  if (!market.ladder) return `No chance: ${market.forecast.reason}. Without a line there is no stored distribution.`;
  return "This line is out of reach: its chance is under 1 % or over 99 %.";
}

/** What the opponent allows in this market, and how it defends each zone. */
export function opponent(page, market) {
  const { defence } = page,
    { allowed, league_level: level } = market;
  if (!defence && allowed === null) return null;
  return panel(
    "Opponent",
    allowedText(page.opponent_team_abbr, allowed, level),
    defence && [
      h(
        "p",
        { class: "note" },
        `Defensive rating ${number(defence.defensive_rating)}, rank ${defence.def_rating_rank} of 30 (1 is best), ` +
          `pace ${number(defence.opponent_pace)}; its last ${defence.games_in_sample} games.`,
      ),
      table({
        caption: "Defence by zone",
        kind: "small",
        rows: defence.zones.filter(one => one.allowed_pct !== null),
        empty: "How it defends each zone is not known.",
        columns: [
          { key: "zone", label: "Zone", text: true, head: true, cell: one => words(one.zone) },
          { key: "allowed", label: "Allowed", cell: one => percent(one.allowed_pct) },
          { key: "league", label: "League", cell: one => percent(one.league_pct) },
          {
            key: "gap",
            label: "Gap",
            cell: one =>
              one.allowed_pct === null || one.league_pct === null
                ? DASH
                : `${change(100 * (one.allowed_pct - one.league_pct))} pts`,
          },
          { key: "attempts", label: "Shots", cell: one => number(one.attempts_per_game) },
        ],
      }),
    ],
  );
}

function allowedText(team, allowed, level) {
  if (allowed === null) return `What ${team} allow in this market is not known.`;
  const said = `${team} allow ${number(allowed)} to a team in a game`;
  if (level === null) return `${said}.`;
  const league = `the league's ${number(level)} a season ago (${gain(allowed / level - 1)})`;
  return `${said}, ${change(allowed - level)} to ${league}.`;
}

/** Every system's forecast as a dot beside the market's line. */
export function systems(market) {
  const made = market.systems.filter(one => one.predicted_value !== null);
  if (!market.systems.length) return null;
  const silent = market.systems.filter(one => one.predicted_value === null);
  const house = market.forecast;
  return panel(
    "Every system",
    market.line
      ? "Dots are forecasts, whiskers hold 8 of 10 results; " +
          `the line through all is the market's ${lineText(market.line.line)}.`
      : "Dots are forecasts; there is no line to compare with.",
    made.length
      ? dots({
          label: "Forecasts",
          at: market.line?.line ?? null,
          text: value => value,
          rows: made.map(one => ({
            name: systemName(one.system_id, one.edition),
            value: one.predicted_value,
            low: one.low,
            high: one.high,
            strong: one.system_id === house?.system_id && one.edition === house?.edition,
            note: `${number(one.predicted_value)}${SIDES[one.recommendation] ?? ""}`,
          })),
        })
      : null,
    silent.length
      ? h(
          "p",
          { class: "note" },
          "Silent: ",
          silent.map((one, place) => `${place ? "; " : ""}${systemName(one.system_id, one.edition)}, ${one.reason}`),
        )
      : null,
  );
}

/** What moved the house's forecast. */
export function reasons(page, market) {
  if (!market.reasons.length) return null;
  const names = Object.fromEntries(page.mates.map(mate => [mate.player_lookup, mate.player_name]));
  return panel(
    "What made the forecast",
    `${systemName(market.forecast.system_id)}. A sign marks what moved it; other numbers are levels it rests on.`,
    table({
      caption: "Parts of the forecast",
      kind: "small",
      rows: market.reasons,
      columns: [
        {
          key: "label",
          label: "Part",
          text: true,
          head: true,
          cell: one => [one.label, one.player ? `: ${names[one.player] ?? one.player}` : ""],
        },
        { key: "amount", label: "Amount", cell: one => (one.moves ? change(one.amount, 2) : number(one.amount, 1)) },
      ],
    }),
  );
}

/** Each book's line and prices, the best of each side marked. */
export function offers(market, tastes) {
  if (!market.offers.length) return null;
  const { line } = market,
    best = (one, side) =>
      one.book === line[`${side}_book`] && one[`${side}_price`] === line[`${side}_price`] && one.line === line.line;
  const cell = side => one => [
    best(one, side) ? h("b", { class: "best", title: "best at the consensus line" }, "★ ") : null,
    price(one[`${side}_price`], tastes.odds),
  ];
  return panel(
    "Books",
    `The consensus line is ${lineText(line.line)}. ★ is the best price at it; ` +
      "prices of pick'em books are no odds and never the best.",
    table({
      caption: "Lines and prices by book",
      kind: "small",
      rows: market.offers,
      columns: [
        {
          key: "book",
          label: "Book",
          text: true,
          head: true,
          cell: one => [one.book, one.kind === "sportsbook" ? null : h("small", {}, words(one.kind))],
        },
        { key: "line", label: "Line", cell: one => lineText(one.line) },
        { key: "over", label: "Over", cell: cell("over") },
        { key: "under", label: "Under", cell: cell("under") },
        {
          key: "seen",
          label: "Seen",
          cell: one =>
            one.known_at
              ? h("span", { title: momentText(one.known_at, tastes.zone) }, timeText(one.known_at, tastes.zone))
              : DASH,
        },
      ],
    }),
  );
}

/** The way the line took until tip-off. */
export function path(market) {
  const timed = market.path.filter(look => look.minutes_before_tip !== null),
    books = [...new Set(timed.map(look => look.bookmaker))];
  if (timed.length < 2) return null;
  const series = books.map(book => ({
    name: book,
    points: timed.filter(look => look.bookmaker === book).map(look => [look.minutes_before_tip / 60, look.line]),
  }));
  return panel(
    "Path of the line",
    "Each book's main line by hours before tip-off, which is on the right.",
    steps({
      label: "Lines by hours before tip-off",
      series,
      falling: true,
      xText: value => `${value} h`,
      yText: value => value,
    }),
  );
}
