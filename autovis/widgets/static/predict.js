// @ts-check
// What a film asks before it shows, and what an answer betrays: all of it read off the frames to come.

import { linksOf } from "./film.js";

/**
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").Item} Item
 * @typedef {import("./film.js").State} State
 * @typedef {import("./film.js").Say} Say
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {{ text: string, key: string, belief?: string }} Slip a wrong answer: the key of the words for it, and the
 *   misconception it betrays
 * @typedef {{ id: string, kind: "number" | "leaves" | "end", frame: number, text: string, name: string,
 *   answers: string[], options: Item[], slips: Slip[], asked: State, truth: string }} Question `answers` holds the right
 *   number, or the ids of what is right (for `end` any of them); `asked` is what shows a question mark meanwhile
 * @typedef {{ right: boolean, reasons: string[], belief: string }} Verdict
 */

export const RAISES = "raises";
const VALUES = new Set(["leaf", "param", "frozen", "const", "mid", "view", "kept"]);
const MADE = new Set(["mid", "view", "kept"]);
const MOST = 12; // options and questions of one kind
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NEAR = 0.005; // share of itself by which a rounded number may differ

/** Read one number as people write it: `0.5`, `1/2`, `5e-1`, `−0,5`. @param {string} text */
function numberOf(text) {
  const parts = text.split("/");
  return parts.length < 3 && parts.every((part) => NUMBER.test(part)) ? Number(parts[0]) / Number(parts[1] ?? 1) : NaN;
}

/** Read the numbers in a text; a comma between digits alone is a decimal one. @param {string} text */
export const numbersOf = (text) =>
  text
    .replace(/[−–]/g, "-")
    .trim()
    .replace(/^([+-]?\d+),(\d+)$/, "$1.$2")
    .replace(/^all /, "")
    .split(/[\s,;[\]()]+/)
    .filter(Boolean)
    .map(numberOf);

/** Does an answer say what the film says? @param {string} given @param {string} wanted */
export function agrees(given, wanted) {
  if (given.trim().toLowerCase() === wanted.toLowerCase()) return true;
  const [mine, yours] = [numbersOf(wanted), numbersOf(given)];
  const near = /[.e]/.test(wanted) ? NEAR : 1e-6; // what is whole is written whole
  return (
    mine.length > 0 &&
    mine.length === yours.length &&
    mine.every((number, i) => Math.abs(number - yours[i]) <= near * Math.max(Math.abs(number), 1e-6))
  );
}

/** What was typed as a number, or a list of them; other words as they are. @param {string} text */
export function valueOf(text) {
  const numbers = numbersOf(text);
  if (!numbers.length || !numbers.every(Number.isFinite)) return text;
  return numbers.length > 1 ? numbers : numbers[0];
}

/** Can this be typed: one number or a few? @param {string | undefined} text */
const canBeTyped = (text = "") => numbersOf(text).length > 0 && numbersOf(text).every(Number.isFinite);

/** A number as text, where both are single numbers. @param {(a: number, b: number) => number} sum */
const combined = (sum) => (/** @type {string} */ a, /** @type {string} */ b) => {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return x.length === 1 && y.length === 1 ? String(sum(x[0], y[0])) : "";
};
const plus = combined((a, b) => a + b);
const minus = combined((a, b) => a - b);
const times = combined((a, b) => a * b);

/** What can be typed and is not the truth; of slips that give the same the first. @param {Slip[]} slips @param {string} truth */
const wrong = (slips, truth) => slips.filter(({ text }) => text && !agrees(text, truth));

/** The text of an element's value at a frame. @param {Reel} reel @param {string} id @param {number} frame */
const valueAt = ({ film: { items = [] }, all }, id, frame) =>
  String(all(frame)[id]?.value ?? items.find((item) => item.id === id)?.value ?? "");

/** What becomes of a `.grad` when a call adds to it. @param {Reel} reel @param {number} frame @returns {Question[]} */
function askGrad(reel, frame) {
  const { frames, say } = reel;
  const { ledger, call } = frames[frame];
  if (!ledger || ledger.event !== "add" || !canBeTyped(ledger.new)) return [];
  const { leaf, name, old = "None", arriving = "", new: truth = "" } = ledger;
  const sums = [...frames.keys()].filter((i) => frames[i].call === call && frames[i].tray?.node === leaf);
  const paths = sums.map((i) => frames[i].tray?.arriving ?? "");
  const fresh = canBeTyped(old);
  const value = valueAt(reel, leaf, frame);
  const slips = [
    ...paths.flatMap((path) => [path, plus(old, path)].map((text) => ({ text, key: "wrong_path", belief: "M28" }))),
    { text: paths.length > 1 ? paths.reduce(times) : "", key: "wrong_multiplied" },
    { text: fresh ? arriving : "", key: "wrong_overwritten", belief: "M6" },
    { text: fresh ? old : "", key: "wrong_kept" },
    { text: value, key: "wrong_value" },
    { text: minus(value, arriving), key: "wrong_step", belief: "M30" },
    { text: "None", key: "wrong_none", belief: "M27" },
    { text: "0", key: "wrong_zero", belief: "M27" },
  ];
  const text = say(fresh ? "ask_grad_again" : "ask_grad", { name, old });
  return [
    {
      ...{ id: `grad ${name} ${frame}`, kind: "number", text, name, answers: [truth], options: [] },
      frame: sums[0] ?? frame, // a tray that fills tells the answer
      ...{ slips: wrong(slips, truth), asked: { [leaf]: { grad: "?" } }, truth: say("truth_grad", { name, truth }) },
    },
  ];
}

