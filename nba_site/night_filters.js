// Tonight's games and the filters of its rows.

import { button, choice, field, h, named, tick } from "./dom.js";
import { timeText, untilText } from "./format.js";
import { marketName } from "./names.js";
import { FILTER_NAMES } from "./night_rows.js";

const SIDES = { "": "Both", over: "Over", under: "Under" };
const STATES = { "": "All", pick: "Picks", pass: "No pick", silent: "No forecast", doubt: "Player in doubt" };
const TYPED = "input[type=search], input[type=number], select";

/** Return the games as buttons that choose one; the chosen one names who is out or in doubt. */
export function gamesOf(card, view, tastes, past, chosen) {
  const now = new Date();
  const until = game => (past || !game.start_time_utc ? "" : ` · ${untilText(game.start_time_utc, now)}`);
  const absent = game => game.doubts.filter(one => one.player_status === "out").length;
  const one = game => {
    const here = view.game === game.game_id,
      between = game.neutral_site ? "vs" : "@";
    const onclick = () => chosen(game.game_id);
    const pressed = { type: "button", class: "game", "aria-pressed": String(here), onclick };
    const name = h("strong", {}, `${game.away_team} ${between} ${game.home_team}`);
    const when = h("span", {}, timeText(game.start_time_utc, tastes.zone), until(game));
    const who = h("small", {}, `${game.players.length} players · ${absent(game)} out`);
    return h("li", {}, h("button", pressed, name, when, who), here ? doubtsOf(game) : null);
  };
  return h("ul", { class: "games", "aria-label": "Games" }, card.games.map(one));
}

function doubtsOf({ doubts }) {
  const said = ({ player_name: name, team_abbr: team, player_status: status }, place) => [
    place ? ", " : "",
    named(name),
    ` (${team}) `,
    h("b", {}, status),
  ];
  return doubts.length ? h("p", { class: "doubts" }, doubts.map(said)) : null;
}

/** Return the form of the filters; `change` gets what the reader changes, by name. */
export function filtersOf(rows, view, change) {
  const all = (name, values, text = value => value) => [
    ["", `All ${name}`],
    ...values.map(value => [value, text(value)]),
  ];
  const distinct = of => [...new Set(rows.flatMap(of))].filter(Boolean);
  const books = distinct(row => [row.line?.over_book, row.line?.under_book]).sort();
  const teams = distinct(row => row.player.team_abbr).sort(),
    markets = distinct(row => row.market);
  const set = key => value => change({ [key]: value });
  const chosen = (label, key, options) => choice(label, view[key] ?? "", options, set(key), { id: key });
  const typed = (label, key, attributes, kind) => {
    const oninput = event => change({ [key]: event.target.value });
    return field(label, { id: key, value: view[key] ?? "", oninput, ...attributes }, kind);
  };
  const clear = () => {
    form.querySelectorAll(TYPED).forEach(one => (one.value = ""));
    form.querySelector("#picks").checked = false;
    change(Object.fromEntries(FILTER_NAMES.map(name => [name, ""])));
  };
  const form = h(
    "form",
    { class: "filters", "aria-label": "Filters", onsubmit: event => event.preventDefault() },
    typed("Player", "q", { type: "search", placeholder: "any spelling" }, "wide"),
    chosen("Market", "market", all("markets", markets, marketName)),
    chosen("Team", "team", all("teams", teams)),
    chosen("Side", "side", Object.entries(SIDES)),
    chosen("Best at", "book", all("books", books)),
    chosen("State", "state", Object.entries(STATES)),
    typed("Chance from, %", "least", { type: "number", min: 0, max: 100, step: 1 }),
    tick("Only picks", Boolean(view.picks), set("picks"), { id: "picks" }),
    button("Clear", clear),
  );
  return form;
}
