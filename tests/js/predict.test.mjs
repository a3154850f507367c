// Predictions: what a film asks, which answers agree with it, and what a wrong one betrays.
import assert from "node:assert/strict";
import test from "node:test";
import { choiceOf } from "../../autovis/widgets/static/choice.js";
import { states } from "../../autovis/widgets/static/film.js";
import * as predict from "../../autovis/widgets/static/predict.js";

// p = 1, q = 2; y = (p + q) · (p + 1); y.backward() twice, then p.grad is cleared.
const ROWS = [
  { link: "e7", to: "s", arrives: "1", local: "d(s·t)/ds = t = 2", product: "1 × 2 = 2", sent: "2" },
  { link: "e8", to: "t", arrives: "1", local: "d(s·t)/dt = s = 3", product: "1 × 3 = 3", sent: "3" },
];
const call = (number, old, after) => [
  { kind: "seed", call: number, node: "t6" },
  { kind: "local", call: number, node: "o6", rows: ROWS },
  { kind: "send", call: number, node: "o6", rows: ROWS },
  { kind: "fan_in", call: number, node: "t1", tray: { node: "t1", before: "0", arriving: "3", after: "3", came: 1, of: 2 } },
  { kind: "fan_in", call: number, node: "t1", tray: { node: "t1", before: "3", arriving: "2", after: "5", came: 2, of: 2 } },
  { kind: "accumulate", call: number, ledger: { leaf: "t1", name: "p", event: "add", old, arriving: "5", new: after } },
];
const FRAMES = [
  { kind: "start" },
  ...call(1, "None", "5"),
  ...call(2, "5", "10"),
  { kind: "clear", ledger: { leaf: "t1", name: "p", event: "none", old: "10" } },
];
const ITEMS = [
  { id: "t1", role: "leaf", word: "leaf", label: "p", value: "1", grad: "None" },
  { id: "t4", role: "const", word: "const", label: "c", value: "1" },
  { id: "t5", role: "const", word: "const", label: "1", value: "1" },
  { id: "t3", role: "mid", word: "mid", label: "s", value: "4" },
  { id: "o6", role: "op", word: "op", label: "×" },
  { id: "t6", role: "mid", word: "mid", label: "y", value: "6" },
];
const LINKS = [["e7", "t3", "o6", "data"]];
const say = (key, args = {}) => [key, ...Object.values(args)].join(" ");
const reel = (frames = FRAMES, items = ITEMS) => ({
  film: { items, links: LINKS },
  frames,
  all: states(frames),
  say,
  choice: choiceOf(),
});
const MEANS = new Map([["const", "asks for nothing"]]);
const asked = (frames, items) => predict.questionsOf(reel(frames, items));
const judged = (id, ...given) => {
  const question = asked().find((one) => one.id.startsWith(id));
  const { right, belief, reasons } = predict.judge(question, given, MEANS, say);
  return [right, belief, reasons.map((reason) => reason.split(" ")[0]).join(" ")];
};

test("numbers are read as people write them", () => {
  for (const half of ["0.5", ".5", "1/2", "5e-1", "0,5", " 0.50 ", "+0.5", "2/4"])
    assert.ok(predict.agrees(half, "0.5"), half);
  for (const other of ["", "half", "0.6", "1/2/1", "0.5.1", "-0.5", "5", "e"]) assert.ok(!predict.agrees(other, "0.5"), other);
  assert.ok(predict.agrees("-3", "−3"));
  assert.ok(predict.agrees("−1/4", "−0.25"));
  assert.ok(predict.agrees("none", "None"));
  assert.ok(!predict.agrees("0", "None"));
  assert.ok(!predict.agrees("None", "0"));
});

test("what the film rounded may be typed more or less exactly; what is whole is whole", () => {
  assert.ok(predict.agrees("0.72059", "0.7206"));
  assert.ok(predict.agrees("0.72", "0.7206"));
  assert.ok(!predict.agrees("0.7", "0.7206"));
  assert.ok(!predict.agrees("1001", "1000"));
  assert.ok(predict.agrees("5.0", "5"));
});

test("a few numbers are compared one by one", () => {
  assert.ok(predict.agrees("1, 0.5", "[1, 0.5]"));
  assert.ok(predict.agrees("[[1 2], [3 4]]", "[[1, 2], [3, 4]]"));
  assert.ok(predict.agrees("1", "all 1"));
  assert.ok(!predict.agrees("1", "[1, 0.5]"));
  assert.ok(!predict.agrees("1 0.5", "[1, 0, …]"));
});

test("an answer comes back as a number where it is one", () => {
  assert.deepEqual(["1/2", "1, 2", "None", "…"].map(predict.valueOf), [0.5, [1, 2], "None", "…"]);
});

