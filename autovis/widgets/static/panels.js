// @ts-check
// What stands around the picture: the caption, the numbers, the list that is read aloud, the legend.

import { icon, keepCurrent, make, panel, place, SVG } from "./dom.js";
import { describe, ledgerUpTo, marks, trayAt, trayText, waitingText } from "./film.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").State} State
 * @typedef {import("./film.js").Row} Row
 * @typedef {import("./film.js").Item} Item
 * @typedef {import("./film.js").Part} Part
 * @typedef {import("./film.js").Say} Say
 * @typedef {import("./choice.js").Choice} Choice
 * @typedef {{ film: Film, frames: Frame[], all: (index: number) => State, say: Say, choice: Choice, asks?: boolean }} Reel a
 *   film in hands; `asks` where it can be predicted
 */

/** One sentence, always at the same place. @param {Reel} reel */
export function caption({ frames }) {
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

const COLUMNS = /** @type {const} */ (["arrives", "local", "product", "sent"]);

/** The four parts of the chain rule, a row for each receiver. @param {Reel} reel @returns {Part} */
function chainRule({ frames, say, choice }) {
  const cell = (/** @type {Row} */ row, /** @type {typeof COLUMNS[number]} */ name) =>
    name === "sent" && row.sent && row.to ? say("sent_to", { sent: row.sent, to: row.to }) : (row[name] ?? "");
  const count = Math.max(...frames.map(({ rows = [] }) => rows.length));
  const rows = Array.from({ length: count }, (_, i) =>
    COLUMNS.map((name) => place(frames.map(({ rows = [] }) => rows[i] && cell(rows[i], name)))),
  );
  const titles = COLUMNS.map((name) => say(`column_${name}`));
  const named = (/** @type {string} */ role, /** @type {number} */ i, /** @type {Node | string} */ child) =>
    make("div", { role, "data-name": COLUMNS[i], "data-title": titles[i] }, child);
  const row = (/** @type {Node[]} */ ...cells) => make("div", { role: "row" }, ...cells);
  const head = row(...titles.map((title, i) => named("columnheader", i, title)));
  const body = rows.map((places) => row(...places.map(({ node }, i) => named("cell", i, node))));
  const title = say("chain");
  return {
    node: panel("chain", title, make("div", { role: "table", "aria-label": title }, head, ...body)),
    show(index) {
      rows.forEach((places, i) => {
        const shown = frames[index].rows?.[i];
        const known = frames[index].kind === "local" ? 2 : 4; // nothing is multiplied yet
        const hidden = choice.now().predict ? "?" : "";
        body[i].classList.toggle("empty", !shown);
        places.forEach(({ set }, column) =>
          set(shown ? (column < known ? cell(shown, COLUMNS[column]) : hidden) : ""),
        );
      });
    },
  };
}

/** The sum inside one backward pass. @param {Reel} reel @returns {Part} */
function tray({ frames, say, film: { items = [] } }) {
  const names = new Map(items.map(({ id, label = "" }) => [id, label]));
  const nameOf = (/** @type {string} */ id) => names.get(id) || id;
  const trays = frames.flatMap(({ tray }) => tray ?? []);
  const texts = [trays.map(({ node }) => nameOf(node)), trays.map(trayText), trays.map((tray) => waitingText(tray, say))];
  const [who, sum, wait] = texts.map(place);
  const node = panel("tray", say("tray"), make("p", {}, who.node, sum.node, wait.node));
  return {
    node,
    show(index) {
      const found = trayAt(frames, index);
      node.classList.toggle("past", !found?.current);
      who.set(found ? nameOf(found.tray.node) : "");
      sum.set(found ? trayText(found.tray) : "");
      wait.set(found ? waitingText(found.tray, say) : "");
    },
  };
}

/** What happened to every `.grad`, across calls: the lines are there from the beginning, and fill. @param {Reel} reel @returns {Part} */
function ledger({ frames, say, choice }) {
  const severalCalls = frames.some(({ call = 0 }) => call > 1);
  /** @type {{ node: HTMLElement, frame: number, words: string, set: (words?: string) => void }[]} */
  const lines = [];
  const groups = ledgerUpTo(frames, frames.length, say).map(({ name, entries }) => {
    const list = entries.map(({ text, call, frame }) => {
      const words = severalCalls && call ? say("ledger_call", { text, number: call }) : text;
      const { node: inner, set } = place([words]);
      const node = make("li", {}, inner);
      lines.push({ node, frame, words, set });
      return node;
    });
    return make("div", {}, make("b", {}, name), make("ul", { "aria-label": `${name}.grad` }, ...list));
  });
  const box = make("div", { class: "autovis-scroll" }, ...groups);
  return {
    node: panel("ledger", say("ledger"), box),
    show(index) {
      for (const { node, frame, words, set } of lines) {
        set(frame <= index ? words : choice.now().predict ? "?" : "");
        node.setAttribute("aria-hidden", String(frame > index));
        keepCurrent(node, frame === index, box);
      }
    },
  };
}

/** The elements as a list that is read aloud. @param {Reel} reel @returns {Part} */
export function reading({ film: { items = [] }, frames, all, say, choice }) {
  const lines = items.map(() => make("li"));
  return {
    node: make("ul", { class: "autovis-unseen", "aria-label": say("elements") }, ...lines),
    show(index) {
      const { hidden } = choice.now();
      items.forEach((item, i) => {
        const now = bared({ ...item, ...all(index)[item.id] }, hidden);
        const words = describe(now, say, frames[index].node === item.id);
        if (lines[i].textContent !== words) lines[i].textContent = words;
        lines[i].hidden = !words;
      });
    },
  };
}

/** An element without what is hidden. @param {Item} item @param {Set<string>} hidden @returns {Item} */
export function bared(item, hidden) {
  const bare = { ...item };
  if (hidden.has("values")) delete bare.value;
  if (hidden.has("shapes")) delete bare.shape;
  if (hidden.has("versions")) delete bare.version;
  if (hidden.has("saved")) for (const part of ["saved", "notes"]) delete bare[part];
  return bare;
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

/** Only what is painted. @param {Reel} reel @param {Element} picture */
export function key({ film: { legend = [] }, frames, say }, picture) {
  const events = [...new Map(marks(frames, [...frames.keys()]).map((mark) => [mark.kind, mark])).values()];
  const list = make("dl");
  const node = make("details", { class: "autovis-legend" }, make("summary", {}, say("legend")), list);
  const fill = () => {
    for (const [look, word, meaning] of legend) {
      const picked = swatch(look, picture);
      list.append(make("div", {}, make("dt", {}, picked, word), make("dd", {}, meaning)));
      const { x, y, width, height } = picked.getBBox(); // without the border
      picked.setAttribute("viewBox", `${x - 2} ${y - 2} ${width + 4} ${height + 4}`);
    }
    for (const { shape, kind } of events) {
      const word = make("dt", {}, icon(shape, 10), say(`mark_${kind}`));
      list.append(make("div", {}, word, make("dd", {}, say("mark"))));
    }
  };
  node.addEventListener("toggle", fill, { once: true }); // measured when first seen
  return node;
}

/** The numbers that this film has something for. @param {Reel} reel @returns {Part} */
export function numbers(reel) {
  const { frames } = reel;
  /** @type {Part[]} */
  const panels = [];
  if (frames.some(({ rows }) => rows?.length)) panels.push(chainRule(reel));
  if (frames.some((frame) => frame.tray)) panels.push(tray(reel));
  if (frames.some((frame) => frame.ledger)) panels.push(ledger(reel));
  return {
    node: make("div", { class: "autovis-numbers" }, ...panels.map((part) => part.node)),
    show: (index, before) => panels.forEach((part) => part.show(index, before)),
  };
}
