// @ts-check
// What a film says at each of its frames: functions of the frames alone, without a page.

/**
 * @typedef {Record<string, string | number | boolean>} Change
 * @typedef {Record<string, Change>} State what differs from the picture as drawn, by id
 * @typedef {{ link?: string, to?: string, arrives?: string, local?: string, product?: string, sent?: string }} Row
 * @typedef {{ node: string, before?: string, arriving?: string, after?: string, came?: number, of?: number }} Tray
 * @typedef {{ leaf: string, name: string, event: string, old?: string, arriving?: string, new?: string,
 *   call?: number }} Entry
 * @typedef {{ leaf: string, name: string, entries: { text: string, call: number, frame: number,
 *   current: boolean }[] }} Account the ledger of one leaf
 * @typedef {{ kind: string, text?: string, call?: number, node?: string, links?: string[], rows?: Row[], tray?: Tray,
 *   ledger?: Entry, entries?: Entry[], layer?: string, line?: [number, number], span?: [number, number, number, number],
 *   changes?: State }} Frame
 * @typedef {{ id: string, role: string, word: string, label?: string, shape?: string, dtype?: string, about?: string,
 *   why?: string, notes?: { name: string, version?: number }[], marks?: string[] } & Record<string, any>} Item an element
 * @typedef {{ id: string, source: string, target: string, role: string }} Link
 * @typedef {{ title?: string, svg: string, frames: Frame[], items?: Item[], links?: [string, string, string, string][],
 *   legend?: [string, string, string][], source?: string[], sections?: [number, number, string][], metrics: Metrics,
 *   words?: Record<string, string>, start?: Partial<{ detail: string, hide: string[], predict: boolean }>,
 *   beliefs?: Record<string, string> }} Film `start` is what is chosen at first, `beliefs` the misconceptions by id
 * @typedef {{ advance: number, wide_from: number, longest: number, sizes: { token: number },
 *   pill: { pad: number, height: number } }} Metrics how wide texts are; see `measure.py`
 * @typedef {{ node: HTMLElement, show: (index: number, before: number) => void }} Part
 * @typedef {(key: string, args?: Record<string, unknown>) => string} Say
 */

/** The layers that can be hidden, in the order of their keys 1 to 5. */
export const LAYERS = ["values", "shapes", "formulas", "saved", "versions"];

/**
 * The levels of detail: which frames each shows.
 * @type {Record<string, (frame: Frame) => boolean>}
 */
export const DETAILS = {
  operation: ({ kind }) => !["local", "free", "fan_in", "hook"].includes(kind),
  chain: () => true,
  ledger: ({ kind, ledger }) => !!ledger || ["start", "retain", "return", "step", "error"].includes(kind),
};

/** Events that a learner looks for: the shape on the timeline, in a box of 10 by 10. @type {Record<string, string>} */
const MARKS = {
  seed: "M9 1v8L1 5z",
  fan_in: "M5 1a4 4 0 1 0 .01 0zM5 3a2 2 0 1 1-.01 0z",
  accumulate: "M1 1h8v8H1z",
  clear: "M1 1h8v8H1zM2.5 2.5v5h5v-5z",
  cut: "M5 0l5 5-5 5-5-5z",
  error: "M3 0h4l3 3v4L7 10H3L0 7V3z",
};

/**
 * Speak from a table: `{name}` is replaced, and a key that the table lacks says itself.
 * @param {Record<string, string>} [table] @returns {Say}
 */
export const speaker =
  (table = {}) =>
  (key, args = {}) =>
    (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(args[name] ?? whole));

/** The links by name of their parts. @param {Film} film @returns {Link[]} */
export const linksOf = ({ links = [] }) => links.map(([id, source, target, role]) => ({ id, source, target, role }));

/** The nearest number that exists. @param {number} index @param {number} count */
export const clamp = (index, count) => Math.max(0, Math.min(Math.round(index) || 0, count - 1));

const EVERY = 64; // frames from one state that is kept whole to the next

/**
 * Add up the deltas: what is returned gives the state at a frame. An id that did not change keeps its object.
 * @param {Frame[]} frames @returns {(index: number) => State}
 */
export function states(frames) {
  /** @type {State} */
  const now = {};
  /** @type {State[]} */
  const whole = [];
  const deltas = frames.map(({ changes = {} }, index) => {
    const delta = Object.entries(changes).map(([id, change]) => [id, { ...now[id], ...change }]);
    Object.assign(now, Object.fromEntries(delta));
    if (index % EVERY === 0) whole.push({ ...now });
    return Object.fromEntries(delta);
  });
  /** @type {{ index: number, state: State }} */
  let last = { index: -1, state: {} };
  return (index) => {
    if (index !== last.index) {
      const kept = Math.floor(index / EVERY);
      last = { index, state: Object.assign({}, whole[kept], ...deltas.slice(kept * EVERY + 1, index + 1)) };
    }
    return last.state;
  };
}

/**
 * The frames that a level of detail shows, without those that are only about a hidden layer; the first one always.
 * @param {Frame[]} frames @param {string} detail @param {Set<string>} hidden
 */
export function stopsOf(frames, detail, hidden) {
  const shown = DETAILS[detail] ?? DETAILS.chain;
  return frames.flatMap((frame, index) => (!index || (shown(frame) && !hidden.has(frame.layer ?? "")) ? [index] : []));
}

