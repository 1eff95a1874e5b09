// Results of a date: the picks as they were published, every system's picks with grades, and each player's game.

import { load } from "./data.js";
import { choice, h, panel, refusal, tick } from "./dom.js";
import { DASH, change, count, dateText, gain, lineText, number, percent, price, words } from "./format.js";
import { POINTS, blocksOf, marketName, systemName } from "./names.js";
import { address, amend } from "./state.js";
import { inOrder, saveButton, table } from "./table.js";

const HOUSE = "house"; // of points the ensemble, of other markets the only forecast that is graded here
const WHY = {
  dnp_injury_confirmed: "did not play, injured",
  dnp_late_scratch: "did not play, late scratch",
  dnp_unknown: "did not play",
  game_moved: "game moved",
  no_player_rows: "no box score",
  no_line: "no line",
};

export async function results({ query, tastes, again }) {
  const [{ document: calendar }, { document, problem }] = await Promise.all([
    load("schedule/game-counts.json"),
    load(query.date ? `results/${query.date}.json` : "results/latest.json"),
  ]);
  const date = document?.game_date ?? query.date ?? null;
  const title = h("h1", {}, "Results ", h("small", {}, date ? dateText(date) : ""));
  const set = key => value => {
    amend({ [key]: value });
    again();
  };
  const nodes = [title, calendar && dates(calendar, date, set("date"))];
  if (problem) return [...nodes, refusal(problem)];
  const bets = (await load(`best-bets/${date}.json`)).document;
  const rows = rowsOf(document),
    systems = [HOUSE, ...new Set(rows.filter(row => row.market === POINTS).map(row => row.system_id))],
    system = systems.includes(query.system) ? query.system : HOUSE;
  const all = query.all === "1",
    shown = rows.filter(
      row =>
        (system === HOUSE ? row.house : row.system_id === system) &&
        (all || row.recommendation === "OVER" || row.recommendation === "UNDER"),
    );
  const shownColumns = columns(tastes),
    sort = query.sort ? { key: query.sort, down: query.down === "1" } : null;
  return {
    title: `Results of ${dateText(date)}`,
    nodes: [
      ...nodes,
      published(bets, tastes),
      panel(
        "Picks and grades",
        "Every pick stays, also the lost and the void ones. A void pick returns its stake: he did not play.",
        h(
          "div",
          { class: "over" },
          choice(
            "System",
            system,
            systems.map(id => [id, id === HOUSE ? "The house" : systemName(id)]),
            set("system"),
            { id: "system" },
          ),
          tick("Players without a pick too", all, set("all"), { id: "all" }),
          saveButton(`results-${date}`, CSV, () => shown),
        ),
        table({
          caption: system === HOUSE ? "Picks of the house" : `Picks of ${systemName(system)}`,
          kind: "card",
          rows: inOrder(shown, shownColumns, sort),
          sort,
          sorted: chosen => {
            amend({ sort: chosen.key, down: chosen.down ? "1" : "" });
            again();
          },
          empty: document.games.length ? "This system made no pick of this date." : "No game of this date is over.",
          columns: shownColumns,
        }),
      ),
      totals(document),
    ],
  };
}

function dates(calendar, date, move) {
  const played = calendar.dates.filter(one => one.final).map(one => one.game_date),
    place = played.indexOf(date);
  const step = (label, to) =>
    h("button", { type: "button", class: "quiet", disabled: to === undefined, onclick: () => move(to) }, label);
  return h(
    "div",
    { class: "over" },
    step("‹ Earlier", played[(place < 0 ? played.length : place) - 1]),
    choice(
      "Date",
      date ?? "",
      [
        ...(place < 0 && date ? [[date, dateText(date)]] : []),
        ...played
          .slice()
          .reverse()
          .map(one => [one, dateText(one)]),
      ],
      move,
      { id: "date" },
    ),
    step("Later ›", place < 0 ? undefined : played[place + 1]),
  );
}

function rowsOf(document) {
  return document.games.flatMap(game =>
    game.players.flatMap(player => [
      ...player.systems.map(one => ({
        ...player,
        ...one,
        market: POINTS,
        game,
        house: one.system_id === "ensemble_v1",
      })),
      ...(player.markets ?? []).map(one => ({ ...player, ...one, game, house: true })),
    ]),
  );
}

const pickText = row =>
  `${row.recommendation === "OVER" ? "▲" : "▼"} ${words(row.recommendation)} ${lineText(row.line)}`;

function grade(row) {
  if (!row.grade) return h("span", { class: "faint" }, "no pick");
  const sign = { WIN: "✓ ", LOSS: "✗ ", PUSH: "= ", VOID: "∅ " }[row.grade] ?? "";
  return [
    h("span", { class: `badge g-${row.grade.toLowerCase()}` }, sign + words(row.grade)),
    row.grade_reason ? h("small", {}, WHY[row.grade_reason] ?? words(row.grade_reason)) : null,
  ];
}

