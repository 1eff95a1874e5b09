// How systems, markets, books and states are called on the page.

const SYSTEMS = {
  moving_average_baseline_v1: "Averages",
  zone_matchup_v1: "Zones",
  similarity_balanced_v1: "Similar games",
  xgboost_v1: "XGBoost",
  catboost_v8: "CatBoost",
  ensemble_v1: "Ensemble",
  catboost_v9: "CatBoost 9",
  market_anchored_v1: "Anchored",
  rates_v1: "Rates",
  market_blend_v1: "Blend",
  season_average_v1: "Season average",
  plain_average_v1: "Plain average",
  market_line: "Market line",
};
const EDITIONS = { at_line: "at line", at_tip: "at tip-off" };
const MARKETS = {
  player_points: "Points",
  player_rebounds: "Rebounds",
  player_assists: "Assists",
  player_threes: "Threes",
  player_points_rebounds_assists: "Pts + reb + ast",
  player_points_rebounds: "Pts + reb",
  player_points_assists: "Pts + ast",
  player_rebounds_assists: "Reb + ast",
  player_steals: "Steals",
  player_blocks: "Blocks",
  player_turnovers: "Turnovers",
  player_blocks_steals: "Blk + stl",
};
export const COUNTS = {
  player_points: ["points"],
  player_rebounds: ["reb"],
  player_assists: ["ast"],
  player_threes: ["fg3m"],
  player_points_rebounds_assists: ["points", "reb", "ast"],
  player_points_rebounds: ["points", "reb"],
  player_points_assists: ["points", "ast"],
  player_rebounds_assists: ["reb", "ast"],
  player_steals: ["stl"],
  player_blocks: ["blk"],
  player_turnovers: ["tov"],
  player_blocks_steals: ["blk", "stl"],
};
export const POINTS = "player_points";

const other = key => key.replace(/^player_/, "").replaceAll("_", " ");

/** Return a system's name, with its edition where a market has both. */
/** Tell whether a system reads prices; a chance that does not know the price is never bet, so it has no value. */
export const readsPrices = id => !["rates_v1", "plain_average_v1", "season_average_v1", "market_line"].includes(id);
export const systemName = (id, edition) =>
  (SYSTEMS[id] ?? other(id)) + (edition === "at_tip" && id === "rates_v1" ? `, ${EDITIONS[edition]}` : "");

/** Return a market's name; one that the page does not know is named by its key. */
export const marketName = key => MARKETS[key] ?? other(key);

/** Return the blocks of a document with totals: points first, then each other market and edition. */
export const blocksOf = document =>
  [
    { market: POINTS, edition: document.edition ?? "at_tip", systems: document.systems },
    ...(document.markets ?? []),
  ].map(block => ({
    ...block,
    key: `${block.market} ${block.edition}`,
    name: marketName(block.market) + (block.edition === "at_line" ? "" : `, ${EDITIONS[block.edition]}`),
  }));

/** Return what a player reached in a market; null if one of its counts is unknown. */
export function reached(game, market) {
  const counts = (COUNTS[market] ?? []).map(name => game[name]);
  return !counts.length || counts.some(value => value === null || value === undefined)
    ? null
    : counts.reduce((sum, value) => sum + value, 0);
}