/** What is in a `.grad` that is cleared: None and zero are two things. @param {Reel} reel @param {number} frame @returns {Question[]} */
function askClear({ frames, say }, frame) {
  const { ledger } = frames[frame];
  if (!ledger || !["none", "zero"].includes(ledger.event)) return [];
  const { leaf, name, old = "None" } = ledger;
  const truth = ledger.event === "none" ? "None" : (ledger.new ?? "0");
  const slips = [
    { text: "0", key: "wrong_zero", belief: "M27" },
    { text: "None", key: "wrong_none", belief: "M27" },
    { text: old, key: "wrong_kept" },
  ];
  const [text, told] = [say("ask_clear", { name }), say("truth_grad", { name, truth })];
  return [
    {
      ...{ id: `clear ${name} ${frame}`, kind: "number", frame, text, name, answers: [truth], options: [] },
      ...{ slips: wrong(slips, truth), asked: { [leaf]: { grad: "?" } }, truth: told },
    },
  ];
}

/** What an operation sends to its first input. @param {Reel} reel @param {number} frame @returns {Question[]} */
function askSend(reel, frame) {
  const { film, frames, say } = reel;
  const { kind, rows = [], node = "" } = frames[frame];
  const [row] = rows;
  if (kind !== "send" || !row?.link || !row.product?.includes("×") || !canBeTyped(row.sent)) return [];
  const { to: name = "", arrives = "", local = "", product = "", sent: truth = "", link } = row;
  const factor = local.split(" = ").at(-1) ?? "";
  if (!canBeTyped(factor) || agrees(factor, "1") || !canBeTyped(arrives)) return [];
  const receiver = linksOf(film).find(({ id }) => id === link)?.source ?? "";
  const slips = [
    { text: plus(arrives, factor), key: "wrong_added" },
    { text: factor, key: "wrong_local" },
    { text: arrives, key: "wrong_passed" },
    ...rows.slice(1).map(({ sent = "" }) => ({ text: sent, key: "wrong_other" })),
    { text: valueAt(reel, receiver, frame), key: "wrong_value" },
  ];
  const item = film.items?.find(({ id }) => id === node);
  const op = item?.about || item?.label || "";
  return [
    {
      ...{ id: `send ${name} ${frame}`, kind: "number", frame, name, answers: [truth], options: [] },
      text: say("ask_send", { op, name, arrives }),
      ...{ slips: wrong(slips, truth), asked: { [link]: { token: "?" } }, truth: say("truth_send", { product, name }) },
    },
  ];
}

/** Which values get a gradient from a call, or does it fail? @param {Reel} reel @param {number} frame @returns {Question[]} */
function askLeaves({ film: { items = [] }, frames, all, say }, frame) {
  const { kind, call, node = "" } = frames[frame];
  if (kind !== "seed" || frames[frame - 1]?.kind === "seed") return [];
  const mine = frames.filter((one) => one.call === call);
  const failure = mine.find((one) => one.kind === "error");
  const got = mine.flatMap(({ ledger }) => (ledger?.event === "add" ? [ledger.leaf] : []));
  if (!failure && !got.length) return [];
  const options = items
    .filter(({ id, role, label = "" }) => {
      const now = String(all(frame)[id]?.role ?? role);
      return VALUES.has(now) && /^\D/.test(label) && all(frame)[id]?.visible !== false;
    })
    .slice(0, MOST);
  const answers = failure ? [RAISES] : [...new Set(got)].filter((id) => options.some((item) => item.id === id));
  const asked = Object.fromEntries(options.filter(({ grad }) => grad).map(({ id }) => [id, { grad: "?" }]));
  const name = items.find(({ id }) => id === node)?.label ?? "";
  const names = options.filter(({ id }) => answers.includes(id)).map(({ label }) => label);
  const truth = failure ? (failure.text ?? "") : say("truth_leaves", { names: names.join(say("comma")) });
  return [
    { id: `leaves ${frame}`, kind: "leaves", frame, text: say("ask_leaves", { name }), name, answers, options, slips: [], asked, truth },
  ];
}

