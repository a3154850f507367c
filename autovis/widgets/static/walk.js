// @ts-check
// How the picture is walked: its elements are picked by a click, or by Tab, the arrow keys and Enter.

import { onlyTabStop } from "./dom.js";
import { linksOf } from "./film.js";

/**
 * @typedef {import("./film.js").Link} Link
 * @typedef {import("./panels.js").Reel} Reel
 */

/**
 * Where an arrow key leads: right to what uses an element, left to what it is made of, up and down to what stands beside.
 * @param {Link[]} links @param {string[]} order ids of what is there @param {string} id @param {string} key
 * @returns {string | undefined}
 */
export function neighbour(links, order, id, key) {
  const there = new Set(order);
  const ends = (/** @type {"source" | "target"} */ from, /** @type {string | undefined} */ of) => {
    const to = from === "source" ? "target" : "source";
    return [...new Set(links.filter((link) => link[from] === of && there.has(link[to])).map((link) => link[to]))];
  };
  const [users, sources] = [ends("source", id), ends("target", id)];
  if (key === "ArrowRight") return users[0];
  if (key === "ArrowLeft") return sources[0];
  const families = [ends("target", users[0]), ends("source", sources[0]), order];
  const family = families.find((members) => members.length > 1 && members.includes(id)) ?? order;
  return family[(family.indexOf(id) + (key === "ArrowDown" ? 1 : -1) + family.length) % family.length];
}

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/**
 * Make the elements of a picture ones that can be picked.
 * @param {Reel} reel @param {{ node: HTMLElement, groupOf: (id: string) => SVGGElement | undefined }} picture
 * @param {(id: string, moved?: boolean) => void} pick `moved` where the focus came along the graph
 */
export function walk({ film, all, choice }, { node, groupOf }, pick) {
  const { items = [] } = film;
  const links = linksOf(film);
  const groups = new Map(items.flatMap(({ id }) => (groupOf(id) ? [[id, /** @type {any} */ (groupOf(id))]] : [])));
  for (const { id, word, label = "" } of items) {
    groups.get(id)?.setAttribute("role", "button");
    groups.get(id)?.setAttribute("aria-label", `${word} ${label}`.trim());
  }
  /** @type {string[]} */
  let order = [];
  let last = "";
  const idOf = (/** @type {Event} */ event) =>
    /** @type {Element} */ (event.target).closest("[data-id].element")?.getAttribute("data-id") ?? "";
  const stand = (/** @type {string} */ id) => {
    last = id;
    onlyTabStop(groups.values(), groups.get(id));
  };
  let picked = ""; // when the button went down; the focus that follows may pick already
  node.addEventListener("pointerdown", () => void ({ picked } = choice.now()));
  node.addEventListener("click", (event) => {
    const id = idOf(event);
    if (!groups.has(id)) return;
    groups.get(id).focus({ preventScroll: true });
    pick(picked === id ? "" : id);
  });
  // On the box around the picture: Chromium makes a picture that hears of the focus a stop of the Tab key.
  node.addEventListener("focusin", (event) => {
    const id = idOf(event);
    if (!groups.has(id)) return;
    stand(id);
    if (choice.now().picked && choice.now().picked !== id) pick(id, true);
  });
  node.addEventListener("keydown", (event) => {
    const id = idOf(event);
    if (!groups.has(id) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const goal = ARROWS.has(event.key) ? neighbour(links, order, id, event.key) : undefined;
    const opens = event.key === "Enter" || event.key === " ";
    if (!ARROWS.has(event.key) && !opens) return;
    event.preventDefault();
    event.stopPropagation();
    if (goal) groups.get(goal).focus();
    if (opens) pick(choice.now().picked === id ? "" : id);
  });
  return {
    /** @param {number} index */
    show(index) {
      const { picked } = choice.now();
      order = items.map(({ id }) => id).filter((id) => groups.has(id) && all(index)[id]?.visible !== false);
      if (!order.includes(last)) stand(order[0] ?? "");
      for (const [id, group] of groups) group.setAttribute("aria-pressed", String(id === picked));
    },
    /** @param {string} id */
    focus: (id) => groups.get(id)?.focus({ preventScroll: true }),
  };
}
