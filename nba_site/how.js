// How it works, in plain words, with the limits.

import { h, panel } from "./dom.js";

const list = (...items) =>
  h(
    "ul",
    {},
    items.map(item => h("li", {}, item)),
  );

export async function howItWorks() {
  return [
    h("h1", {}, "How it works"),
    h(
      "div",
      { class: "columns prose" },
      panel(
        "What a row says",
        null,
        list(
          "The line is the consensus of the books' main lines. Over and under show the best price of the " +
            "sportsbooks that were seen within fifteen minutes of each other.",
          "The forecast is a number of the statistic, with the range that holds 8 of 10 results.",
          "The chance is ours; below it stands the market's, from the same prices without the bookmakers' " +
            "margin. Fair is the price at which our chance breaks even.",
          "Value is the expected profit of one unit at the best price, if our chance is right. That is the " +
            "question, and the Record answers it.",
        ),
      ),
      panel(
        "How the forecasts are made",
        null,
        list(
          "Several systems forecast each player: rules on recent form and shot zones, similar games, trained " +
            "models, and the market's line itself. The house of points is their ensemble; of other markets it is " +
            "a blend of a model and the price.",
          "A model of a month has seen only games before that month. A forecast knows nothing that was " +
            "published after the price it is bet against.",
          "A system that lacks what it needs is silent and says why. No number stands in for one that is not known.",
        ),
      ),
      panel(
        "How to read a hit rate",
        null,
        list(
          "Seven of ten sounds like much. Its 95 % interval is 40 to 89 %: a player who goes over half the time " +
            "shows seven of ten, or more, in one run of ten out of six.",
          "The line already knows his last ten games. A rate against today's line is a description of the past, " +
            "not a chance.",
          "Splits are smaller still. With and without a team-mate often rests on three games.",
        ),
      ),
      panel(
        "When there is nothing",
        null,
        list(
          "A date may be published only if its tables are complete, fresh and sound. If not, every screen says " +
            "why, and no earlier pick stands in.",
          "A published pick is never removed: it is marked as withdrawn, changed or moved, and graded at the " +
            "line and price it was published with.",
          "A document that was not updated is called old.",
        ),
      ),
      panel(
        "Limits",
        null,
        list(
          "Bookmakers' lines are hard to beat, and the Record shows how far each system is from it. Nobody " +
            "should read profit into a few weeks.",
          "Prices move; the one you find may be another than the one shown. Limits on stakes, taxes and delays " +
            "are not part of any number here.",
          "Chances at lines other than the market's come from the stored spread and chance of the forecast, as " +
            "one distribution.",
          "Injury reports are late and incomplete. Who is out is known only when a team says so.",
        ),
      ),
      panel(
        "Keys and files",
        null,
        list(
          "/ finds a player, Tab moves on, the arrow keys move the line and change the market. The address of " +
            "every view is a link to it.",
          "Save CSV takes any table away. The documents behind the page are JSON in the folder v1.",
          "Nothing is loaded from elsewhere, nothing is sent, and only your choice of odds, times and theme is " +
            "kept, in this browser.",
        ),
      ),
    ),
  ];
}
