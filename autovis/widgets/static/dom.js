// @ts-check
// The few ways in which the page is built: elements, icons, buttons, panels, places that keep their room.

import { longest } from "./film.js";

export const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element; strings become text, never markup.
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} shape @param {number} size */
export function icon(shape, size) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  path.setAttribute("fill-rule", "evenodd");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** A text that changes in a place that does not: as high as the longest needs. @param {(string | undefined)[]} texts */
export function place(texts) {
  const text = make("span");
  const node = make("span", { class: "autovis-place", "data-longest": longest(texts) }, text);
  return {
    node,
    set: (/** @type {string | undefined} */ words = "") => words === text.textContent || (text.textContent = words),
  };
}

/** @param {string} name @param {string} title @param {Node[]} children */
export const panel = (name, title, ...children) =>
  make(
    "section",
    { class: `autovis-panel autovis-${name}`, "aria-label": title },
    make("div", { class: "autovis-title", "aria-hidden": "true" }, title),
    ...children,
  );

/**
 * Mark a line as the current one and keep it in its box.
 * @param {HTMLElement} line @param {boolean} on @param {HTMLElement} box
 */
export function keepCurrent(line, on, box) {
  if (!on) return line.removeAttribute("aria-current");
  line.setAttribute("aria-current", "true");
  const [inner, outer] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 2;
}

/**
 * A button with a word, and with an icon if there is one.
 * @param {string} word @param {() => void} press @param {{ title?: string, shape?: string, class?: string }} [look]
 * @returns {HTMLButtonElement}
 */
export function button(word, press, { title = "", shape = "", class: name = "" } = {}) {
  const children = shape ? [icon(shape, 16), make("span", {}, word)] : [make("span", {}, word)];
  const attributes = { type: "button", ...(title && { title }), ...(name && { class: name }) };
  const node = /** @type {HTMLButtonElement} */ (make("button", attributes, ...children));
  node.addEventListener("click", press);
  return node;
}

/**
 * A list to choose from, with its name before it.
 * @param {string} name @param {[string, string][]} options value and word @param {(value: string) => void} choose
 */
export function selection(name, options, choose) {
  const node = /** @type {HTMLSelectElement} */ (
    make("select", { title: name }, ...options.map(([value, word]) => make("option", { value }, word)))
  );
  node.addEventListener("change", () => choose(node.value));
  return { node, label: make("label", { class: "autovis-field" }, make("span", {}, name), node) };
}

/** A box to tick. @param {string} name @param {(on: boolean) => void} turn */
export function tickbox(name, turn) {
  const node = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox" }));
  node.addEventListener("change", () => turn(node.checked));
  return { node, label: make("label", { class: "autovis-tick" }, node, make("span", {}, name)) };
}

/** Of several elements, one is in the Tab order. @param {Iterable<Element>} members @param {Element | undefined} chosen */
export function onlyTabStop(members, chosen) {
  for (const member of members) member.setAttribute("tabindex", member === chosen ? "0" : "-1");
}
