// Tonight: games, then a row for each player and market, to filter, search and sort.

import { age, load } from "./data.js";
import { choice, h, show } from "./dom.js";
import { DASH, count, dateText, gain, lineText, matches, number, percent, plain, price, timeText, untilText, words } from "./format.js";
import { marks } from "./charts.js";
import { marketName, readsPrices } from "./names.js";
import { address, amend } from "./state.js";
import { sides } from "./stats.js";
import { saveButton, table } from "./table.js";

const SHOWN_BY = { sort: "value", down: "1" };
const SECONDS_BETWEEN_LOOKS = 30;
const STATES = [["", "All"], ["pick", "Picks"], ["pass", "No pick"], ["silent", "No forecast"], ["doubt", "Player in doubt"]];

export async function tonight({ query, tastes }) {
  const { document: card, problem } = await load("board/tonight.json");
  if (problem) return [h("h1", {}, "Tonight"), h("p", { class: "banner refused", role: "alert" }, problem)];
  if (!card.publish.allowed) return [h("h1", {}, "Tonight"), h("p", {}, "There is no pick and no forecast to show while the date may not be published. Earlier picks do not stand in for it.")];
  if (!card.games.length) return [h("h1", {}, "Tonight"), h("p", { class: "banner" }, `No game is on the schedule of ${dateText(card.game_date)}. Results and Record have the season so far.`)];
  const rows = rowsOf(card), view = { ...SHOWN_BY, ...query }, past = age(card)?.kind === "replay";
  const slate = h("div", {}), body = h("div", { class: "results" }), counted = h("output", { class: "count" });
  const draw = () => {
    const shown = rows.filter(row => fits(row, view));
    show(counted, `${count(shown.length)} of ${count(rows.length)} rows, ${shown.filter(row => row.pick).length} picks`);
    show(body, table({
      caption: `Players and markets of ${dateText(card.game_date)}`, columns: columns(tastes), rows: shown, kind: "card",
      sort: { key: view.sort, down: view.down === "1" }, sorted: sort => change({ sort: sort.key, down: sort.down ? "1" : "" }), empty: "No row fits these filters.",
    }));
  };
  const games = () => show(slate, gamesOf(card, view, tastes, past, game => change({ game: view.game === game ? "" : game })));
  const change = changes => {
    const focused = document.activeElement?.dataset?.sort;
    Object.assign(view, changes);
    amend(Object.fromEntries(Object.entries(view).map(([key, value]) => [key, value === SHOWN_BY[key] ? "" : value || (key in SHOWN_BY ? "0" : "")])));
    draw();
    if ("game" in changes) games();
    if (focused) body.querySelector(`[data-sort="${focused}"]`)?.focus();
  };
  games();
  draw();
  const clock = setInterval(games, SECONDS_BETWEEN_LOOKS * 1000);
  return {
    nodes: [h("h1", {}, "Tonight ", h("small", {}, dateText(card.game_date))), slate, h("details", { class: "more", open: innerWidth > 760 }, h("summary", {}, "Filters"), filters(rows, view, change)), h("div", { class: "over" }, counted, saveButton(`props-${card.game_date}`, CSV, () => rows.filter(row => fits(row, view))), h("button", { type: "button", class: "quiet", onclick: () => print() }, "Print")), body, legend()],
    leave: () => clearInterval(clock),
  };
}

function rowsOf(card) {
  return card.games.flatMap(game => game.players.flatMap(player => player.rows.map(row => {
    const both = sides(row), told = row.forecast?.recommendation, pick = told === "OVER" || told === "UNDER" ? told.toLowerCase() : null;
    const bets = readsPrices(row.forecast?.system_id), of = one => (bets ? one.value ?? -9 : one.chance);
    const better = both.over === null ? null : of(both.over) === of(both.under) ? (both.over.chance >= both.under.chance ? "over" : "under") : of(both.over) > of(both.under) ? "over" : "under";
    const side = pick ?? better, priced = side && both[side];
    return { ...row, game, player, pick, side, priced, kind: pick ? "pick" : null, plain: `${plain(player.player_name)} ${player.player_lookup}`, worth: !bets ? null : pick ? row.forecast.expected_value ?? priced?.value ?? null : priced?.value ?? null };
  })));
}

