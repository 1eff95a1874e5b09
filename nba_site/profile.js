// A player who is not on tonight's card: his season, his last games, and the house's forecasts of him.

import { load } from "./data.js";
import { h, panel } from "./dom.js";
import { count, dateText, lineText, number, words } from "./format.js";
import { table } from "./table.js";

export async function profile(lookup, page) {
  const { document, problem } = await load(`players/${lookup}.json`);
  const refused = page && !page.publish.allowed;
  if (problem)
    return [
      h("h1", {}, lookup),
      h("p", { class: "banner refused", role: "alert" }, page ? "He is not on tonight's card. " : "", problem),
    ];
  const { player, season, last_games: games, house } = document;
  return {
    title: player.player_name,
    nodes: [
      h(
        "header",
        { class: "who" },
        h("h1", {}, player.player_name),
        h(
          "p",
          {},
          `${player.team_abbr} · ${refused ? "tonight's forecasts may not be published" : "not on tonight's card"}`,
        ),
      ),
      h(
        "div",
        { class: "columns" },
        panel(
          "Season",
          `${count(season.games_played)} games played. Averages per game.`,
          table({
            caption: "Averages",
            kind: "small",
            rows: [season],
            columns: [
              ["points", "points_per_game"],
              ["minutes", "minutes_per_game"],
              ["rebounds", "reb_per_game"],
              ["assists", "ast_per_game"],
              ["shots", "fga_per_game"],
            ].map(([label, name]) => ({ key: name, label, cell: one => number(one[name]) })),
          }),
        ),
        panel(
          "Last games",
          null,
          table({
            caption: "Last games",
            kind: "small",
            rows: games,
            empty: "No game of his is stored.",
            columns: [
              { key: "date", label: "Date", text: true, head: true, cell: one => dateText(one.game_date) },
              {
                key: "opponent",
                label: "Opponent",
                text: true,
                cell: one => `${one.is_home ? "vs" : "@"} ${one.opponent_team_abbr}`,
              },
              { key: "min", label: "Min", cell: one => (one.played ? number(one.minutes, 0) : "did not play") },
              { key: "pts", label: "Pts", cell: one => (one.played ? one.points : "") },
              { key: "reb", label: "Reb", cell: one => (one.played ? one.reb : "") },
              { key: "ast", label: "Ast", cell: one => (one.played ? one.ast : "") },
            ],
          }),
        ),
        panel(
          "Forecasts of him",
          `Mean error of the house ${number(house.mae, 2)} over ${count(house.n_forecast)} forecasts.`,
          table({
            caption: "Forecasts of him",
            kind: "small",
            rows: house.forecasts ?? [],
            empty: "None is graded yet.",
            columns: [
              { key: "date", label: "Date", text: true, head: true, cell: one => dateText(one.game_date) },
              { key: "line", label: "Line", cell: one => lineText(one.line) },
              { key: "forecast", label: "Forecast", cell: one => number(one.predicted_value) },
              {
                key: "actual",
                label: "Result",
                cell: one => (one.actual_value === null ? words(one.outcome_state) : one.actual_value),
              },
              {
                key: "grade",
                label: "Pick",
                text: true,
                cell: one => (one.grade ? `${words(one.recommendation)}: ${words(one.grade)}` : "no pick"),
              },
            ],
          }),
        ),
      ),
    ],
  };
}
