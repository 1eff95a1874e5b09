// What changes as a reader moves the line: bars, chances, rates, splits and the ladder.

import { button, field, h, panel } from "./dom.js";
import { DASH, change, dateText, gain, lineText, number, percent, price, shortDate } from "./format.js";
import { bars } from "./bars.js";
import { marketName, readsPrices, systemName } from "./names.js";
import { rates, splits } from "./player_games.js";
import { ladderTable, lineStates } from "./player_panels.js";
import { amend } from "./state.js";
import { chances, fair, value } from "./stats.js";
import { saveButton, table } from "./table.js";

export const SHOWN_GAMES = [10, 25, 82];
const USUALLY_SHOWN = 25;

/** Everything that changes with the line: bars, rates, chance, splits and the ladder. */
export function atLine({ page, market, games, view, move, tastes, again, offered, still }) {
  const shown = games.slice(0, view.shown).reverse(),
    name = marketName(market.market);
  const told = `${shown.length} games he played, the latest on the right. Drag the line, or use the arrow keys on it.`;
  const chart = () =>
    bars({
      games: shown.map(drawn),
      line: view.line,
      top: view.line * 1.15,
      label: `${page.player_name}, ${name} in his last ${shown.length} games against a line of ${view.line}`,
      moved: move,
      width: Math.max(330, Math.min(1400, document.getElementById("main").clientWidth - 70)),
    });
  return h(
    "div",
    { id: "at-line", role: "tabpanel", "aria-labelledby": `tab-${market.market}` },
    panel(
      name,
      told,
      controls({ page, market, games, view, move, again, offered }),
      games.length ? chart() : h("p", { class: "empty" }, "No game of his is stored."),
    ),
    h(
      "div",
      { class: "columns" },
      verdictAt(market, view.line, tastes),
      rates(games, market, view.line),
      splits(page, games, view.line),
      ladderTable(market, view.line, tastes),
      still,
    ),
  );
}

function drawn(game) {
  const { opponent_team_abbr: opponent, is_home: home } = game;
  const where = `${dateText(game.game_date)} ${home ? "vs" : "@"} ${opponent}`;
  const bench = game.starter === false ? ", from the bench" : "";
  return {
    value: game.value,
    opponent: `${home ? "" : "@"}${opponent}`,
    day: shortDate(game.game_date),
    title: `${where}: ${game.value ?? "unknown"} in ${number(game.minutes, 0)} min${bench}`,
  };
}

function controls({ page, market, games, view, move, again, offered }) {
  const typed = event => move(Math.max(0.5, Math.round(Number(event.target.value) * 2) / 2));
  const lower = () => move(Math.max(0.5, view.line - 0.5)),
    higher = () => move(view.line + 0.5);
  const show = n => () => {
    amend({ games: n === USUALLY_SHOWN ? "" : n });
    again();
  };
  const back = { id: "offered", disabled: view.line === offered };
  return h(
    "div",
    { class: "lineform" },
    field("Line", { id: "line", type: "number", min: 0.5, step: 0.5, value: view.line, onchange: typed }),
    button("−½", lower, { id: "less", "aria-label": "Half a point lower" }),
    button("+½", higher, { id: "more", "aria-label": "Half a point higher" }),
    offered === null
      ? h("span", { class: "note" }, "No bookmaker offers a line.")
      : button(`Market's line ${lineText(offered)}`, () => move(offered), back),
    h("span", { class: "grow" }),
    SHOWN_GAMES.map(n =>
      button(n === SHOWN_GAMES.at(-1) ? "all" : `last ${n}`, show(n), { "aria-pressed": String(view.shown === n) }),
    ),
    saveButton(`${page.player_lookup}-${market.market}`, csvOf(market, view), () => games),
  );
}

const csvOf = (market, view) => [
  ["date", game => game.game_date],
  ["opponent", game => game.opponent_team_abbr],
  ["home", game => game.is_home],
  ["starter", game => game.starter],
  ["minutes", game => game.minutes],
  [market.market, game => game.value],
  ["line", () => view.line],
];

/** Say in a sentence whether a forecast is a pick, and why. */
function said({ recommendation, reason }) {
  const verdict = { OVER: "Pick: over", UNDER: "Pick: under", PASS: "No pick" }[recommendation];
  return `${verdict ? `${verdict}: ` : ""}${reason}.`;
}

function verdictAt(market, line, tastes) {
  const told = market.forecast,
    at = chances(market.ladder, line),
    average = market.season_average;
  const away = market.line ? `, ${change(average - line)} to this line` : "";
  return panel(
    `At ${lineText(line)}`,
    told ? forecastText(told) : "No forecast of this market.",
    at ? sidesTable(market, line, at, tastes) : h("p", { class: "empty" }, lineStates(market)),
    at?.push > 0 ? h("p", { class: "note" }, `Exactly ${line}: ${percent(at.push)}, which returns the stake.`) : null,
    average === null ? null : h("p", { class: "note" }, `Season average ${number(average)}${away}.`),
  );
}

function forecastText(told) {
  const range = told.low === null ? "" : `, in 8 of 10 games ${told.low} to ${told.high}`;
  return [`${systemName(told.system_id)}: `, h("b", {}, number(told.predicted_value)), range, `. ${said(told)}`];
}

const bestOf = (one, tastes) => [price(one.price, tastes.odds), one.book && h("small", {}, one.book)];
const worthText = worth => h("span", { class: worth > 0 ? "up" : "down" }, gain(worth));

/** Ours beside the market's: chance, fair price, best price and value of each side. */
function sidesTable(market, line, at, tastes) {
  const offered = market.line?.line === line ? market.line : {},
    theirs = offered.over_probability ?? null;
  const bets = readsPrices(market.forecast?.system_id);
  const rows = [
    { name: "Over", win: at.over, loss: at.under, theirs, price: offered.over_price, book: offered.over_book },
    {
      name: "Under",
      win: at.under,
      loss: at.over,
      theirs: theirs === null ? null : 1 - theirs,
      price: offered.under_price,
      book: offered.under_book,
    },
  ];
  const worth = one => (bets ? value(one.win, one.loss, one.price) : null);
  return table({
    caption: `Both sides at ${lineText(line)}`,
    kind: "small sides",
    rows,
    columns: [
      { key: "name", label: "Side", text: true, head: true, cell: one => one.name },
      { key: "ours", label: "Ours", cell: one => percent(one.win) },
      { key: "theirs", label: "Market", cell: one => percent(one.theirs) },
      { key: "fair", label: "Fair", cell: one => price(fair(one.win, one.loss), tastes.odds) },
      { key: "best", label: "Best", cell: one => bestOf(one, tastes) },
      { key: "value", label: "Value", cell: one => worthText(worth(one)) },
    ],
  });
}
