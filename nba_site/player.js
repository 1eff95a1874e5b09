// A player: one market at a time, his games against a line that can be moved, and everything known about it tonight.

import { load } from "./data.js";
import { h, panel, show } from "./dom.js";
import { DASH, change, dateText, gain, lineText, number, percent, price, shortDate, timeText } from "./format.js";
import { bars } from "./charts.js";
import { marketName, reached, readsPrices, systemName } from "./names.js";
import { ladderTable, lineStates, minutes, offers, opponent, path, rates, reasons, splits, systems } from "./player_panels.js";
import { profile } from "./profile.js";
import { amend } from "./state.js";
import { chances, fair, mean, value } from "./stats.js";
import { doubt } from "./tonight.js";
import { saveButton } from "./table.js";

const SHOWN_GAMES = [10, 25, 82];

export async function player({ item, query, tastes, again }) {
  const { document, problem, missing } = await load(`board/player/${item}.json`);
  if (problem && !missing) return [h("h1", {}, item), h("p", { class: "banner refused", role: "alert" }, problem)];
  if (!document?.page) return profile(item, document);
  const page = document.page, market = page.markets.find(one => one.market === query.market) ?? page.markets.find(one => one.line) ?? page.markets[0];
  const offered = market.line?.line ?? null, asked = Number(query.line);
  const view = { line: query.line && Number.isFinite(asked) && asked >= 0.5 ? Math.round(asked * 2) / 2 : offered ?? usual(page, market), shown: SHOWN_GAMES.includes(Number(query.games)) ? Number(query.games) : 25 };
  const games = page.games.map(game => ({ ...game, value: reached(game, market.market) }));
  const moving = h("div", {}), still = [minutes(games), opponent(page, market), systems(market), reasons(page, market), offers(market, tastes), path(market)];
  const move = line => {
    if (line === view.line) return;
    view.line = line;
    amend({ line: line === offered ? "" : line });
    const held = moving.contains(globalThis.document.activeElement) ? globalThis.document.activeElement.id || globalThis.document.activeElement.getAttribute("role") : null;
    draw();
    (held && (moving.querySelector(`#${held}`) ?? moving.querySelector(`[role="${held}"]`)))?.focus();
  };
  const draw = () => show(moving, atLine({ page, market, games, view, move, tastes, again, offered, still }));
  draw();
  return {
    title: page.player_name,
    nodes: [head(page, tastes), tabs(page, market, again), moving],
  };
}

const usual = (page, market) => {
  const average = market.season_average ?? mean(page.games.slice(0, 10).map(game => reached(game, market.market)));
  return average === null ? 0.5 : Math.max(0.5, Math.floor(average) + 0.5);
};

function head(page, tastes) {
  const { game } = page, at = page.is_home ? `vs ${page.opponent_team_abbr}` : `@ ${page.opponent_team_abbr}`;
  const facts = [`${page.team_abbr} ${at}`, `tip-off ${timeText(game.start_time_utc, tastes.zone)}`, `${page.games_played_season} games this season`, page.days_rest === null ? null : page.days_rest === 0 ? "played yesterday" : `${page.days_rest} ${page.days_rest === 1 ? "day" : "days"} of rest`];
  return h("header", { class: "who" }, h("h1", {}, page.player_name, " ", doubt(page.player_status)), h("p", {}, facts.filter(Boolean).join(" · ")),
    page.mates.length ? h("p", { class: "note" }, "Team-mates out or doubtful: ", page.mates.map((mate, place) => [place ? ", " : "", mate.player_name, mate.player_status ? ` (${mate.player_status})` : ""])) : null);
}

function tabs(page, market, again) {
  const choose = key => { amend({ market: key, line: "" }); again(); };
  const key = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const place = page.markets.findIndex(one => one.market === market.market), next = page.markets[(place + step + page.markets.length) % page.markets.length].market;
    choose(next);
    setTimeout(() => document.getElementById(`tab-${next}`)?.focus(), 50);
  };
  return h("div", { role: "tablist", class: "tabs", "aria-label": "Markets", onkeydown: key }, page.markets.map(one => {
    const here = one.market === market.market;
    return h("button", { type: "button", role: "tab", id: `tab-${one.market}`, "aria-selected": String(here), "aria-controls": "at-line", tabindex: here ? 0 : -1, onclick: () => choose(one.market) }, marketName(one.market), h("small", {}, one.line ? lineText(one.line.line) : DASH));
  }));
}

