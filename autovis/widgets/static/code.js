// @ts-check
// The recorded code: the running expression is marked, and a line leads to its first frame.

import { keepCurrent, make, onlyTabStop, panel } from "./dom.js";

/**
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").Part} Part
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./transport.js").Playhead} Playhead
 */

/** The first frame of each line, by the number of the line from 1. @param {Frame[]} frames @returns {Map<number, number>} */
export function firstFrames(frames) {
  /** @type {Map<number, number>} */
  const found = new Map();
  frames.forEach(({ line }, index) => {
    for (let i = line?.[0] ?? 1; i <= (line?.[1] ?? 0); i += 1) if (!found.has(i)) found.set(i, index);
  });
  return found;
}

/**
 * A line in three pieces: before the running expression, the expression, after it.
 * @param {string} text @param {number} line number of the line from 1
 * @param {[number, number, number, number]} [span] first line, column, last line, column
 */
export function pieces(text, line, span) {
  if (!span || line < span[0] || line > span[2]) return [text, "", ""];
  const indent = text.length - text.trimStart().length;
  const from = line === span[0] ? span[1] : indent;
  const to = line === span[2] ? span[3] : text.length;
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}

/** @param {Reel} reel @param {Playhead} playhead @returns {Part} */
export function code({ film: { source = [], sections = [] }, frames, say }, playhead) {
  const first = firstFrames(frames);
  const starts = new Map((sections.length ? sections : [[0, 1, ""]]).map(([at, number, name]) => [at, { number, name }]));
  let number = 1;
  /** @type {HTMLElement[]} */
  const rows = [];
  const lines = source.map((text, i) => {
    const start = starts.get(i);
    if (start) number = Number(start.number);
    if (start?.name) rows.push(make("li", { class: "part" }, String(start.name)));
    const leads = first.has(i + 1);
    const attributes = leads ? { type: "button", title: say("code_jump") } : {};
    const body = make(leads ? "button" : "span", { class: "autovis-line", ...attributes }, text || " ");
    const row = make("li", { "data-number": String(number++) }, body);
    if (leads) body.addEventListener("click", () => playhead.goTo(first.get(i + 1) ?? 0));
    rows.push(row);
    return { row, body, text, leads };
  });
  const leading = lines.filter(({ leads }) => leads).map(({ body }) => body);
  const box = make("ol", { class: "autovis-scroll" }, ...rows);
  onlyTabStop(leading, leading[0]);
  box.addEventListener("keydown", (event) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = by && leading[leading.indexOf(/** @type {HTMLElement} */ (event.target)) + by];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    if (!next) return;
    onlyTabStop(leading, next);
    next.focus();
  });
  return {
    node: panel("code", say("code"), box),
    show(index) {
      const { line: [low, high] = [0, 0], span } = frames[index];
      lines.forEach(({ row, body, text }, i) => {
        const on = low <= i + 1 && i + 1 <= high;
        keepCurrent(row, on, box);
        const [before, running, after] = on ? pieces(text, i + 1, span) : [text, "", ""];
        const marked = running ? [before, make("mark", {}, running), after] : [text || " "];
        if (on || body.querySelector("mark")) body.replaceChildren(...marked);
      });
    },
  };
}
