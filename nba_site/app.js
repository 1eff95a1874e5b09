// The frame of the page: which screen is shown, search, tastes, and what must be said above everything.

import { age, forget, isSingle, load } from "./data.js";
import { choice, h, named, show } from "./dom.js";
import { dateText, matcher, momentText, plain, searchable } from "./format.js";
import { address, keep, parse, tastes } from "./state.js";
import { health } from "./health.js";
import { howItWorks } from "./how.js";
import { player } from "./player.js";
import { record } from "./record.js";
import { results } from "./results.js";
import { tonight } from "./tonight.js";

const SCREENS = {
  tonight: ["Tonight", tonight],
  results: ["Results", results],
  record: ["Record", record],
  health: ["Health", health],
  how: ["How it works", howItWorks],
  player: ["Player", player],
};
const MINUTES_BETWEEN_LOOKS = 5,
  MOST_FOUND = 8;
const at = id => document.getElementById(id);
let drawing = 0,
  leave = null;

function header() {
  const { screen } = parse(location.hash),
    chosen = tastes();
  const links = Object.entries(SCREENS).filter(
    ([key]) => key !== "player" && (!isSingle() || ["tonight", "how"].includes(key)),
  );
  const taste = name => value => {
    keep({ [name]: value });
    frame();
    draw();
  };
  show(
    at("top"),
    h("a", { class: "brand", href: "#/tonight" }, "NBA props"),
    h(
      "nav",
      { "aria-label": "Screens" },
      links.map(([key, [title]]) =>
        h("a", { href: address(key), "aria-current": key === screen ? "page" : null }, title),
      ),
    ),
    finder(),
    h(
      "div",
      { class: "tastes" },
      choice(
        "Odds",
        chosen.odds,
        [
          ["american", "American"],
          ["decimal", "Decimal"],
          ["probability", "Probability"],
        ],
        taste("odds"),
        { id: "odds" },
      ),
      choice(
        "Times",
        chosen.zone,
        [
          ["local", "Local"],
          ["eastern", "New York"],
          ["utc", "UTC"],
        ],
        taste("zone"),
        { id: "zone" },
      ),
      choice(
        "Theme",
        chosen.theme,
        [
          ["auto", "Auto"],
          ["light", "Light"],
          ["dark", "Dark"],
        ],
        taste("theme"),
        { id: "theme" },
      ),
    ),
  );
}

function finder() {
  const list = h("ul", { id: "found", role: "listbox", "aria-label": "Players found", hidden: true });
  const look = async event => {
    const search = event.target.value;
    const fits = matcher(search);
    const players = plain(search) ? (await people()).filter(one => fits(one.search)).slice(0, MOST_FOUND) : [];
    if (event.target.value !== search) return;
    list.hidden = !players.length;
    show(
      list,
      players.map(one =>
        h(
          "li",
          { role: "option", "aria-selected": "false" },
          h(
            "a",
            {
              href: address("player", one.player_lookup),
              onclick: () => {
                list.hidden = true;
              },
            },
            named(one.player_name),
            h("small", {}, ` ${one.team_abbr ?? ""}${one.tonight ? " · tonight" : ""}`),
          ),
        ),
      ),
    );
  };
  const key = event => {
    if (event.key === "Escape") {
      event.target.value = "";
      list.hidden = true;
    }
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      event.key === "Enter" ? list.querySelector("a")?.click() : list.querySelector("a")?.focus();
    }
  };
  list.addEventListener("keydown", event => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step) return;
    event.preventDefault();
    (event.target.closest("li")[step]?.querySelector("a") ?? at("find")).focus();
  });
  return h(
    "div",
    { class: "finder", role: "search" },
    h("input", {
      id: "find",
      type: "search",
      placeholder: "Find a player  ( / )",
      "aria-label": "Find a player",
      autocomplete: "off",
      oninput: look,
      onkeydown: key,
    }),
    list,
  );
}

async function people() {
  const [card, index] = await Promise.all([load("board/tonight.json"), isSingle() ? {} : load("players/index.json")]);
  const here = (card.document?.games ?? []).flatMap(game => game.players).map(one => ({ ...one, tonight: true }));
  const lookups = new Set(here.map(one => one.player_lookup));
  const others = (index.document?.players ?? []).filter(one => !lookups.has(one.player_lookup));
  return [...here, ...others].map(one => ({ ...one, search: searchable(one.player_name, one.player_lookup) }));
}

function frame() {
  const { theme } = tastes();
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  header();
}

/** Say above everything how old tonight's card is, and that its date may not be published. */
async function notice() {
  const { document: card } = await load("board/tonight.json");
  const told = card && age(card),
    { zone } = tastes();
  show(
    at("notice"),
    told && h("p", { class: `banner ${told.kind}`, role: told.kind === "old" ? "alert" : null }, told.text),
    card &&
      !card.publish.allowed &&
      h(
        "div",
        { class: "banner refused", role: "alert" },
        h("strong", {}, `The evening of ${dateText(card.game_date)} may not be published, so there is no pick.`),
        h(
          "ul",
          {},
          card.publish.reasons.map(reason => h("li", {}, reason)),
        ),
      ),
  );
  show(
    at("foot"),
    card &&
      h(
        "span",
        {},
        `Evening of ${dateText(card.game_date)} · written ${momentText(card.generated_at, zone)} · ` +
          `schema ${card.schema_version} · code ${card.code_version}`,
      ),
    h("span", {}, "Forecasts, not advice. Bet only what you can lose; in the US help is at 1-800-GAMBLER."),
  );
}

/** Say that a screen cannot be drawn, and leave the error to the console. */
function failed(error) {
  setTimeout(() => {
    throw error;
  });
  return [
    h("h1", {}, "This screen cannot be drawn"),
    h(
      "p",
      { class: "banner refused", role: "alert" },
      `Its documents may belong to another version of the page: ${error.message}.`,
    ),
  ];
}

async function draw(focus = false) {
  const { screen, item, query } = parse(location.hash),
    mine = ++drawing,
    main = at("main");
  const [title, make] = SCREENS[screen] ?? SCREENS.tonight;
  leave?.();
  leave = null;
  document.title = `${title} · NBA props`;
  main.setAttribute("aria-busy", "true");
  const view = await make({ item, query, tastes: tastes(), again: () => draw() }).catch(failed);
  if (mine !== drawing) return;
  show(main, view.nodes ?? view);
  leave = view.leave;
  if (view.title) document.title = `${view.title} · NBA props`;
  main.removeAttribute("aria-busy");
  if (focus) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

addEventListener("hashchange", () => {
  header();
  draw(true);
});
addEventListener("keydown", event => {
  if (event.key !== "/" || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
  event.preventDefault();
  at("find").focus();
});
setInterval(async () => {
  if (isSingle() || document.hidden) return;
  const before = (await load("board/tonight.json")).document?.generated_at;
  forget();
  notice();
  if ((await load("board/tonight.json")).document?.generated_at !== before && parse(location.hash).screen === "tonight")
    draw();
}, MINUTES_BETWEEN_LOOKS * 60000);
document.querySelector(".skip").addEventListener("click", event => {
  event.preventDefault();
  at("main").focus();
});
frame();
notice();
draw();
