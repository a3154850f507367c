// @ts-check
// What stands around the picture: the caption, the numbers, the code, the list that is read aloud, the legend.

import { icon, keepCurrent, make, panel, place, SVG } from "./dom.js";
import { describe, ledgerUpTo, marks, trayAt, trayText, waitingText } from "./film.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").State} State
 * @typedef {import("./film.js").Row} Row
 * @typedef {import("./film.js").Item} Item
 * @typedef {import("./film.js").Part} Part
 */

/** One sentence, always at the same place. @param {Frame[]} frames */
export function caption(frames) {
  const { node: inner, set } = place(frames.map(({ text }) => text));
  const node = make("div", { class: "autovis-caption", "aria-live": "polite" }, inner);
  return {
    node,
    show: (/** @type {number} */ index) => set(frames[index].text),
    // Says nothing while the film runs, and where it stopped when it stops.
    /** @param {boolean} playing @param {number} index */
    hush(playing, index) {
      node.setAttribute("aria-live", playing ? "off" : "polite");
      if (!playing) set("");
      set(frames[index].text);
    },
  };
}

/** The four parts of the chain rule, a row for each receiver. @param {Frame[]} frames @returns {Part} */
function chainRule(frames) {
  const names = /** @type {const} */ (["arrives", "local", "product", "sent"]);
  const cell = (/** @type {Row} */ row, /** @type {"arrives" | "local" | "product" | "sent"} */ name) =>
    name === "sent" && row.sent && row.to ? `${row.sent} to ${row.to}` : (row[name] ?? "");
  const count = Math.max(...frames.map(({ rows = [] }) => rows.length));
  const rows = Array.from({ length: count }, (_, i) =>
    names.map((name) => place(frames.map(({ rows = [] }) => rows[i] && cell(rows[i], name)))),
  );
  const row = (/** @type {Node[]} */ ...cells) => make("div", { role: "row" }, ...cells);
  const head = row(...names.map((name) => make("div", { role: "columnheader" }, name)));
  const body = rows.map((places) =>
    row(...places.map(({ node }, i) => make("div", { role: "cell", "data-name": names[i] }, node))),
  );
  return {
    node: panel("chain", "Chain rule", make("div", { role: "table", "aria-label": "Chain rule" }, head, ...body)),
    show(index) {
      rows.forEach((places, i) => {
        const shown = frames[index].rows?.[i];
        const known = frames[index].kind === "local" ? 2 : 4; // nothing is multiplied yet
        body[i].classList.toggle("empty", !shown);
        places.forEach(({ set }, column) => set(shown && column < known ? cell(shown, names[column]) : ""));
      });
    },
  };
}

/** The sum inside one backward pass. @param {Frame[]} frames @param {(id: string) => string} nameOf @returns {Part} */
function tray(frames, nameOf) {
  const trays = frames.flatMap(({ tray }) => tray ?? []);
  const [who, sum, wait] = [trays.map(({ node }) => nameOf(node)), trays.map(trayText), trays.map(waitingText)].map(
    place,
  );
  const node = panel("tray", "Fan-in", make("p", {}, who.node, sum.node, wait.node));
  return {
    node,
    show(index) {
      const found = trayAt(frames, index);
      node.classList.toggle("past", !found?.current);
      who.set(found ? nameOf(found.tray.node) : "");
      sum.set(found ? trayText(found.tray) : "");
      wait.set(found ? waitingText(found.tray) : "");
    },
  };
}

/**
 * What happened to every `.grad`, across calls: the lines are there from the beginning, and fill.
 * @param {Frame[]} frames @returns {Part}
 */
function ledger(frames) {
  const severalCalls = frames.some(({ call = 0 }) => call > 1);
  /** @type {{ node: HTMLElement, frame: number, words: string, set: (words?: string) => void }[]} */
  const lines = [];
  const groups = ledgerUpTo(frames, frames.length).map(({ name, entries }) => {
    const list = entries.map(({ text, call, frame }) => {
      const words = severalCalls && call ? `${text}  (call ${call})` : text;
      const { node: inner, set } = place([words]);
      const node = make("li", {}, inner);
      lines.push({ node, frame, words, set });
      return node;
    });
    return make("div", {}, make("b", {}, name), make("ul", { "aria-label": `${name}.grad` }, ...list));
  });
  const box = make("div", { class: "autovis-scroll" }, ...groups);
  return {
    node: panel("ledger", "Ledger of .grad", box),
    show(index) {
      for (const { node, frame, words, set } of lines) {
        set(frame <= index ? words : "");
        node.setAttribute("aria-hidden", String(frame > index));
        keepCurrent(node, frame === index, box);
      }
    },
  };
}