/** Everything that changes with the line: bars, rates, chance, splits and the ladder. */
function atLine({ page, market, games, view, move, tastes, again, offered, still }) {
  const shown = games.slice(0, view.shown).reverse();
  const drawn = shown.map(game => ({ value: game.value, opponent: `${game.is_home ? "" : "@"}${game.opponent_team_abbr}`, day: shortDate(game.game_date), title: `${dateText(game.game_date)} ${game.is_home ? "vs" : "@"} ${game.opponent_team_abbr}: ${game.value ?? "unknown"} in ${number(game.minutes, 0)} min${game.starter === false ? ", from the bench" : ""}` }));
  const label = `${page.player_name}, ${marketName(market.market)} in his last ${shown.length} games against a line of ${view.line}`;
  const controls = h("div", { class: "lineform" },
    h("label", { class: "field" }, h("span", {}, "Line"), h("input", { id: "line", type: "number", min: 0.5, step: 0.5, value: view.line, onchange: event => move(Math.max(0.5, Math.round(Number(event.target.value) * 2) / 2)) })),
    h("button", { type: "button", class: "quiet", id: "less", "aria-label": "Half a point lower", onclick: () => move(Math.max(0.5, view.line - 0.5)) }, "−½"), h("button", { type: "button", class: "quiet", id: "more", "aria-label": "Half a point higher", onclick: () => move(view.line + 0.5) }, "+½"),
    offered !== null ? h("button", { type: "button", class: "quiet", id: "offered", onclick: () => move(offered), disabled: view.line === offered }, `Market's line ${lineText(offered)}`) : h("span", { class: "note" }, "No bookmaker offers a line."),
    h("span", { class: "grow" }), SHOWN_GAMES.map(n => h("button", { type: "button", class: "quiet", "aria-pressed": String(view.shown === n), onclick: () => { amend({ games: n === 25 ? "" : n }); again(); } }, n === 82 ? "all" : `last ${n}`)),
    saveButton(`${page.player_lookup}-${market.market}`, [["date", game => game.game_date], ["opponent", game => game.opponent_team_abbr], ["home", game => game.is_home], ["starter", game => game.starter], ["minutes", game => game.minutes], [market.market, game => game.value], ["line", () => view.line]], () => games));
  return h("div", { id: "at-line", role: "tabpanel", "aria-labelledby": `tab-${market.market}` },
    panel(marketName(market.market), `${shown.length} games he played, the latest on the right. Drag the line, or use the arrow keys on it.`, controls, games.length ? bars({ games: drawn, line: view.line, top: view.line * 1.15, label, moved: move, width: Math.max(330, Math.min(1400, document.getElementById("main").clientWidth - 70)) }) : h("p", { class: "empty" }, "No game of his is stored.")),
    h("div", { class: "columns" }, verdictAt(market, view.line, tastes), rates(games, market, view.line), splits(page, games, view.line), ladderTable(market, view.line, tastes), still));
}

/** Say in a sentence whether a forecast is a pick, and why. */
function said({ recommendation, reason }) {
  const verdict = { OVER: "Pick: over", UNDER: "Pick: under", PASS: "No pick" }[recommendation];
  return `${verdict ? `${verdict}: ` : ""}${reason}.`;
}

function verdictAt(market, line, tastes) {
  const told = market.forecast, at = chances(market.ladder, line), offered = market.line?.line === line ? market.line : null;
  const side = (name, win, loss, american, book, theirs) => h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader", class: "text" }, name), cell(percent(win)), cell(theirs === null || theirs === undefined ? DASH : percent(theirs)), cell(price(fair(win, loss), tastes.odds)), cell(american === null || american === undefined ? DASH : [price(american, tastes.odds), h("small", {}, book)]), cell(american === null || american === undefined || !readsPrices(told?.system_id) ? DASH : h("span", { class: value(win, loss, american) > 0 ? "up" : "down" }, gain(value(win, loss, american)))));
  const cell = content => h("td", { class: "number", role: "cell" }, content);
  const headings = ["Side", "Ours", "Market", "Fair", "Best", "Value"];
  return panel(`At ${lineText(line)}`, told ? [`${systemName(told.system_id)}: `, h("b", {}, number(told.predicted_value)), told.low === null ? "" : `, in 8 of 10 games ${told.low} to ${told.high}`, `. ${said(told)}`] : "No forecast of this market.",
    at ? h("table", { role: "table", id: "verdict", class: "small" }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, headings.map((one, place) => h("th", { scope: "col", role: "columnheader", class: place ? "number" : "text" }, one)))),
      h("tbody", { role: "rowgroup" }, side("Over", at.over, at.under, offered?.over_price, offered?.over_book, offered?.over_probability), side("Under", at.under, at.over, offered?.under_price, offered?.under_book, offered?.over_probability == null ? null : 1 - offered.over_probability)))
      : h("p", { class: "empty" }, lineStates(market)),
    at?.push > 0 ? h("p", { class: "note" }, `Exactly ${line}: ${percent(at.push)}, which returns the stake.`) : null,
    market.season_average !== null ? h("p", { class: "note" }, `Season average ${number(market.season_average)}${market.line ? `, ${change(market.season_average - line)} to this line` : ""}.`) : null);
}