function fits(row, view) {
  const { line, forecast, player } = row;
  const silent = forecast?.predicted_value == null;
  const state = { pick: row.pick, pass: !row.pick && !silent, silent, doubt: player.player_status && player.player_status !== "available" }[view.state || ""] ?? true;
  return (!view.market || row.market === view.market) && (!view.game || row.game.game_id === view.game) && (!view.team || player.team_abbr === view.team)
    && (!view.side || row.side === view.side) && (!view.book || line?.over_book === view.book || line?.under_book === view.book) && state
    && (!view.picks || row.pick) && (!view.least || (row.priced && 100 * row.priced.chance >= Number(view.least))) && (!view.q || matches(view.q, row.plain));
}

function gamesOf(card, view, tastes, past, chosen) {
  const now = new Date();
  return h("ul", { class: "games", "aria-label": "Games" }, card.games.map(game => h("li", {},
    h("button", { type: "button", class: "game", "aria-pressed": String(view.game === game.game_id), onclick: () => chosen(game.game_id) },
      h("strong", {}, `${game.away_team} ${game.neutral_site ? "vs" : "@"} ${game.home_team}`), h("span", {}, timeText(game.start_time_utc, tastes.zone), !past && game.start_time_utc ? ` · ${untilText(game.start_time_utc, now)}` : ""),
      h("small", {}, `${game.players.length} players · ${game.doubts.filter(one => one.player_status === "out").length} out`)),
    view.game === game.game_id && game.doubts.length ? h("p", { class: "doubts" }, game.doubts.map((one, place) => [place ? ", " : "", `${one.player_name} (${one.team_abbr}) `, h("b", {}, one.player_status)])) : null)));
}

function filters(rows, view, change) {
  const distinct = of => [...new Set(rows.flatMap(of))].filter(Boolean).sort();
  const list = (name, values, text = value => value) => [["", `All ${name}`], ...values.map(value => [value, text(value)])];
  const markets = [...new Set(rows.map(row => row.market))];
  const pick = key => value => change({ [key]: value });
  const form = h("form", { class: "filters", "aria-label": "Filters", onsubmit: event => event.preventDefault() },
    h("label", { class: "field wide" }, h("span", {}, "Player"), h("input", { type: "search", id: "q", value: view.q ?? "", placeholder: "any spelling", oninput: event => change({ q: event.target.value }) })),
    choice("Market", view.market ?? "", list("markets", markets, marketName), pick("market"), { id: "market" }),
    choice("Team", view.team ?? "", list("teams", distinct(row => row.player.team_abbr)), pick("team"), { id: "team" }),
    choice("Side", view.side ?? "", [["", "Both"], ["over", "Over"], ["under", "Under"]], pick("side"), { id: "side" }),
    choice("Best at", view.book ?? "", list("books", distinct(row => [row.line?.over_book, row.line?.under_book])), pick("book"), { id: "book" }),
    choice("State", view.state ?? "", STATES, pick("state"), { id: "state" }),
    h("label", { class: "field" }, h("span", {}, "Chance from, %"), h("input", { type: "number", id: "least", min: 0, max: 100, step: 1, value: view.least ?? "", oninput: event => change({ least: event.target.value }) })),
    h("label", { class: "tick" }, h("input", { type: "checkbox", id: "picks", checked: Boolean(view.picks), onchange: event => change({ picks: event.target.checked ? "1" : "" }) }), "Only picks"),
    h("button", { type: "reset", class: "quiet", onclick: () => { const empty = { q: "", market: "", team: "", side: "", book: "", state: "", least: "", picks: "", game: "" }; form.querySelectorAll("input[type=search],input[type=number],select").forEach(one => { one.value = ""; }); form.querySelector("#picks").checked = false; change(empty); } }, "Clear"));
  form.addEventListener("reset", event => event.preventDefault());
  return form;
}

