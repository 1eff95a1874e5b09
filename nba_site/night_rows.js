// The rows of tonight's card: one for each player and market, with the side that is worth more, filtered and in order.

import { matcher, searchable } from "./format.js";
import { readsPrices } from "./names.js";
import { sides } from "./stats.js";
import { inOrder } from "./table.js";

const NO_PRICE = -9; // a side that nobody offers is worth less than any other

/** Return a row for each player and market of a card. */
export function rowsOf(card) {
  return card.games.flatMap(game =>
    game.players.flatMap(player => {
      const search = searchable(player.player_name, player.player_lookup);
      return player.rows.map(row => rowOf(row, { game, player, search }));
    }),
  );
}

function rowOf(row, about) {
  const both = sides(row),
    told = row.forecast?.recommendation,
    bets = readsPrices(row.forecast?.system_id);
  const pick = told === "OVER" || told === "UNDER" ? told.toLowerCase() : null;
  const side = pick ?? better(both, bets),
    priced = side && both[side],
    value = priced?.value ?? null;
  const worth = bets ? ((pick && row.forecast.expected_value) ?? value) : null;
  return { ...row, ...about, pick, side, priced, kind: pick ? "pick" : null, worth };
}

/** Return the side that is worth more; the likelier one of a chance that reads no price, or of equal sides. */
function better({ over, under }, bets) {
  if (over === null) return null;
  const worth = one => (bets ? (one.value ?? NO_PRICE) : one.chance);
  if (worth(over) !== worth(under)) return worth(over) > worth(under) ? "over" : "under";
  return over.chance >= under.chance ? "over" : "under";
}

const silent = row => row.forecast?.predicted_value == null;
const STATES = {
  pick: row => row.pick,
  pass: row => !row.pick && !silent(row),
  silent,
  doubt: row => row.player.player_status && row.player.player_status !== "available",
};
const FILTERS = {
  market: wanted => row => row.market === wanted,
  game: wanted => row => row.game.game_id === wanted,
  team: wanted => row => row.player.team_abbr === wanted,
  side: wanted => row => row.side === wanted,
  book: wanted => row => row.line?.over_book === wanted || row.line?.under_book === wanted,
  state: wanted => STATES[wanted] ?? (() => true),
  picks: () => row => row.pick,
  least: wanted => row => row.priced && 100 * row.priced.chance >= Number(wanted),
  q: wanted => {
    const found = matcher(wanted);
    return row => found(row.search);
  },
};

/** The names of the filters, as they stand in an address. */
export const FILTER_NAMES = Object.keys(FILTERS);

/** Return a function of a view (filters and order) to its rows; each order is made once. */
export function chosenOf(rows, columns) {
  const orders = new Map();
  const ordered = (key, down) => {
    const name = `${key} ${down}`;
    if (!orders.has(name)) orders.set(name, inOrder(rows, columns, { key, down }));
    return orders.get(name);
  };
  return view => {
    const fits = FILTER_NAMES.filter(name => view[name]).map(name => FILTERS[name](view[name]));
    return ordered(view.sort, view.down === "1").filter(row => fits.every(one => one(row)));
  };
}