test("a film asks for leaves, products, gradients and what is cleared, each before it is seen", () => {
  assert.deepEqual(
    asked().map(({ id, frame }) => [id.split(" ")[0], frame]),
    [
      ["leaves", 1],
      ["send", 3],
      ["grad", 4], // the tray would tell
      ["leaves", 7],
      ["grad", 10],
      ["clear", 13],
    ],
  );
});

test("one question is open at a time, until it is answered or passed", () => {
  const questions = asked();
  assert.equal(predict.openAt(questions, new Set(), 0, 1)?.id, "leaves 1");
  assert.equal(predict.openAt(questions, new Set(["leaves 1"]), 0, 1), undefined);
  assert.equal(predict.openAt(questions, new Set(), 1, 2), undefined); // it was passed
  assert.equal(predict.openAt(questions, new Set(["leaves 1"]), 0, 6)?.frame, 3);
});

test("a wrong gradient betrays a belief", () => {
  assert.deepEqual(judged("grad p 6", "5"), [true, "", ""]);
  assert.deepEqual(judged("grad p 6", "3"), [false, "M28", "wrong_path"]);
  assert.deepEqual(judged("grad p 6", "2"), [false, "M28", "wrong_path"]);
  assert.deepEqual(judged("grad p 6", "6"), [false, "", "wrong_multiplied"]);
  assert.deepEqual(judged("grad p 6", "1"), [false, "", "wrong_value"]);
  assert.deepEqual(judged("grad p 6", "-4"), [false, "M30", "wrong_step"]);
  assert.deepEqual(judged("grad p 6", "None"), [false, "M27", "wrong_none"]);
  assert.deepEqual(judged("grad p 6", "0"), [false, "M27", "wrong_zero"]);
  assert.deepEqual(judged("grad p 6", "raises"), [false, "", "wrong_raises"]);
  assert.deepEqual(judged("grad p 6", "99"), [false, "", ""]);
});

test("the second call adds to what is there", () => {
  assert.deepEqual(judged("grad p 12", "10"), [true, "", ""]);
  assert.deepEqual(judged("grad p 12", "5"), [false, "M6", "wrong_overwritten"]);
  assert.deepEqual(judged("grad p 12", "8"), [false, "M28", "wrong_path"]);
});

test("cleared is None, and None is not zero", () => {
  assert.deepEqual(judged("clear", "None"), [true, "", ""]);
  assert.deepEqual(judged("clear", "0"), [false, "M27", "wrong_zero"]);
  assert.deepEqual(judged("clear", "10"), [false, "", "wrong_kept"]);
});

test("what is sent is a product, of what arrives and the derivative for this input", () => {
  assert.deepEqual(judged("send", "2"), [true, "", ""]);
  assert.deepEqual(judged("send", "3"), [false, "", "wrong_added"]);
  assert.deepEqual(judged("send", "1"), [false, "", "wrong_passed"]);
  assert.deepEqual(judged("send", "4"), [false, "", "wrong_value"]);
});

test("of the values the leaves get one; the others are told why not", () => {
  assert.deepEqual(judged("leaves", "t1"), [true, "", ""]);
  assert.deepEqual(judged("leaves", "t1", "t3"), [false, "M1", "wrong_made"]);
  assert.deepEqual(judged("leaves", "t4"), [false, "", "wrong_missed wrong_role"]);
  assert.deepEqual(judged("leaves"), [false, "", "wrong_missed"]);
  assert.deepEqual(judged("leaves", "raises"), [false, "", "wrong_raises"]);
  assert.deepEqual(asked()[0].options.map(({ label }) => label), ["p", "c", "s", "y"]);
});

test("where a call fails, the answer is that it raises", () => {
  const failing = [...FRAMES.slice(0, 2), { kind: "error", call: 1, text: "freed" }];
  const [question] = asked(failing);
  assert.deepEqual(question.answers, [predict.RAISES]);
  assert.equal(question.truth, "freed");
  assert.ok(predict.judge(question, ["raises"], MEANS, say).right);
  assert.ok(!predict.judge(question, ["t1"], MEANS, say).right);
});

test("where the history is cut, the place is asked for: the cut or what follows it", () => {
  const items = [...ITEMS, { id: "c9", role: "cut", word: "cut", label: "detach" }, { id: "t9", role: "const", word: "const", label: "d" }];
  const cutting = { ...reel(FRAMES, items), film: { items, links: [...LINKS, ["e9", "c9", "t9", "cut"]] } };
  const [question] = predict.questionsOf(cutting);
  const verdict = (id) => predict.judge(question, [id], MEANS, say);
  assert.deepEqual([question.id, question.frame], ["end", 1]);
  assert.deepEqual(["c9", "t9", "t1", "t3"].map((id) => verdict(id).right), [true, true, false, false]);
  assert.deepEqual([verdict("t1").reasons[0], verdict("t3").reasons[0]], ["wrong_begin p", "wrong_end s"]);
});
