// @ts-check
// The few ways in which the page is built: elements, icons, panels, places that keep their room.

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