/** Where does the history end? @param {Reel} reel @returns {Question[]} */
function askEnd({ film, frames, all, say }) {
  const { items = [] } = film;
  const frame = frames.findIndex(({ kind }) => kind === "seed");
  const there = frame < 1 ? [] : items.filter(({ id }) => all(frame - 1)[id]?.visible !== false);
  const cuts = there.filter(({ role }) => role === "cut").map(({ id }) => id);
  if (!cuts.length) return [];
  const beyond = linksOf(film).flatMap(({ source, target }) => (cuts.includes(source) ? [target] : []));
  const options = there.filter(({ role }) => VALUES.has(role) || role === "cut" || role === "op");
  const truth = say("truth_end");
  return [
    { id: "end", kind: "end", frame, text: say("ask_end"), name: "", answers: [...cuts, ...beyond], options, slips: [], asked: {}, truth },
  ];
}

/**
 * All that a film asks, in order: each operation is asked about once, each leaf in two calls, clearing once.
 * @param {Reel} reel @returns {Question[]}
 */
export function questionsOf(reel) {
  const { film, frames } = reel;
  const label = (/** @type {string} */ id) => film.items?.find((item) => item.id === id)?.label ?? "";
  /** @type {Map<string, number>} */
  const times = new Map();
  const upTo = (/** @type {number} */ most, /** @type {string} */ about) => {
    times.set(about, (times.get(about) ?? 0) + 1);
    return (times.get(about) ?? 0) <= most;
  };
  const found = frames.flatMap((frame, index) => [
    ...askLeaves(reel, index),
    ...askSend(reel, index).filter(() => upTo(1, `send ${label(frame.node ?? "")}`)),
    ...askGrad(reel, index).filter(({ name }) => upTo(2, `grad ${name}`) && upTo(MOST, "grad")),
    ...askClear(reel, index).filter(() => upTo(1, "clear")),
  ]);
  return [...askEnd(reel), ...found].sort((a, b) => a.frame - b.frame);
}

/**
 * The question that is open at a frame: the first that was not answered among those of the step to come.
 * @param {Question[]} questions @param {Set<string>} answered @param {number} index @param {number} next
 */
export const openAt = (questions, answered, index, next) =>
  questions.find(({ id, frame }) => frame > index && frame <= next && !answered.has(id));

/**
 * Judge an answer against the film.
 * @param {Question} question @param {string[]} given what was typed, or ids @param {Map<string, string>} means what a
 *   role means @param {Say} say @returns {Verdict}
 */
export function judge(question, given, means, say) {
  if (question.kind === "number") return judgeNumber(question, given[0] ?? "", say);
  if (question.kind === "leaves") return judgeLeaves(question, new Set(given), means, say);
  const picked = question.options.find(({ id }) => id === given[0]);
  const right = question.answers.includes(given[0]);
  const key = ["leaf", "param"].includes(picked?.role ?? "") ? "wrong_begin" : "wrong_end";
  return { right, reasons: right ? [] : [say(key, { name: picked?.label ?? "" })], belief: "" };
}

/** @param {Question} question @param {string} given @param {Say} say @returns {Verdict} */
function judgeNumber({ answers: [truth], slips, name }, given, say) {
  if (agrees(given, truth)) return { right: true, reasons: [], belief: "" };
  if (given === RAISES) return { right: false, reasons: [say("wrong_raises")], belief: "" };
  const slip = slips.find(({ text }) => agrees(given, text));
  return { right: false, reasons: slip ? [say(slip.key, { given, name })] : [], belief: slip?.belief ?? "" };
}

/** @param {Question} question @param {Set<string>} given @param {Map<string, string>} means @param {Say} say @returns {Verdict} */
function judgeLeaves({ answers, options }, given, means, say) {
  if (answers.includes(RAISES)) return { right: given.has(RAISES), reasons: [], belief: "" };
  if (given.has(RAISES)) return { right: false, reasons: [say("wrong_raises")], belief: "" };
  const wrongs = options.filter(({ id }) => given.has(id) !== answers.includes(id));
  const reasons = wrongs.map(({ id, role, label: name, ghost }) => {
    if (!given.has(id)) return say("wrong_missed", { name });
    return say(MADE.has(role) ? "wrong_made" : "wrong_role", { name, about: means.get(ghost ? "ghost" : role) ?? "" });
  });
  const made = wrongs.some(({ id, role }) => given.has(id) && MADE.has(role));
  return { right: !wrongs.length, reasons, belief: made ? "M1" : "" };
}
