// @ts-check
// The order lab: two films of one graph, stepped together, and what each comes to in the end.

import { icon, make } from "./dom.js";
import { mount } from "./mount.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {{ name: string, naive: string, right: string, mark: string, word: string }} OrderRow
 * @typedef {{ title: string, words: Record<string, string>, films: Record<string, Film>, naive: string,
 *   rows: Record<string, OrderRow[]>, visits: Record<string, number> }} Lab
 */

const RIGHT_ORDER = "topological";
const VERDICTS = {
  right_word: "M1 5.5l1.3-1.3L4 5.9 7.9 2 9.2 3.3 4 8.5z",
  wrong_word: "M2.2 1L5 3.8 7.8 1 9 2.2 6.2 5 9 7.8 7.8 9 5 6.2 2.2 9 1 7.8 3.8 5 1 2.2z",
  not_whole: "M1 4h2v2H1zM4 4h2v2H4zM7 4h2v2H7z",
};

/** The last step of two films, the shorter of which waits at its end. @param {Film} one @param {Film} other */
export const lastOf = (one, other) => Math.max(one.frames.length, other.frames.length) - 1;

/** Where each film is at a common step. @param {number} step @param {Film[]} films */
export const framesAt = (step, films) => films.map(({ frames }) => Math.min(step, frames.length - 1));

/** What each gradient is in the end. @param {Lab} lab @param {string} naive */
function verdict({ words, rows, visits }, naive) {
  const head = (/** @type {string} */ text) => make("th", { scope: "col" }, text);
  const counts = [words.naive, words.right].map((word, i) => `${word} (${visits[[naive, RIGHT_ORDER][i]]} ${words.visits})`);
  const lines = rows[naive].map(({ name, naive: found, right, mark, word }) =>
    make(
      "tr",
      { class: mark },
      make("th", { scope: "row" }, name),
      make("td", {}, found),
      make("td", {}, right),
      make("td", { class: "verdict" }, icon(VERDICTS[/** @type {keyof VERDICTS} */ (mark)], 10), word),
    ),
  );
  return make(
    "table",
    { "aria-label": words.results },
    make("thead", {}, make("tr", {}, head(words.variable), ...counts.map(head), head(words.results))),
    make("tbody", {}, ...lines),
  );
}

/** Put the lab into an element. @param {HTMLElement} element @param {Lab} lab @param {{ style?: string }} [options] */
export function mountOrder(element, lab, { style = "" } = {}) {
  const { words, films } = lab;
  let naive = lab.naive;
  let step = 0;
  const sides = [words.naive, words.right].map((word) =>
    make("section", { "aria-label": word }, make("div", { class: "order-title", "aria-hidden": "true" }, word), make("div")),
  );
  const choice = /** @type {HTMLSelectElement} */ (
    make(
      "select",
      { "aria-label": words.choose },
      ...Object.keys(films)
        .filter((rule) => rule !== RIGHT_ORDER)
        .map((rule) => make("option", { value: rule }, words[rule])),
    )
  );
  choice.value = naive;
  const where = make("span", { class: "order-where", role: "status" });
  const outcome = make("div", { class: "order-outcome" });
  /** @type {ReturnType<typeof mount>[]} */
  let players = [];

  const shown = () => [films[naive], films[RIGHT_ORDER]];
  const last = () => lastOf(films[naive], films[RIGHT_ORDER]);
  const go = (/** @type {number} */ wanted) => {
    step = Math.max(0, Math.min(wanted, last()));
    framesAt(step, shown()).forEach((frame, i) => players[i].goTo(frame));
    where.textContent = words.step.replace("{number}", String(step)).replace("{last}", String(last()));
  };
  const show = () => {
    players.forEach((player) => player.remove());
    players = shown().map((film, i) => mount(/** @type {HTMLElement} */ (sides[i].lastChild), film));
    outcome.replaceChildren(verdict(lab, naive));
    go(step);
  };
  const steps = /** @type {[string, string, () => void][]} */ ([
    ["first", "Home", () => go(0)],
    ["back", "Left", () => go(step - 1)],
    ["next", "Right", () => go(step + 1)],
    ["last", "End", () => go(last())],
  ]);
  const buttons = steps.map(([word, key, act]) => {
    const button = make("button", { type: "button", title: key }, words[word]);
    button.addEventListener("click", act);
    return button;
  });
  choice.addEventListener("change", () => {
    naive = choice.value;
    show();
  });
  const label = make("label", {}, words.choose, choice);
  const bar = make("div", { class: "order-bar", role: "group", "aria-label": words.steps }, label, ...buttons, where);
  const root = make(
    "div",
    {
      class: "autovis autovis-order",
      role: "group",
      lang: words.lang,
      tabindex: "0",
      "aria-label": lab.title,
      "data-lm-suppress-shortcuts": "true",
    },
    make("style", {}, style),
    bar,
    make("div", { class: "order-sides" }, ...sides),
    outcome,
  );
  const keys = /** @type {Record<string, () => void>} */ ({ Home: steps[0][2], ArrowLeft: steps[1][2], ArrowRight: steps[2][2], End: steps[3][2] });
  // Before the films hear of it: they go on in step, whichever has the focus.
  const hear = (/** @type {KeyboardEvent} */ event) => {
    const own = /** @type {Element} */ (event.target).matches("select, input");
    if (own || !(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };
  root.addEventListener("keydown", hear, { capture: true });
  root.addEventListener("keydown", (event) => event.stopPropagation());
  element.append(root);
  show();
  return {
    remove() {
      players.forEach((player) => player.remove());
      root.remove();
    },
  };
}

/** What anywidget calls: all comes once, nothing goes back. */
export default {
  /** @param {{ el: HTMLElement, film: Lab, style?: string }} context */
  render({ el, film, style }) {
    const lab = mountOrder(el, film, { style });
    return () => lab.remove();
  },
};
