// @ts-check
// The picture, and what each frame changes in it.

import { SVG, make } from "./dom.js";
import { columns } from "./film.js";

/**
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").State} State
 * @typedef {import("./film.js").Change} Change
 * @typedef {import("./film.js").Metrics} Metrics
 * @typedef {import("./panels.js").Reel} Reel
 */

const TRAVEL = 360; // milliseconds that a gradient takes along its line
const DRAWN = new Set(
  "svg g path rect circle ellipse line polyline polygon text tspan title desc defs marker pattern clipPath".split(" "),
);

/**
 * What a change writes into the slots of the picture; undefined leaves what was drawn.
 * @type {Record<string, (change: Change) => unknown>}
 */
const WRITTEN = {
  value: ({ value }) => value,
  grad: ({ grad }) => grad,
  saved: ({ saved }) => saved,
  version: ({ version }) => version && `v${version}`,
  "tray-text": ({ tray }) => tray || undefined,
};

/** Cut a text as the picture's writer does. @param {string} text @param {Metrics} metrics */
export function shorten(text, metrics) {
  if (columns(text, metrics.wide_from) <= metrics.longest) return text;
  let kept = "";
  for (const letter of text) {
    if (columns(kept + letter, metrics.wide_from) > metrics.longest - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}

/** Width of a token in pixels. @param {string} text @param {Metrics} metrics */
export const pillWidth = (text, metrics) =>
  Math.max(columns(text, metrics.wide_from) * metrics.advance * metrics.sizes.token + 2 * metrics.pill.pad, metrics.pill.height);

/**
 * Read a picture as data: what is not a drawing, or points elsewhere, is dropped.
 * @param {string} text @returns {SVGSVGElement}
 */
function adopt(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.namespaceURI !== SVG || root.localName !== "svg") throw new Error("autovis: the picture is not SVG");
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element.namespaceURI !== SVG || !DRAWN.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes]) {
      if (/^on|href$/i.test(name) || /url\((?!#)/i.test(value)) element.removeAttribute(name);
    }
  }
  return /** @type {any} */ (document.importNode(root, true));
}

/**
 * The picture, and what each frame changes in it.
 * @param {Reel} reel
 * @param {(index: number) => State} [asked] what stands in place of a state while something is asked
 */
export function stage({ film: { svg: text, metrics }, frames, all, say }, asked = () => ({})) {
  const svg = adopt(text);
  svg.setAttribute("role", "group"); // what is inside can be picked
  svg.setAttribute("aria-label", say("picture"));
  const node = make("div", { class: "autovis-stage" }, svg);
  const { width, height } = svg.viewBox.baseVal;
  node.style.setProperty("--width", `${width}px`);
  node.style.setProperty("--ratio", String(width / height || 1));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const things = new Map(
    [...svg.querySelectorAll("[data-id]")].map((group) => {
      const slots = [...group.querySelectorAll("[data-slot]")].map((slot) => [
        slot.getAttribute("data-slot"),
        { slot, drawn: slot.textContent },
      ]);
      return [
        group.getAttribute("data-id") ?? "",
        { group, classes: group.getAttribute("class") ?? "", slots: Object.fromEntries(slots) },
      ];
    }),
  );

  function write(/** @type {string} */ id, /** @type {Change} */ change = {}) {
    const thing = things.get(id);
    if (!thing) return;
    const { group, classes, slots } = thing;
    const { role, visible, saved, token = "" } = change;
    group.setAttribute("class", role ? classes.replace(/^element \S+/, `element ${role}`) : classes);
    if (visible !== undefined) group.classList.toggle("hidden", !visible);
    if (saved !== undefined && slots.saved) {
      group.classList.remove("saved-held", "saved-freed", "saved-stale", "saved-kept");
      if (saved) group.classList.add(`saved-${saved}`);
    }
    for (const [name, words] of Object.entries(WRITTEN)) {
      if (slots[name]) slots[name].slot.textContent = shorten(String(words(change) ?? slots[name].drawn), metrics);
    }
    if (slots.token) carry(group, slots.token.slot, shorten(String(token), metrics));
  }

  function carry(/** @type {Element} */ group, /** @type {Element} */ pill, /** @type {string} */ words) {
    const width = pillWidth(words, metrics);
    pill.querySelector("text")?.replaceChildren(words);
    pill.querySelector("rect")?.setAttribute("width", String(width));
    pill.querySelector("rect")?.setAttribute("x", String(-width / 2));
    group.classList.toggle("carrying", words !== "");
  }

  /** @type {Animation[]} */
  const moving = [];

  /** The gradient comes from the operation: its pill slides to its place along the line. */
  function travel(/** @type {string} */ id) {
    const group = things.get(id)?.group;
    const line = /** @type {SVGPathElement | null | undefined} */ (group?.querySelector("path.line"));
    if (!line) return;
    const at = (/** @type {number} */ part) => line.getPointAtLength(line.getTotalLength() * part);
    const translate = [1, 0.9, 0.8, 0.7, 0.6, 0.5].map(
      (part) => `${at(part).x - at(0.5).x}px ${at(part).y - at(0.5).y}px`,
    );
    const pill = group?.querySelector("[data-slot=token]");
    if (pill) moving.push(pill.animate({ translate, opacity: [0, 1, 1] }, { duration: TRAVEL, easing: "ease-out" }));
  }

  /** Scroll the stage, and only the stage, until an element is in it. */
  function follow(/** @type {string} */ id) {
    const box = things.get(id)?.group.getBoundingClientRect();
    const view = node.getBoundingClientRect();
    if (!box || (box.left >= view.left && box.right <= view.right && box.top >= view.top && box.bottom <= view.bottom))
      return;
    const [left, top] = [
      (box.left + box.right - view.left - view.right) / 2,
      (box.top + box.bottom - view.top - view.bottom) / 2,
    ];
    node.scrollBy({ left, top, behavior: calm.matches ? "auto" : "smooth" });
  }

  /** @type {State} */
  let shown = {};
  /** @type {string[]} */
  let lit = [];
  const light = (/** @type {boolean} */ on) => {
    for (const id of lit) things.get(id)?.group.classList.toggle("active", on);
  };
  /** The group of an element or a link in the picture. @param {string} id */
  const groupOf = (id) => /** @type {SVGGElement | undefined} */ (things.get(id)?.group);
  return {
    node,
    svg,
    groupOf,
    follow,
    /** @param {number} index @param {number} before @param {boolean} [stepped] whether it was one step forwards */
    show(index, before, stepped = false) {
      const { node: active = "", links = [], changes = {} } = frames[index];
      for (const animation of moving.splice(0)) animation.cancel();
      light(false);
      const now = { ...all(index) };
      for (const [id, change] of Object.entries(asked(index))) now[id] = { ...now[id], ...change };
      for (const id of Object.keys({ ...shown, ...now })) if (shown[id] !== now[id]) write(id, now[id]);
      [shown, lit] = [now, [active, ...links]];
      light(true);
      if (stepped && !calm.matches) for (const id of links) if (changes[id]?.token) travel(id);
      if (active && index !== before) follow(active);
    },
  };
}
