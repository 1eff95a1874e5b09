// Tonight: games, then a row for each player and market, to filter, search and sort.

import { age, load } from "./data.js";
import { button, h, refusal, show } from "./dom.js";
import { count, dateText } from "./format.js";
import { CSV, columns } from "./night_columns.js";
import { filtersOf, gamesOf } from "./night_filters.js";
import { chosenOf, rowsOf } from "./night_rows.js";
import { amend } from "./state.js";
import { saveButton, table } from "./table.js";

const SHOWN_BY = { sort: "value", down: "1" };
const SECONDS_BETWEEN_LOOKS = 30;
const WIDE = 760; // pixels: below it the filters are folded
const REFUSED =
  "There is no pick and no forecast to show while the date may not be published. Earlier picks do not stand in for it.";
const LEGEND =
  "Chance, fair price and value are of the side named; the market's chance has the books' margin removed. Seven of " +
  "ten games over a line is little: its 95 % interval is 40 to 89 %. Open a player to see his rates with their " +
  "intervals. A value beside “no pick” is no advice: the last column says what speaks against it.";

export async function tonight({ query, tastes }) {
  const { document: card, problem } = await load("board/tonight.json");
  const title = h("h1", {}, "Tonight ", card ? h("small", {}, dateText(card.game_date)) : null);
  if (problem) return [title, refusal(problem)];
  if (!card.publish.allowed) return [title, h("p", {}, REFUSED)];
  if (!card.games.length) return [title, h("p", { class: "banner" }, nothing(card))];
  return night(title, card, { ...SHOWN_BY, ...query }, tastes);
}

const nothing = card =>
  `No game is on the schedule of ${dateText(card.game_date)}. Results and Record have the season so far.`;

function night(title, card, view, tastes) {
  const rows = rowsOf(card),
    shownColumns = columns(tastes),
    chosen = chosenOf(rows, shownColumns),
    made = new Map();
  const slate = h("div"),
    body = h("div", { class: "results" }),
    counted = h("output", { class: "count" });
  const draw = () => {
    const shown = chosen(view),
      picks = shown.filter(row => row.pick).length;
    show(counted, `${count(shown.length)} of ${count(rows.length)} rows, ${picks} picks`);
    const drawn = table({
      caption: `Players and markets of ${dateText(card.game_date)}`,
      columns: shownColumns,
      rows: shown,
      kind: "card night",
      sort: { key: view.sort, down: view.down === "1" },
      sorted: sort => change({ sort: sort.key, down: sort.down ? "1" : "" }),
      empty: "No row fits these filters.",
      made,
    });
    show(body, drawn);
  };
  const past = age(card)?.kind === "replay";
  const choose = game => change({ game: view.game === game ? "" : game });
  const games = () => show(slate, gamesOf(card, view, tastes, past, choose));
  const change = changes => {
    const focused = document.activeElement?.dataset?.sort;
    Object.assign(view, changes);
    amend(told(view));
    draw();
    if ("game" in changes) games();
    if (focused) body.querySelector(`[data-sort="${focused}"]`)?.focus();
  };
  games();
  draw();
  const clock = setInterval(games, SECONDS_BETWEEN_LOOKS * 1000);
  const fold = { class: "more", open: innerWidth > WIDE };
  const filters = h("details", fold, h("summary", {}, "Filters"), filtersOf(rows, view, change));
  const save = saveButton(`props-${card.game_date}`, CSV, () => chosen(view));
  const actions = h(
    "div",
    { class: "over" },
    counted,
    save,
    button("Print", () => print()),
  );
  return {
    nodes: [title, slate, filters, actions, body, h("p", { class: "note" }, LEGEND)],
    leave: () => clearInterval(clock),
  };
}

/** Return a view as it stands in the address: what is usual is left out, and its opposite is 0. */
function told(view) {
  const short = ([key, value]) => [key, value === SHOWN_BY[key] ? "" : value || (key in SHOWN_BY ? "0" : "")];
  return Object.fromEntries(Object.entries(view).map(short));
}
