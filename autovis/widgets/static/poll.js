// @ts-check
// A show of hands: numbers are typed, bars grow, and what is behind a bar opens on a click.

import { button, icon, make } from "./dom.js";
import { speaker } from "./film.js";

/**
 * @typedef {{ letter: string, label: string, right: boolean, belief: string, feedback: string, behind: string[] }} PollRow
 * @typedef {{ title: string, rows: PollRow[], words: Record<string, string>, most: number }} PollFilm
 * @typedef {{ style?: string, counts?: number[][], onCounts?: (counts: number[][]) => void }} PollOptions
 */

const ROUNDS = ["before", "after"];
const TICK = "M1 5.5l1.3-1.3L4 5.9 7.9 2 9.2 3.3 4 8.5z";

/** Read a number of hands; what is none counts as no hands. @param {string} text @param {number} most */
export const handsOf = (text, most) => Math.max(0, Math.min(Math.floor(Number(text)) || 0, most));

/** The share of a number in the whole, in percent. @param {number} count @param {number[]} all */
export const percent = (count, all) => Math.round((100 * count) / (all.reduce((sum, each) => sum + each, 0) || 1));

/**
 * Put a poll into an element.
 * @param {HTMLElement} element @param {PollFilm} poll @param {PollOptions} [options]
 */
export function mountPoll(element, poll, { style = "", counts = [], onCounts = () => {} } = {}) {
  const say = speaker(poll.words);
  const hands = ROUNDS.map((_, round) => poll.rows.map((_, at) => counts[round]?.[at] ?? 0));
  const lines = poll.rows.map((row, at) => line(row, at));
  const totals = ROUNDS.map(() => make("b"));
  const head = make(
    "div",
    { class: "poll-head" },
    make("span"),
    ...ROUNDS.map((name, round) => make("div", {}, say(name), totals[round])),
  );
  const showAll = button(say("show_all"), () => lines.forEach((one) => one.open(true)));
  const hideAll = button(say("hide_all"), () => lines.forEach((one) => one.open(false)));
  const clear = button(say("clear"), () => {
    for (const round of hands) round.fill(0);
    lines.forEach((one) => one.open(false));
    told();
    lines[0]?.focus();
  });
  const root = make(
    "div",
    { class: "autovis autovis-poll", role: "group", lang: say("lang"), "aria-label": poll.title, "data-lm-suppress-shortcuts": "true" },
    make("style", {}, style),
    make("div", { class: "poll-title", "aria-hidden": "true" }, poll.title),
    head,
    make("ol", {}, ...lines.map(({ node }) => node)),
    make("div", { class: "autovis-buttons" }, showAll, hideAll, clear),
  );

  /** One answer: its bars, the fields for the hands, and what is behind it. @param {PollRow} row @param {number} at */
  function line(row, at) {
    const bars = ROUNDS.map((name) => {
      const [bar, number] = [make("i", { class: name }), make("span")];
      return { bar, number, node: make("span", { class: "poll-bar" }, bar, number) };
    });
    const words = make("span", { class: "poll-label" }, make("kbd", {}, row.letter), make("span", {}, row.label));
    const opener = make("button", { type: "button", title: say("behind"), "aria-expanded": "false" }, words, ...bars.map(({ node }) => node));
    const inputs = ROUNDS.map((name, round) => {
      const label = say("hands_for", { answer: row.label, round: say(name) });
      const input = /** @type {HTMLInputElement} */ (
        make("input", { type: "number", min: "0", max: String(poll.most), inputmode: "numeric", "aria-label": label })
      );
      input.addEventListener("input", () => {
        hands[round][at] = handsOf(input.value, poll.most);
        told(input);
      });
      return input;
    });
    const kind = row.right ? "right" : "wrong";
    const [first = "", ...more] = row.behind;
    const mark = row.right ? [icon(TICK, 10)] : [];
    const answer = make("div", { class: `poll-behind ${kind}` }, make("b", {}, ...mark, first), ...more.map((text) => make("p", {}, text)));
    const open = (/** @type {boolean} */ on) => {
      answer.hidden = !on;
      opener.setAttribute("aria-expanded", String(on));
    };
    opener.addEventListener("click", () => open(!!answer.hidden));
    open(false);
    return {
      node: make("li", {}, opener, ...inputs, answer),
      open,
      focus: () => inputs[0].focus(),
      /** @param {number} most @param {HTMLInputElement} [typing] */
      show(most, typing) {
        bars.forEach(({ bar, number, node }, round) => {
          const count = hands[round][at];
          bar.style.width = `${(100 * count) / most}%`;
          number.textContent = count ? say("share", { count, percent: percent(count, hands[round]) }) : "";
          node.hidden = !hands[round].some(Boolean);
          if (inputs[round] !== typing) inputs[round].value = count ? String(count) : "";
        });
      },
    };
  }

  function show(/** @type {HTMLInputElement | undefined} */ typing = undefined) {
    const most = Math.max(1, ...hands.flat());
    for (const one of lines) one.show(most, typing);
    totals.forEach((total, round) => (total.textContent = String(hands[round].reduce((sum, each) => sum + each, 0))));
  }
  function told(/** @type {HTMLInputElement | undefined} */ typing = undefined) {
    show(typing);
    onCounts(hands.map((round) => [...round]));
  }
  root.addEventListener("keydown", (event) => event.stopPropagation());
  show();
  element.append(root);
  return {
    /** Show other numbers. @param {number[][]} counts */
    take(counts) {
      hands.forEach((round, i) => round.forEach((_, at) => (round[at] = counts[i]?.[at] ?? 0)));
      show(/** @type {any} */ (document.activeElement));
    },
    remove: () => root.remove(),
  };
}

/** What anywidget calls: the rows come once, the hands go both ways. */
export default {
  /** @param {{ model: any, el: HTMLElement, film: PollFilm, style?: string }} context */
  render({ model, el, film, style }) {
    const poll = mountPoll(el, film, {
      style,
      counts: model.get("counts"),
      onCounts(counts) {
        model.set("counts", counts);
        model.save_changes();
      },
    });
    const follow = () => poll.take(model.get("counts"));
    model.on("change:counts", follow);
    return () => {
      model.off("change:counts", follow);
      poll.remove();
    };
  },
};
