// A player: one market at a time, his games against a line that can be moved, and everything known about it tonight.

import { load } from "./data.js";
import { h, named, refusal, show } from "./dom.js";
import { DASH, lineText, timeText } from "./format.js";
import { marketName, reached } from "./names.js";
import { minutes } from "./player_games.js";
import { SHOWN_GAMES, atLine } from "./player_line.js";
import { offers, opponent, path, reasons, systems } from "./player_panels.js";
import { doubt } from "./night_columns.js";
import { profile } from "./profile.js";
import { amend } from "./state.js";
import { mean } from "./stats.js";

export async function player({ item, query, tastes, again }) {
  const { document, problem, missing } = await load(`board/player/${item}.json`);
  if (problem && !missing) return [h("h1", {}, item), refusal(problem)];
  if (!document?.page) return profile(item, document);
  const page = document.page,
    market =
      page.markets.find(one => one.market === query.market) ?? page.markets.find(one => one.line) ?? page.markets[0];
  const offered = market.line?.line ?? null,
    asked = Number(query.line);
  const view = {
    line:
      query.line && Number.isFinite(asked) && asked >= 0.5
        ? Math.round(asked * 2) / 2
        : (offered ?? usual(page, market)),
    shown: SHOWN_GAMES.includes(Number(query.games)) ? Number(query.games) : 25,
  };
  const games = page.games.map(game => ({ ...game, value: reached(game, market.market) }));
  const moving = h("div", {}),
    still = [
      minutes(games),
      opponent(page, market),
      systems(market),
      reasons(page, market),
      offers(market, tastes),
      path(market),
    ];
  const move = line => {
    if (line === view.line) return;
    view.line = line;
    amend({ line: line === offered ? "" : line });
    const held = moving.contains(globalThis.document.activeElement)
      ? globalThis.document.activeElement.id || globalThis.document.activeElement.getAttribute("role")
      : null;
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
  const { game } = page,
    at = page.is_home ? `vs ${page.opponent_team_abbr}` : `@ ${page.opponent_team_abbr}`;
  const facts = [
    `${page.team_abbr} ${at}`,
    `tip-off ${timeText(game.start_time_utc, tastes.zone)}`,
    `${page.games_played_season} games this season`,
    page.days_rest === null
      ? null
      : page.days_rest === 0
        ? "played yesterday"
        : `${page.days_rest} ${page.days_rest === 1 ? "day" : "days"} of rest`,
  ];
  return h(
    "header",
    { class: "who" },
    h("h1", {}, named(page.player_name), " ", doubt(page.player_status)),
    h("p", {}, facts.filter(Boolean).join(" · ")),
    page.mates.length
      ? h(
          "p",
          { class: "note" },
          "Team-mates out or doubtful: ",
          page.mates.map((mate, place) => [
            place ? ", " : "",
            named(mate.player_name),
            mate.player_status ? ` (${mate.player_status})` : "",
          ]),
        )
      : null,
  );
}

function tabs(page, market, again) {
  const choose = key => {
    amend({ market: key, line: "" });
    again();
  };
  const key = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const place = page.markets.findIndex(one => one.market === market.market),
      next = page.markets[(place + step + page.markets.length) % page.markets.length].market;
    choose(next);
    setTimeout(() => document.getElementById(`tab-${next}`)?.focus(), 50);
  };
  return h(
    "div",
    { role: "tablist", class: "tabs", "aria-label": "Markets", onkeydown: key },
    page.markets.map(one => {
      const here = one.market === market.market;
      return h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${one.market}`,
          "aria-selected": String(here),
          "aria-controls": "at-line",
          tabindex: here ? 0 : -1,
          onclick: () => choose(one.market),
        },
        marketName(one.market),
        h("small", {}, one.line ? lineText(one.line.line) : DASH),
      );
    }),
  );
}
