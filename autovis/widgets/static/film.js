// @ts-check
// What a film says at each of its frames: functions of the frames alone, without a page.

/**
 * @typedef {Record<string, string | number | boolean>} Change
 * @typedef {Record<string, Change>} State what differs from the picture as drawn, by id
 * @typedef {{ to?: string, arrives?: string, local?: string, product?: string, sent?: string }} Row
 * @typedef {{ node: string, before?: string, arriving?: string, after?: string, came?: number, of?: number }} Tray
 * @typedef {{ leaf: string, name: string, event: string, old?: string, arriving?: string, new?: string,
 *   call?: number }} Entry
 * @typedef {{ leaf: string, name: string, entries: { text: string, call: number, frame: number,
 *   current: boolean }[] }} Account the ledger of one leaf
 * @typedef {{ kind: string, text?: string, call?: number, node?: string, links?: string[], rows?: Row[], tray?: Tray,
 *   ledger?: Entry, line?: [number, number], changes?: State }} Frame
 * @typedef {{ id: string, word: string, label?: string } & Change} Item one element, for the list that is read aloud
 * @typedef {{ title?: string, svg: string, frames: Frame[], items?: Item[], legend?: [string, string, string][],
 *   source?: string[], metrics: Metrics }} Film
 * @typedef {{ advance: number, wide_from: number, longest: number, sizes: { token: number },
 *   pill: { pad: number, height: number } }} Metrics how wide texts are; see `measure.py`
 * @typedef {{ node: HTMLElement, show: (index: number, before: number) => void }} Part
 * @typedef {{ index: () => number, goTo: (index: number) => void, play: () => void, speed: (factor: number) => void,
 *   stop: () => void }} Playhead
 */

/** Events that a learner looks for: the word, and the shape on the timeline in a box of 10 by 10.
 * @type {Record<string, [string, string]>} */
const MARKS = {
  seed: ["backward starts", "M9 1v8L1 5z"],
  fan_in: ["fan-in", "M5 1a4 4 0 1 0 .01 0zM5 3a2 2 0 1 1-.01 0z"],
  accumulate: ["added to .grad", "M1 1h8v8H1z"],
  clear: [".grad cleared", "M1 1h8v8H1zM2.5 2.5v5h5v-5z"],
  cut: ["cut", "M5 0l5 5-5 5-5-5z"],
  error: ["error", "M3 0h4l3 3v4L7 10H3L0 7V3z"],
};

/** The nearest frame number that exists. @param {number} index @param {number} count */
export const clamp = (index, count) => Math.max(0, Math.min(Math.round(index) || 0, count - 1));

/** Add up the deltas; an id that did not change keeps its object. @param {Frame[]} frames @returns {State[]} */
export function states(frames) {
  /** @type {State} */
  let now = {};
  return frames.map(({ changes = {} }) => {
    now = { ...now };
    for (const [id, change] of Object.entries(changes)) now[id] = { ...now[id], ...change };
    return now;
  });
}

/**
 * The next frame in which a leaf's `.grad` grows, or the same frame when there is none.
 * @param {Frame[]} frames @param {number} index @param {1 | -1} direction
 */
export function nextLeaf(frames, index, direction) {
  for (let i = index + direction; i >= 0 && i < frames.length; i += direction) {
    if (frames[i].kind === "accumulate") return i;
  }
  return index;
}

/** The events worth a mark on the timeline. @param {Frame[]} frames */
export const marks = (frames) =>
  frames.flatMap(({ kind }, index) =>
    kind in MARKS ? [{ index, kind, word: MARKS[kind][0], shape: MARKS[kind][1] }] : [],
  );

/** One line of the ledger. @param {Entry} entry */
export function entryText({ event, old, arriving, new: after }) {
  if (event === "zero") return `zeroed: ${after ?? 0}`;
  if (event === "none") return "cleared: None";
  return `${old ?? "None"} + ${arriving} = ${after}`;
}

/**
 * What has happened to each leaf's `.grad` up to a frame, leaf by leaf.
 * @param {Frame[]} frames @param {number} index @returns {Account[]}
 */
export function ledgerUpTo(frames, index) {
  /** @type {Map<string, Account>} */
  const groups = new Map();
  frames.slice(0, index + 1).forEach(({ ledger }, frame) => {
    if (!ledger) return;
    const { leaf, name, call = 0 } = ledger;
    if (!groups.has(leaf)) groups.set(leaf, { leaf, name, entries: [] });
    groups.get(leaf)?.entries.push({ text: entryText(ledger), call, frame, current: frame === index });
  });
  return [...groups.values()];
}

/** The sum in a tray. @param {Tray} tray */
export const trayText = ({ before, arriving, after }) => `${before} + ${arriving} = ${after}`;

/** What a tray still needs. @param {Tray} tray */
export const waitingText = ({ came = 0, of = 0 }) => (came < of ? `waiting for ${of - came} more` : "complete");

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

/** How far the film is, and in which call. @param {Frame[]} frames @param {number} index */
export const progressText = (frames, index) => [
  `${index} of ${frames.length - 1}`,
  frames[index].call ? `call ${frames[index].call}` : "",
];

/** An element in words, as a screen reader should say it. @param {Item} item @param {boolean} [active] */
export function describe({ word, label, value, grad, saved, tray, version, ghost, visible }, active = false) {
  if (visible === false) return "";
  const parts = [`${word} ${label ?? ""}`.trim()];
  if (value) parts.push(`value ${value}`);
  if (grad) parts.push(`.grad ${grad}`);
  if (saved) parts.push(`saved values ${saved}`);
  if (tray) parts.push(`fan-in ${tray}`);
  if (version) parts.push(`version ${version}`);
  if (ghost) parts.push("outside of what can be differentiated");
  if (active) parts.push("active in this step");
  return parts.join(", ");
}

/** The text that needs most room. @param {(string | undefined)[]} texts */
export const longest = (texts) => texts.reduce((a = "", b = "") => (b.length > a.length ? b : a), "") ?? "";