/** The recorded code, with the running line marked. @param {Frame[]} frames @param {string[]} source @returns {Part} */
function code(frames, source) {
  const lines = source.map((text) => make("li", {}, make("code", {}, text || " ")));
  const box = make("ol", { class: "autovis-scroll" }, ...lines);
  return {
    node: panel("code", "Code", box),
    show(index) {
      const [first, last] = frames[index].line ?? [0, 0];
      lines.forEach((line, i) => keepCurrent(line, first <= i + 1 && i + 1 <= last, box));
    },
  };
}

/**
 * The elements as a list that is read aloud.
 * @param {Film} film @param {Frame[]} frames @param {State[]} all @returns {Part}
 */
export function reading({ items = [] }, frames, all) {
  const lines = items.map(() => make("li"));
  return {
    node: make("ul", { class: "autovis-unseen", "aria-label": "Elements of the picture" }, ...lines),
    show(index) {
      items.forEach((item, i) => {
        const words = describe(
          /** @type {Item} */ ({ ...item, ...all[index][item.id] }),
          frames[index].node === item.id,
        );
        if (lines[i].textContent !== words) lines[i].textContent = words;
        lines[i].hidden = !words;
      });
    },
  };
}

/**
 * What the legend shows beside a word: the thing itself, cut out of the picture, or its line.
 * @param {string} look @param {Element} picture
 */
function swatch(look, picture) {
  const [kind, role = ""] = look.split(/[ -]/);
  const found = picture.querySelector(
    kind === "saved" ? ".note" : kind === "token" ? ".pill" : `.body.${kind}, path.${kind}`,
  );
  const svg = icon(kind === "region" ? "M0 0h32v14H0z" : "M0 0h32", 36);
  const group = document.createElementNS(SVG, "g");
  const thing = /** @type {Element} */ (found?.cloneNode(true) ?? svg.firstChild);
  if (!found) thing.setAttribute("class", kind === "region" ? "frame" : "line");
  group.setAttribute("class", kind === "region" ? look : found ? `element ${look}` : `link ${role || kind}`);
  group.append(thing);
  svg.replaceChildren(group);
  svg.setAttribute("class", "autovis-picture");
  return svg;
}

/** Only what is painted. @param {Film} film @param {Element} picture @param {AbortSignal} signal */
export function key({ frames, legend = [] }, picture, signal) {
  const events = [...new Map(marks(frames).map((mark) => [mark.kind, mark])).values()];
  const list = make("dl");
  const node = make("details", { class: "autovis-legend" }, make("summary", {}, "Legend"), list);
  const fill = () => {
    for (const [look, word, meaning] of legend) {
      const picked = swatch(look, picture);
      list.append(make("div", {}, make("dt", {}, picked, word), make("dd", {}, meaning)));
      const { x, y, width, height } = picked.getBBox(); // without the border
      picked.setAttribute("viewBox", `${x - 2} ${y - 2} ${width + 4} ${height + 4}`);
    }
    for (const { shape, word } of events)
      list.append(make("div", {}, make("dt", {}, icon(shape, 10), word), make("dd", {}, "a mark on the timeline")));
  };
  node.addEventListener("toggle", fill, { signal, once: true }); // measured when first seen
  return node;
}

/** The panels that this film has something for: the code, and the numbers. @param {Film} film @returns {Part} */
export function panelsOf({ frames, items = [], source = [] }) {
  const names = new Map(items.map(({ id, label = "" }) => [id, label]));
  const programs = source.length ? [code(frames, source)] : [];
  /** @type {Part[]} */
  const panels = [];
  if (frames.some(({ rows }) => rows?.length)) panels.push(chainRule(frames));
  if (frames.some((frame) => frame.tray)) panels.push(tray(frames, (id) => names.get(id) || id));
  if (frames.some((frame) => frame.ledger)) panels.push(ledger(frames));
  const node = make("div", { class: "autovis-numbers" }, ...panels.map((part) => part.node));
  return {
    node: make(
      "div",
      { class: "autovis-panels" },
      ...programs.map((part) => part.node),
      ...(panels.length ? [node] : []),
    ),
    show: (index, before) => [...programs, ...panels].forEach((part) => part.show(index, before)),
  };
}
