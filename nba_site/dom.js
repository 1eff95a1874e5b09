// Elements made from code: every text becomes a text node, so that a name is never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element; functions named on... listen, true and false set and leave out an attribute. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Return an element of a picture. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

/** Append children: elements as they are, everything else as text, nothing for null. */
export function add(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Replace the children of an element. */
export function show(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

/** Return a quiet button. */
export function button(label, pressed, attributes = {}) {
  return h("button", { type: "button", class: "quiet", onclick: pressed, ...attributes }, label);
}

/** Return a box to tick, with its label. */
export function tick(label, checked, changed, attributes = {}) {
  const box = { type: "checkbox", checked, onchange: event => changed(event.target.checked ? "1" : ""), ...attributes };
  return h("label", { class: "tick" }, h("input", box), label);
}

/** Return a field to type in, with its label. */
export function field(label, attributes, kind = "") {
  return h("label", { class: `field ${kind}` }, h("span", {}, label), h("input", attributes));
}

/** Return a name in a sentence: one that is written from the right does not turn what stands beside it. */
export const named = name => h("bdi", {}, name);

/** Say why something is not shown. */
export const refusal = text => h("p", { class: "banner refused", role: "alert" }, text);

/** Return a choice of values with a visible label. */
export function choice(label, value, options, chosen, attributes = {}) {
  const list = options.map(([key, text]) => h("option", { value: key, selected: key === value }, text));
  return h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h("select", { onchange: event => chosen(event.target.value), ...attributes }, list),
  );
}

/** Return a section with a heading; the heading names it for screen readers. */
export function panel(title, note, ...children) {
  const id = `h-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  return h(
    "section",
    { class: "panel", "aria-labelledby": id },
    h("div", { class: "head" }, h("h2", { id }, title), note && h("p", { class: "note" }, note)),
    children,
  );
}
