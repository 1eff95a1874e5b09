// The address holds what is shown, so that every view is a link; tastes of the reader stay in the browser.

/** Return { screen, item, query } of an address such as #/player/name?market=player_points. */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [screen = "", item = ""] = path.split("/").map(decode);
  return { screen: screen || "tonight", item, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Return the address of a view; empty values are left out. */
export function address(screen, item = "", query = {}) {
  const search = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined),
  ).toString();
  return `#/${screen}${item ? `/${encodeURIComponent(item)}` : ""}${search ? `?${search}` : ""}`;
}

/** Change the query of the current view without a new entry in the history. */
export function amend(changes) {
  const { screen, item, query } = parse(location.hash);
  history.replaceState(null, "", address(screen, item, { ...query, ...changes }));
}

const DEFAULTS = { odds: "american", zone: "local", theme: "auto" };

/** Return the reader's tastes. */
export function tastes() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem("nba-props") ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Keep a taste; a browser that keeps nothing forgets it with the page. */
export function keep(changes) {
  const chosen = { ...tastes(), ...changes };
  try {
    localStorage.setItem("nba-props", JSON.stringify(chosen));
  } catch {
    // a private window or a file: the choice holds until the page is left
  }
  return chosen;
}
