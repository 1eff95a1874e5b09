// One system's season on the record: by month, by tier, and what came of the chances it told.

import { h, panel } from "./dom.js";
import { DASH, count, gain, number, percent } from "./format.js";
import { reliability } from "./charts.js";
import { PICKS, errorDots } from "./record_panels.js";
import { calibrationError, rate } from "./stats.js";
import { table } from "./table.js";

const DRAWN = 20; // results: the interval of fewer spans the picture
const TIERS = { tier_0_8: "under 8", tier_8_15: "8 to 15", tier_15_22: "15 to 22", tier_22_up: "22 or more" };
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const monthText = ({ month }) => MONTH.format(new Date(`${month}-15T12:00:00Z`));

/** What came of the chances told, and of the market's on the same results. */
export function calibration(system, name) {
  const ours = system.calibration,
    theirs = system.market_calibration;
  if (!ours.length) {
    const none = `${name} tells no chance of a line with both prices, or none is decided yet.`;
    return panel("Calibration", null, h("p", { class: "empty" }, none));
  }
  const n = ours.reduce((sum, one) => sum + one.n, 0);
  const apart = bins => `${(100 * calibrationError(bins)).toFixed(1)} points`;
  return panel(
    "Calibration",
    `Where ${name} says 55 %, 55 of 100 should go over: on the diagonal. ● is ${name}, □ the market without its ` +
      `margin, both on the same ${count(n)} results, with 95 % intervals. ` +
      `Mean distance: ${apart(ours)}, market ${apart(theirs)}.`,
    reliability({
      label: `Chances told and what came, ${name} beside the market`,
      series: [
        { name, points: points(ours) },
        { name: "market", points: points(theirs) },
      ],
    }),
    table({
      caption: `Chances of ${name} and what came`,
      kind: "small calibration",
      rows: ours.map(binOf),
      columns: [
        { key: "told", label: "Told", text: true, head: true, cell: one => percent(one.told) },
        { key: "came", label: "Came", cell: one => percent(one.came) },
        { key: "low", label: "95 % interval", cell: one => `${percent(one.low, 0)} to ${percent(one.high, 0)}` },
        { key: "n", label: "Results", cell: one => count(one.n) },
      ],
    }),
  );
}

function binOf({ mean_probability: told, n, n_over: over }) {
  const { value, low, high } = rate(over, n);
  return { told, came: value, low, high, n };
}

const points = bins => bins.filter(one => one.n >= DRAWN).map(binOf);

/** Errors and hit rates by month. */
export function months(system, name) {
  return parts("By month", `${name} and the line on the same players with a line.`, system.months, "Month", monthText);
}

/** Errors and hit rates by points a game. */
export function tiers(system, name) {
  const note = `${name} and the line on the same players, by their points a game this season.`;
  return parts("By points a game", note, system.tiers, "Points a game", one => TIERS[one.population]);
}

function parts(title, note, rows, label, nameOf) {
  const measured = rows.filter(one => one.mae_shared !== null);
  if (!measured.length) return null;
  const errors = one => `${number(one.mae_shared, 2)} / ${number(one.line_mae_shared, 2)}`;
  const close = one => (one.n_closing_value ? gain(one.closing_value) : DASH);
  return panel(
    title,
    note,
    errorDots(measured, nameOf, `${title}: mean error beside the line's`),
    table({
      caption: `${title}: ${label}`,
      kind: "small",
      rows: measured,
      columns: [
        { key: "part", label, text: true, head: true, cell: nameOf },
        { key: "n", label: "Players", cell: one => count(one.n_shared_with_line) },
        { key: "mae", label: "Error / line's", cell: errors },
        ...PICKS,
        { key: "close", label: "Close", hint: "Mean closing-line value of its picks that have one", cell: close },
      ],
    }),
  );
}