function columns({ odds }) {
  const best = side => row => (row.line?.[`${side}_price`] == null ? DASH : [h("span", {}, price(row.line[`${side}_price`], odds)), h("small", {}, row.line[`${side}_book`])]);
  return [
    { key: "player", label: "Player", text: true, head: true, value: row => row.player.player_name, cell: row => [h("a", { href: address("player", row.player.player_lookup, { market: row.market }) }, row.player.player_name), h("small", {}, `${row.player.team_abbr} ${row.player.is_home ? "vs" : "@"} ${row.player.opponent_team_abbr}`), doubt(row.player.player_status)] },
    { key: "market", label: "Market", text: true, value: row => marketName(row.market), cell: row => marketName(row.market) },
    { key: "line", label: "Line", value: row => row.line?.line, hint: "Consensus of the books' main lines; below it where it opened", cell: row => (row.line ? [h("b", {}, lineText(row.line.line)), moved(row.line)] : DASH) },
    { key: "over", label: "Over", value: row => row.line?.over_price, hint: "Best price on over, and its book", cell: best("over") },
    { key: "under", label: "Under", value: row => row.line?.under_price, hint: "Best price on under, and its book", cell: best("under") },
    { key: "forecast", label: "Forecast", value: row => row.forecast?.predicted_value, hint: "Of the house; below it where the result falls in 8 of 10 games", cell: row => (row.forecast?.predicted_value == null ? DASH : [number(row.forecast.predicted_value), row.forecast.low === null ? null : h("small", {}, `${row.forecast.low} to ${row.forecast.high}`)]) },
    { key: "chance", label: "Chance", value: row => row.priced?.chance, hint: "Ours of the side named; below it the market's, without its margin", cell: row => (row.priced ? [h("span", {}, h("b", { class: "side" }, row.side === "over" ? "O" : "U"), ` ${percent(row.priced.chance, 0)}`), h("small", {}, `market ${percent(row.priced.market, 0)}`)] : DASH) },
    { key: "fair", label: "Fair", value: row => row.priced?.fair, hint: "The price of that side without value", cell: row => price(row.priced?.fair, odds) },
    { key: "value", label: "Value", value: row => (row.worth === null ? null : row.worth + (row.pick ? 100 : 0)), hint: "Expected profit of one unit on that side at its best price; picks are sorted first", cell: row => (row.worth === null ? DASH : h("span", { class: row.pick && row.worth > 0 ? "up" : null }, gain(row.worth))) },
    { key: "last", label: "Last 10", value: row => share(row), hint: "His last ten games against this line, the latest on the right: up is over, hollow down is under", cell: row => (row.last.length ? [marks(row.last, row.line?.line ?? null), row.line ? h("small", {}, overs(row)) : null] : DASH) },
    { key: "state", label: "Verdict", text: true, value: row => row.forecast?.recommendation ?? "", cell: row => verdict(row) },
    { key: "reason", label: "Why", text: true, cell: row => row.forecast?.reason ?? "no forecast of this market" },
  ];
}

const decided = row => row.last.filter(value => value !== null && value !== row.line?.line);
const share = row => (row.line && decided(row).length ? decided(row).filter(value => value > row.line.line).length / decided(row).length : null);
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
  return h("span", { class: "faint" }, row.forecast ? (row.forecast.recommendation === "PASS" ? "no pick" : words(row.forecast.recommendation)) : "silent");
}

function legend() {
  return h("p", { class: "note" }, "Chance, fair price and value are of the side named; the market's chance has the books' margin removed. Seven of ten games over a line is little: its 95 % interval is 40 to 89 %. Open a player to see his rates with their intervals. A value beside “no pick” is no advice: the last column says what speaks against it.");
}

const CSV = [
  ["game", row => `${row.game.away_team}@${row.game.home_team}`], ["tip_off_utc", row => row.game.start_time_utc], ["player", row => row.player.player_name], ["team", row => row.player.team_abbr], ["status", row => row.player.player_status], ["market", row => row.market],
  ["line", row => row.line?.line], ["over_price", row => row.line?.over_price], ["over_book", row => row.line?.over_book], ["under_price", row => row.line?.under_price], ["under_book", row => row.line?.under_book], ["market_over_probability", row => row.line?.over_probability],
  ["system", row => row.forecast?.system_id], ["forecast", row => row.forecast?.predicted_value], ["low_80", row => row.forecast?.low], ["high_80", row => row.forecast?.high], ["over_probability", row => row.forecast?.over_probability],
  ["side", row => row.side], ["fair_price", row => row.priced?.fair], ["value", row => row.worth], ["pick", row => row.pick], ["last_10", row => row.last.join(" ")], ["reason", row => row.forecast?.reason],
];
