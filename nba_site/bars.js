// Bars of games against a line that can be dragged, or moved with the arrow keys.

import { scale, ticks } from "./charts.js";
import { s } from "./dom.js";

/** Return bars against a line that can be dragged, or moved with arrow keys; `moved` gets a new line in half units. */
export function bars({ games, line, top, label, moved, width = 1180 }) {
  const height = 250,
    left = 34,
    right = 46,
    above = 14,
    below = 34;
  const most = ticks(0, Math.max(top, ...games.map(game => game.value ?? 0), 1)).at(-1);
  const y = scale(0, most, height - below, above),
    step = (width - left - right) / Math.max(games.length, 8);
  const grid = ticks(0, most).map(value => [
    s("path", { d: `M${left} ${y(value)}H${width - right}`, class: "grid" }),
    s("text", { x: left - 6, y: y(value) + 4, class: "tick end" }, value),
  ]);
  const drawn = games.map((game, place) => bar(game, left + place * step, step, y, line, height - below));
  const handle = s(
    "g",
    {
      class: "handle",
      tabindex: 0,
      role: "slider",
      "aria-label": "Line",
      "aria-valuemin": 0.5,
      "aria-valuemax": most,
      "aria-valuenow": line,
      "aria-valuetext": String(line),
      "aria-orientation": "vertical",
    },
    s("path", { d: `M${left} ${y(line)}H${width - right}`, class: "line" }),
    s("path", { d: `M${left} ${y(line)}H${width - right}`, class: "grip" }),
    s("rect", { x: width - right, y: y(line) - 11, width: 42, height: 22, rx: 4, class: "knob" }),
    s("text", { x: width - right + 21, y: y(line) + 4, class: "knobtext" }, line),
  );
  const svg = s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "chart bars", role: "group", "aria-label": label },
    grid,
    drawn,
    handle,
  );
  movable(svg, handle, { line, most, height, below, above, moved });
  return svg;
}

function bar(game, x, step, y, line, floor) {
  const side = game.value === null ? "none" : game.value > line ? "over" : game.value < line ? "under" : "push";
  const body = game.value
    ? s(
        "rect",
        {
          x: x + step * 0.14,
          y: y(game.value),
          width: step * 0.72,
          height: floor - y(game.value),
          class: `bar ${side}`,
        },
        s("title", {}, game.title),
      )
    : s(
        "rect",
        { x: x + step * 0.14, y: floor - 2, width: step * 0.72, height: 2, class: `bar ${side}` },
        s("title", {}, game.title),
      );
  const text =
    step >= 16 && game.value !== null
      ? s("text", { x: x + step / 2, y: y(game.value) - 3, class: "tick mid" }, game.value)
      : null;
  const names =
    step >= 38
      ? [
          s("text", { x: x + step / 2, y: floor + 13, class: "tick mid" }, game.opponent),
          s("text", { x: x + step / 2, y: floor + 26, class: "tick mid faint" }, game.day),
        ]
      : null;
  return s("g", {}, body, text, names);
}

function movable(svg, handle, { line, most, height, below, above, moved }) {
  const put = value => moved(Math.min(Math.max(Math.round(value * 2) / 2, 0.5), most));
  handle.addEventListener("pointerdown", event => {
    event.preventDefault();
    const box = svg.getBoundingClientRect(); // of now: the picture is drawn anew at every step
    const drag = moving =>
      put(((height - below - ((moving.clientY - box.top) / box.height) * height) / (height - below - above)) * most);
    const end = () => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  });
  handle.addEventListener("keydown", event => {
    const steps = { ArrowUp: 0.5, ArrowRight: 0.5, ArrowDown: -0.5, ArrowLeft: -0.5, PageUp: 5, PageDown: -5 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    put(line + steps[event.key]);
  });
}