function columns({ odds }) {
  return [
    {
      key: "player",
      label: "Player",
      text: true,
      head: true,
      value: row => row.player_name,
      cell: row => [
        h("a", { href: address("player", row.player_lookup, { market: row.market }) }, row.player_name),
        h("small", {}, `${row.team_abbr} · ${row.game.away_team} @ ${row.game.home_team}`),
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
      key: "side",
      label: "Pick",
      text: true,
      value: row => row.recommendation,
      cell: row => (row.grade ? pickText(row) : words(row.recommendation)),
    },
    { key: "price", label: "Price", value: row => row.price_used, cell: row => price(row.price_used, odds) },
    { key: "forecast", label: "Forecast", value: row => row.predicted_value, cell: row => number(row.predicted_value) },
    {
      key: "actual",
      label: "Result",
      value: row => row.actual_value,
      cell: row =>
        row.actual_value === null
          ? words(row.outcome_state)
          : [h("b", {}, row.actual_value), h("small", {}, `${number(row.actual_minutes, 0)} min`)],
    },
    {
      key: "error",
      label: "Error",
      value: row => (row.signed_error === null ? null : Math.abs(row.signed_error)),
      hint: "Forecast minus result; below it the line's",
      cell: row =>
        row.signed_error === null
          ? DASH
          : [
              change(row.signed_error),
              row.line_absolute_error === null ? null : h("small", {}, `line ${number(row.line_absolute_error)}`),
            ],
    },
    { key: "grade", label: "Grade", text: true, value: row => row.grade, cell: grade },
    {
      key: "close",
      label: "Close",
      value: row => row.closing_value,
      hint: "Closing-line value: expected profit of the pick at the other books' closing prices",
      cell: row => gain(row.closing_value),
    },
    { key: "profit", label: "Units", value: row => row.profit_units, cell: row => change(row.profit_units, 2) },
  ];
}

function published(bets, tastes) {
  if (!bets) return null;
  const { record } = bets;
  return panel(
    "Published picks",
    bets.rule,
    table({
      caption: "Picks as they were published",
      kind: "card",
      rows: bets.picks,
      empty: bets.publish.allowed ? "No pick was published." : "The date may not be published.",
      columns: [
        {
          key: "player",
          label: "Player",
          text: true,
          head: true,
          cell: row => [
            h("a", { href: address("player", row.player_lookup) }, row.player_name),
            h("small", {}, `${row.team_abbr} v ${row.opponent_team_abbr}`),
          ],
        },
        {
          key: "side",
          label: "Pick",
          text: true,
          cell: row => `${pickText(row)} ${marketName(row.market ?? POINTS).toLowerCase()}`,
        },
        { key: "price", label: "Price", cell: row => [price(row.price, tastes.odds), h("small", {}, row.price_book)] },
        { key: "value", label: "Value", cell: row => gain(row.expected_value) },
        { key: "actual", label: "Result", cell: row => row.actual_value ?? DASH },
        { key: "grade", label: "Grade", text: true, cell: grade },
        { key: "profit", label: "Units", cell: row => change(row.profit_units, 2) },
        {
          key: "state",
          label: "State",
          text: true,
          cell: row => [
            words(row.state),
            row.note ? h("small", {}, row.note) : null,
            row.before_tip_off ? null : h("small", {}, "told after tip-off: not counted"),
          ],
        },
      ],
    }),
    h(
      "p",
      { class: "note" },
      `Record of the season: ${count(record.picks)} picks published before tip-off, ` +
        `${count(record.grades.win)} won, ${count(record.grades.loss)} lost. Profit ${record.claim}.`,
    ),
  );
}

function totals(document) {
  const rows = blocksOf(document).flatMap(block =>
    block.systems.filter(one => one.population === "with_line").map(one => ({ ...one, block })),
  );
  return panel(
    "Systems on this date",
    "One evening shows nothing about a system; the Record has the season. Errors on the same players as the line's.",
    table({
      caption: "Systems on this date",
      kind: "small",
      rows,
      empty: "Nothing is graded yet.",
      columns: [
        { key: "market", label: "Market", text: true, cell: one => one.block.name },
        { key: "system", label: "System", text: true, head: true, cell: one => systemName(one.system_id) },
        { key: "n", label: "Players", cell: one => count(one.n_shared_with_line) },
        { key: "mae", label: "Mean error", cell: one => number(one.mae_shared, 2) },
        { key: "line", label: "Line's", cell: one => number(one.line_mae_shared, 2) },
        { key: "picks", label: "Picks", cell: one => count(one.n_picks) },
        { key: "won", label: "Won", cell: one => `${one.wins} of ${one.wins + one.losses}` },
        { key: "rate", label: "Rate", cell: one => percent(one.hit_rate) },
        { key: "units", label: "Units", cell: one => change(one.profit_units, 2) },
      ],
    }),
  );
}

const CSV = [
  ["player", row => row.player_name],
  ["team", row => row.team_abbr],
  ["market", row => row.market],
  ["system", row => row.system_id],
  ["pick", row => row.recommendation],
  ["line", row => row.line],
  ["price", row => row.price_used],
  ["forecast", row => row.predicted_value],
  ["result", row => row.actual_value],
  ["grade", row => row.grade],
  ["closing_value", row => row.closing_value],
  ["profit_units", row => row.profit_units],
];
