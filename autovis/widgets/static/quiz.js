// @ts-check
// The panel in which predictions are made: it asks, judges, and always shows the answer on request.

import { button, make } from "./dom.js";
import { judge, openAt, questionsOf, RAISES, valueOf } from "./predict.js";

/**
 * @typedef {import("./predict.js").Question} Question
 * @typedef {import("./predict.js").Verdict} Verdict
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./film.js").State} State
 * @typedef {{ question: string, answer: string | number | string[] | number[] | null, right: boolean, misconception: string }} Answer as
 *   Python gets it; None is an answer that was shown
 * @typedef {{ question: Question, verdict: Verdict | null }} Given
 */

/**
 * @param {Reel} reel @param {(answers: Answer[]) => void} onAnswers
 */
export function quiz(reel, onAnswers) {
  const { film, frames, say, choice } = reel;
  const means = new Map((film.legend ?? []).map(([look, , about]) => [look, about]));
  /** @type {Question[] | undefined} */
  let found;
  const questions = () => (found ??= questionsOf(reel));
  /** @type {Map<string, Given>} */
  const given = new Map();
  /** @type {Answer[]} */
  const answers = [];
  /** @type {Question | undefined} */
  let open;
  let [at, next] = [0, 0];

  const text = make("p", { class: "autovis-asked" });
  const fields = make("div", { class: "autovis-options" });
  const check = make("button", { type: "submit", class: "autovis-main" }, say("check"));
  const reveal = button(say("reveal"), () => settle(null));
  const form = make("form", {}, text, fields, make("div", { class: "autovis-tools" }, check, reveal));
  const said = make("div", { class: "autovis-said", role: "status", tabindex: "-1" });
  const score = make("span", { class: "autovis-score" });
  const title = make("div", { class: "autovis-title" }, say("prediction"), score);
  const node = make("section", { class: "autovis-panel autovis-quiz", "aria-label": say("prediction") }, title, form, said);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = read();
    if (chosen.length || open?.kind === "leaves") settle(chosen);
    else fields.querySelector("input, select")?.focus();
  });

  /** What was chosen or typed. */
  function read() {
    const inputs = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ ([...fields.querySelectorAll("input, select")]);
    return inputs
      .filter((input) => (input.type === "checkbox" ? /** @type {HTMLInputElement} */ (input).checked : input.value.trim()))
      .map(({ value }) => (value.trim().toLowerCase() === say("raises").toLowerCase() ? RAISES : value.trim()));
  }

  /** Take an answer, or none where it is to be shown. @param {string[] | null} chosen */
  function settle(chosen) {
    if (!open) return;
    const verdict = chosen && judge(open, chosen, means, say);
    given.set(open.id, { question: open, verdict });
    const names = new Map(open.options.map(({ id, label = "", word }) => [id, label || word]));
    const told = chosen?.map((word) => names.get(word) ?? word) ?? [];
    const answer = chosen && (open.kind === "leaves" ? told : open.kind === "end" ? told[0] : valueOf(told[0]));
    answers.push({ question: open.text, answer, right: !!verdict?.right, misconception: verdict?.belief ?? "" });
    onAnswers([...answers]);
    const focused = form.contains(document.activeElement);
    choice.set({}); // all that showed a question mark is shown again
    if (focused) (open ? fields.querySelector("input, select") : said)?.focus();
  }

  /** The fields of a question. @param {Question} question @returns {Node[]} */
  function fieldsOf({ kind, options, text: asked }) {
    const label = (/** @type {string} */ id, /** @type {string} */ word) =>
      make("label", { class: "autovis-tick" }, make("input", { type: "checkbox", value: id }), make("span", {}, word));
    if (kind === "leaves")
      return [...options.map(({ id, label: name = "" }) => label(id, name)), label(RAISES, say("raises"))];
    if (kind === "end") {
      const rows = options.map(({ id, label: name = "", word }) => make("option", { value: id }, `${name || word} (${word})`));
      return [make("select", { "aria-label": asked }, make("option", { value: "" }, say("point")), ...rows)];
    }
    const input = make("input", { type: "text", "aria-label": asked, autocomplete: "off", placeholder: say("type") });
    const raises = button(say("raises"), () => settle([RAISES]));
    return [input, raises];
  }

  /** What is said about an answer. @param {Given} one */
  function verdictOf({ question: { truth }, verdict }) {
    const belief = film.beliefs?.[verdict?.belief ?? ""];
    const words = [
      make("b", {}, say(!verdict ? "shown" : verdict.right ? "right" : "not_so")),
      ` ${truth}`,
      ...(verdict?.reasons ?? []).map((reason) => make("p", {}, reason)),
      ...(belief ? [make("p", { class: "autovis-belief" }, say("belief", { belief }))] : []),
    ];
    return { words, kind: !verdict ? "shown" : verdict.right ? "right" : "wrong" };
  }

  return {
    node,
    /** Is there a question to answer before the film goes on? @param {number} index @param {number[]} stops */
    waits(index, stops) {
      const after = stops.find((stop) => stop > index) ?? index;
      return choice.now().predict && !!openAt(questions(), new Set(given.keys()), index, after);
    },
    /** What stands in the picture while something is asked. @param {number} index @param {number[]} stops @returns {State} */
    asked(index, stops) {
      const after = stops.find((stop) => stop > index) ?? index;
      const question = choice.now().predict && openAt(questions(), new Set(given.keys()), index, after);
      return question ? question.asked : {};
    },
    /** Take an element of the picture as the answer; false if none is asked for. @param {string} id */
    offer(id) {
      const inputs = open && choice.now().predict ? [...fields.querySelectorAll("input, option")] : [];
      const input = /** @type {any[]} */ (inputs).find(({ value }) => value === id);
      if (!input) return false;
      if (open?.kind === "end") input.parentElement.value = id;
      else input.checked = !input.checked;
      return true;
    },
    /** Forget all answers. */
    reset() {
      given.clear();
      open = undefined;
    },
    /** @param {number} index @param {number[]} stops */
    show(index, stops) {
      const { predict } = choice.now();
      node.hidden = !predict;
      if (!predict) return;
      [at, next] = [index, stops.find((stop) => stop > index) ?? index];
      const before = stops.findLast((stop) => stop < index) ?? -1;
      const asked = openAt(questions(), new Set(given.keys()), at, next);
      form.hidden = !asked;
      const isNew = asked !== open;
      open = asked;
      if (asked && isNew) {
        text.textContent = asked.text;
        fields.replaceChildren(...fieldsOf(asked));
        const root = node.parentElement; // a digit that is typed there would be a key
        if (root && root === document.activeElement) fields.querySelector("input, select")?.focus();
      }
      const near = [...given.values()].filter(({ question: { frame } }) => frame > before && frame <= next);
      const last = near.at(-1);
      const told = last && verdictOf(last);
      said.className = `autovis-said ${told?.kind ?? ""}`;
      const idle = asked ? "" : say(questions().some(({ id }) => !given.has(id)) ? "no_question" : "all_asked");
      said.replaceChildren(...(told ? told.words : [idle]));
      const right = [...given.values()].filter(({ verdict }) => verdict?.right).length;
      score.textContent = say("score", { right, asked: given.size, all: questions().length });
    },
  };
}
