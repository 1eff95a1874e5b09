// The panels of a player's games: how often over a line, with and without, minutes and usage.

import { h, panel } from "./dom.js";
import { DASH, count, number, percent } from "./format.js";
import { dots, steps } from "./charts.js";
import { breakEven, chances, mean, overRate } from "./stats.js";
import { table } from "./table.js";

const WINDOWS = [5, 10, 20];
const share = value => `${Math.round(100 * value)} %`;
const rateText = one => (one.n ? `${one.hits} of ${one.n}` : "no game");
const within = one => (one.n ? `${Math.round(100 * one.low)} to ${percent(one.high, 0)}` : DASH);

/** Hit rates over the line with their intervals, and the chances beside them. */
export function rates(games, market, line) {
  const season = games[0]?.season,
    own = games.filter(game => game.season === season);
  const windows = [
    ...WINDOWS.filter(n => n <= games.length).map(n => [`last ${n}`, games.slice(0, n)]),
    [`season ${season ?? ""}`, own],
  ];
  if (games.length > own.length) windows.push([`last ${games.length}`, games]);
  const rows = windows.map(([name, part]) => ({
    name,
    ...overRate(
      part.map(game => game.value),
      line,
    ),
  }));
  const at = chances(market.ladder, line),
    offered = market.line?.line === line ? market.line : null;
  const drawn = rows.map(one => ({
    name: one.name,
    value: one.value,
    low: one.low,
    high: one.high,
    note: rateText(one),
  }));
  if (at)
    drawn.push({
      name: "our chance",
      value: at.over / (1 - at.push),
      note: percent(at.over / (1 - at.push)),
      strong: true,
    });
  if (offered?.over_probability != null)
    drawn.push({ name: "market's chance", mark: offered.over_probability, note: percent(offered.over_probability) });
  if (offered?.over_price != null)
    drawn.push({
      name: "price needs",
      mark: breakEven(offered.over_price),
      note: percent(breakEven(offered.over_price)),
    });
  return panel(
    "How often over",
    "Share of games over the line, pushes left out, with 95 % intervals. A rate of few games says little.",
    dots({ rows: drawn, at: 0.5, label: `Rates over ${line}`, text: share, low: 0, high: 1 }),
    table({
      caption: `Rates over ${line}`,
      kind: "small rates",
      rows,
      columns: [
        { key: "name", label: "Games", text: true, head: true, cell: one => one.name },
        { key: "hits", label: "Over", cell: one => rateText(one) },
        { key: "rate", label: "Rate", cell: one => percent(one.value, 0) },
        { key: "low", label: "95 % interval", cell: within },
        { key: "pushes", label: "Pushes", cell: one => count(one.pushes) },
      ],
    }),
  );
}

/** Means and rates at home, away, by rest, and with and without each team-mate who is out or doubtful. */
export function splits(page, games, line) {
  const rests = [
    ["played the day before", game => game.days_rest === 0],
    ["1 day of rest", game => game.days_rest === 1],
    ["2 or more", game => game.days_rest >= 2],
  ];
  const mates = page.mates.flatMap((mate, place) => [
    [`with ${mate.player_name}`, game => game.beside[place] === true],
    [`without ${mate.player_name}`, game => game.beside[place] === false],
  ]);
  const starts = [
    ["as a starter", game => game.starter === true],
    ["from the bench", game => game.starter === false],
  ];
  const rows = [["at home", game => game.is_home], ["away", game => !game.is_home], ...rests, ...starts, ...mates]
    .map(([name, fits]) => {
      const part = games.filter(fits);
      return {
        name,
        games: part.length,
        mean: mean(part.map(game => game.value)),
        minutes: mean(part.map(game => game.minutes)),
        ...overRate(
          part.map(game => game.value),
          line,
        ),
      };
    })
    .filter(one => one.games);
  return panel(
    "With and without",
    `Of his last ${games.length} games. Small groups differ by chance; the interval says by how much.`,
    table({
      caption: `Splits at a line of ${line}`,
      kind: "small",
      rows,
      empty: "No game of his is stored.",
      columns: [
        { key: "name", label: "Games", text: true, head: true, cell: one => one.name },
        { key: "games", label: "n", cell: one => one.games },
        { key: "mean", label: "Mean", cell: one => number(one.mean) },
        { key: "minutes", label: "Min", cell: one => number(one.minutes, 0) },
        { key: "hits", label: "Over", cell: one => rateText(one) },
        { key: "low", label: "95 %", cell: within },
      ],
    }),
  );
}

/** Minutes and usage of his last games. */
export function minutes(games) {
  const last = games.slice(0, 25).reverse();
  if (last.length < 2) return null;
  const used = last.filter(game => game.usage_rate !== null),
    average = n => number(mean(games.slice(0, n).map(game => game.minutes)), 1);
  const usage = percent(mean(games.slice(0, 10).map(game => game.usage_rate)));
  return panel(
    "Minutes and usage",
    `Minutes: ${average(5)} in his last 5, ${average(10)} in 10, ${average(25)} in ${last.length}. ` +
      `Usage: ${usage} in 10.`,
    steps({
      label: `Minutes in his last ${last.length} games`,
      series: [{ name: "minutes", points: last.map((game, place) => [place + 1, game.minutes]) }],
      xText: value => value,
      yText: value => value,
    }),
    used.length > 1
      ? steps({
          label: "Usage in the same games",
          series: [
            {
              name: "usage, %",
              points: last
                .map((game, place) => [place + 1, game.usage_rate])
                .filter(([, rate]) => rate !== null)
                .map(([place, rate]) => [place, 100 * rate]),
            },
          ],
          xText: value => value,
          yText: value => value,
        })
      : null,
  );
}
