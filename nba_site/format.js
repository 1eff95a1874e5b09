// Numbers, prices, dates and names as text. An unknown value is a dash, never a zero.

export const DASH = "–";
const MINUS = "\u2212";
const EASTERN = "America/New_York";
const LETTERS = { ø: "o", đ: "d", ł: "l", ß: "ss", æ: "ae", œ: "oe", ı: "i", ð: "d", þ: "th" };

const known = value => value !== null && value !== undefined && !Number.isNaN(value);
const signed = (value, text) => (value > 0 ? "+" : "") + text;
const proper = text => text.replace("-", MINUS);

/** Return a number with fixed places. */
export const number = (value, places = 1) => (known(value) ? proper(value.toFixed(places)) : DASH);

/** Return a number with its sign. */
export const change = (value, places = 1) => (known(value) ? proper(signed(value, value.toFixed(places))) : DASH);

/** Return a whole number with thousands separated. */
export const count = value => (known(value) ? value.toLocaleString("en-US") : DASH);

/** Return a line: 22.5, or 22 where it is whole. */
export const lineText = value => (known(value) ? String(value) : DASH);

/** Return a share in percent. */
export const percent = (value, places = 1) => (known(value) ? `${proper((100 * value).toFixed(places))} %` : DASH);

/** Return a gain or loss in percent, with its sign. */
export const gain = (value, places = 1) =>
  known(value) ? `${proper(signed(value, (100 * value).toFixed(places)))} %` : DASH;

/** Return an American price in the format that the reader chose. */
export function price(american, format) {
  if (!known(american)) return DASH;
  const won = american > 0 ? american / 100 : -100 / american;
  if (format === "decimal") return (1 + won).toFixed(2);
  if (format === "probability") return percent(1 / (1 + won));
  return proper(signed(american, String(american)));
}

/** Return a date such as Wed 12 Feb 2025. */
export function dateText(iso) {
  if (!iso) return DASH;
  const parts = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", parts).format(new Date(`${iso}T12:00:00Z`)).replace(",", "");
}

/** Return a date without its year. */
export const shortDate = iso => dateText(iso).split(" ").slice(1, 3).join(" ");

/** Return the time of a moment in a zone: "local", "eastern" or "utc". */
export function timeText(moment, zone) {
  return moment ? clock(moment, zone, { hour: "2-digit", minute: "2-digit" }) : "time unknown";
}

/** Return a moment with its date in a zone. */
export function momentText(moment, zone) {
  return moment
    ? clock(moment, zone, {
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        timeZoneName: "short",
      })
    : DASH;
}

function clock(moment, zone, parts) {
  const timeZone = { eastern: EASTERN, utc: "UTC" }[zone];
  return new Intl.DateTimeFormat("en-GB", { ...parts, ...(timeZone && { timeZone }) }).format(new Date(moment));
}

/** Return the US Eastern date of a moment. */
export const easternDate = moment =>
  new Intl.DateTimeFormat("en-CA", { timeZone: EASTERN, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    new Date(moment),
  );

/** Return how long it is until a moment. */
export function untilText(moment, now) {
  const minutes = Math.round((new Date(moment) - now) / 60000);
  if (minutes <= 0) return "begun";
  if (minutes < 60) return `in ${minutes} min`;
  return minutes < 1440
    ? `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `in ${Math.round(minutes / 1440)} days`;
}

/** Return a name as it is compared: without accents, marks, case and spaces around. */
export function plain(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare
    .replace(/[øđłßæœıðþ]/g, letter => LETTERS[letter])
    .replace(/[.'’`]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Return a player's names as one plain text to search in, also without the spaces between them. */
export function searchable(name, lookup) {
  const text = plain(name);
  return `${text} ${text.replaceAll(" ", "")} ${lookup}`;
}

/** Return a function that tells whether every word of a search is part of such a text. */
export function matcher(search) {
  const words = plain(search).split(" ");
  return text => words.every(word => text.includes(word));
}

/** Return a word of code as people write it: OVER is over, LATE_FACTS is late facts. */
export const words = code => (code ? String(code).toLowerCase().replaceAll("_", " ") : DASH);