/**
 * The stop that tells what a frame tells: itself, the next one about the same element, else the one before.
 * @param {Frame[]} frames @param {number[]} stops @param {number} index
 */
export function corresponding(frames, stops, index) {
  const next = stops.find((stop) => stop >= index);
  if (next !== undefined && (next === index || (frames[next].node && frames[next].node === frames[index].node)))
    return next;
  return stops.findLast((stop) => stop <= index) ?? stops[0];
}

/** Is this an event of a leaf: of this one, or, with no name, of any? @param {Frame} frame @param {string} leaf */
const isEvent = ({ kind, ledger, tray, node }, leaf) =>
  leaf ? ledger?.leaf === leaf || tray?.node === leaf || (node === leaf && kind !== "forward") : kind === "accumulate";

/**
 * The next stop in which something happens to a leaf (to any leaf's `.grad` without one), or the same when there is none.
 * @param {Frame[]} frames @param {number[]} stops @param {number} index @param {1 | -1} direction @param {string} [leaf]
 */
export function nextLeaf(frames, stops, index, direction, leaf = "") {
  const ahead = stops.filter((stop) => (stop - index) * direction > 0 && isEvent(frames[stop], leaf));
  return ahead.at(direction > 0 ? 0 : -1) ?? index;
}

/** The events worth a mark on the timeline; `at` is a position among the stops. @param {Frame[]} frames @param {number[]} stops */
export const marks = (frames, stops) =>
  stops.flatMap((index, at) => {
    const { kind } = frames[index];
    return kind in MARKS ? [{ at, index, kind, shape: MARKS[kind] }] : [];
  });

/** One line of the ledger. @param {Entry} entry @param {Say} say */
export function entryText({ event, old, arriving, new: after }, say) {
  if (event === "zero") return say("ledger_zero", { new: after ?? 0 });
  if (event === "none") return say("ledger_none");
  if (event === "edit") return say("ledger_edit", { old, new: after });
  return `${old ?? "None"} + ${arriving} = ${after}`;
}

/**
 * What has happened to each leaf's `.grad` up to a frame, leaf by leaf.
 * @param {Frame[]} frames @param {number} index @param {Say} say @returns {Account[]}
 */
export function ledgerUpTo(frames, index, say) {
  /** @type {Map<string, Account>} */
  const groups = new Map();
  frames.slice(0, index + 1).forEach(({ ledger, entries = [] }, frame) => {
    for (const entry of ledger ? [...entries, ledger] : entries) {
      const { leaf, name, call = 0 } = entry;
      if (!groups.has(leaf)) groups.set(leaf, { leaf, name, entries: [] });
      groups.get(leaf)?.entries.push({ text: entryText(entry, say), call, frame, current: frame === index });
    }
  });
  return [...groups.values()];
}

/** The sum in a tray. @param {Tray} tray */
export const trayText = ({ before, arriving, after }) => `${before} + ${arriving} = ${after}`;

/** What a tray still needs. @param {Tray} tray @param {Say} say */
export const waitingText = ({ came = 0, of = 0 }, say) =>
  came < of ? say("tray_waiting", { due: of - came }) : say("tray_complete");

/**
 * The tray to look at: this frame's, or the last one of this call that is still waiting.
 * @param {Frame[]} frames @param {number} index
 * @returns {{ tray: Tray, current: boolean } | null}
 */
export function trayAt(frames, index) {
  /** @type {Map<string, Tray>} */
  const open = new Map();
  const call = frames[index].call;
  for (const frame of frames.slice(0, index + 1)) {
    if (!frame.tray || frame.call !== call) continue;
    open.delete(frame.tray.node);
    if ((frame.tray.came ?? 0) < (frame.tray.of ?? 0)) open.set(frame.tray.node, frame.tray);
  }
  const now = frames[index].tray;
  const last = now ?? [...open.values()].at(-1);
  return last ? { tray: last, current: last === now } : null;
}

/** An element in words, as a screen reader should say it. @param {Item} item @param {Say} say @param {boolean} [active] */
export function describe({ word, label, value, grad, saved, tray, version, ghost, visible }, say, active = false) {
  if (visible === false) return "";
  const parts = [`${word} ${label ?? ""}`.trim()];
  if (value) parts.push(say("is_value", { value }));
  if (grad) parts.push(say("is_grad", { grad }));
  if (saved) parts.push(say("is_saved", { state: saved }));
  if (tray) parts.push(say("is_tray", { tray }));
  if (version) parts.push(say("is_version", { version }));
  if (ghost) parts.push(say("is_ghost"));
  if (active) parts.push(say("is_active"));
  return parts.join(say("comma"));
}

const WIDE_FROM = 0x2e80; // the first of the letters that take two columns; see `measure.py`

/** How many columns a text takes. @param {string} text @param {number} [from] the first of the wide letters */
export const columns = (text, from = WIDE_FROM) =>
  [...text].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) >= from ? 2 : 1), 0);

/** The text that needs most room. @param {(string | undefined)[]} texts */
export const longest = (texts) => texts.reduce((a = "", b = "") => (columns(b) > columns(a) ? b : a), "") ?? "";
