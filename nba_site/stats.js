// What is computed while a reader moves a line: rates with intervals, chances from a ladder, fair prices and value.

const Z = 1.96; // 95 %

/** Return a share with its Wilson interval; null without a case. */
export function rate(hits, n) {
  if (!n) return { hits, n, value: null, low: null, high: null };
  const p = hits / n,
    wide = 1 + (Z * Z) / n;
  const centre = (p + (Z * Z) / (2 * n)) / wide;
  const half = (Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / wide;
  return { hits, n, value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Return how often values were over a line, pushes and unknown values left out, and how many were pushes. */
export function overRate(values, line) {
  const known = values.filter(value => value !== null);
  const decided = known.filter(value => value !== line);
  return {
    ...rate(decided.filter(value => value > line).length, decided.length),
    pushes: known.length - decided.length,
  };
}

/** Return the mean of the known values. */
export function mean(values) {
  const known = values.filter(value => value !== null && value !== undefined);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** Return the chances of over, push and under at a line; null beyond the ends of the ladder. */
export function chances(ladder, line) {
  if (!ladder) return null;
  const above = count => (count < 0 ? 1 : (ladder.above_probability[count - ladder.first] ?? null));
  const over = above(Math.floor(line)),
    least = above(Math.ceil(line) - 1);
  if (over === null || least === null) return null;
  return { over, push: least - over, under: 1 - least };
}

/** Return the profit of one unit at an American price. */
export const payout = price => (price > 0 ? price / 100 : -100 / price);

/** Return the chance at which a price breaks even. */
export const breakEven = price => 1 / (1 + payout(price));

/** Return the expected profit of one unit; a push returns the unit. */
export const value = (win, loss, price) => (price === null || price === undefined ? null : win * payout(price) - loss);

/** Return the American price without value; null where there is none. */
export function fair(win, loss) {
  if (!(win > 0) || !(loss > 0)) return null;
  const ratio = loss / win;
  return Math.round(ratio >= 1 ? 100 * ratio : -100 / ratio);
}

/** Return each side's chance and value of a row of the card; null where one of them is unknown. */
export function sides(row) {
  const { line, forecast } = row;
  if (!line || forecast?.over_probability == null) return { over: null, under: null };
  const over = forecast.over_probability,
    under = 1 - over - (forecast.push_probability ?? 0);
  return {
    over: {
      chance: over,
      market: line.over_probability,
      price: line.over_price,
      book: line.over_book,
      fair: forecast.fair_over_price,
      value: value(over, under, line.over_price),
    },
    under: {
      chance: under,
      market: line.over_probability === null ? null : 1 - line.over_probability,
      price: line.under_price,
      book: line.under_book,
      fair: forecast.fair_under_price,
      value: value(under, over, line.under_price),
    },
  };
}

/** Return a curve's mean distance between the chances told and what came, weighted by results; null without any. */
export function calibrationError(bins) {
  const n = bins.reduce((sum, one) => sum + one.n, 0);
  const apart = bins.reduce((sum, one) => sum + Math.abs(one.n * one.mean_probability - one.n_over), 0);
  return n ? apart / n : null;
}
