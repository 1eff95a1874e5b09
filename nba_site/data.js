// Documents: read once, and told apart into usable, missing, unreadable and of another version.

import { dateText, easternDate } from "./format.js";

const VERSIONS = [2, 3];
const embedded = read(document.getElementById("documents"));
const loaded = new Map();

function read(element) {
  return element ? JSON.parse(element.textContent) : null;
}

/** Return whether this is one file with the documents of one evening inside. */
export const isSingle = () => embedded !== null;

/** Return { document } or { problem }, a sentence that says why there is none. */
export function load(path) {
  if (!loaded.has(path)) loaded.set(path, fetched(path));
  return loaded.get(path);
}

/** Forget everything read, so that the next look is new. */
export const forget = () => loaded.clear();

async function fetched(path) {
  let document;
  try {
    if (embedded) document = embedded[path];
    else {
      const response = await fetch(`v1/${path}`, { cache: "no-cache" });
      if (response.status === 404) return missing(path);
      if (!response.ok) return { problem: `${path} cannot be read: the server answers ${response.status}.` };
      document = await response.json();
    }
  } catch (error) {
    return { problem: `${path} cannot be read: ${error.message}.` };
  }
  if (!document) return missing(path);
  if (!VERSIONS.includes(document.schema_version))
    return {
      problem:
        `${path} has schema version ${document.schema_version}; this page reads ${VERSIONS.join(" and ")}. ` +
        "Nothing of it is shown, as its meaning may have changed: publish page and documents together.",
    };
  return { document };
}

function missing(path) {
  return {
    problem: embedded
      ? `This file holds tonight only: ${path} is not in it.`
      : `${path} is not published yet: “nba publish” writes it.`,
    missing: true,
  };
}

/** Return what a reader must know about the age of a document of the present; null if it is of today. */
export function age(document, now = new Date()) {
  const made = easternDate(document.generated_at),
    today = easternDate(now);
  const night = dateText(document.game_date);
  if (document.game_date >= today) return null;
  if (document.game_date < made && made === today)
    return {
      kind: "replay",
      text:
        `A past evening, ${night}, replayed or simulated: made on ${dateText(made)}, when its games were over. ` +
        "It is no record of anything told in advance.",
    };
  return {
    kind: "old",
    text:
      `Old: this is the evening of ${night}, last written on ${dateText(made)}. ` +
      "It was not updated since, and nothing here is about tonight.",
  };
}
