// The pure parts around the picture: the code, the walk along the links, what the inspector tells, what is chosen.
import assert from "node:assert/strict";
import test from "node:test";
import { choiceOf, classesOf } from "../../autovis/widgets/static/choice.js";
import { firstFrames, pieces } from "../../autovis/widgets/static/code.js";
import { facts } from "../../autovis/widgets/static/inspect.js";
import { neighbour } from "../../autovis/widgets/static/walk.js";

const say = (key, args = {}) => [key, ...Object.values(args)].join(" ");

test("a line leads to the first frame that ran in it", () => {
  const frames = [{}, { line: [2, 3] }, { line: [3, 3] }, { line: [1, 1] }];
  assert.deepEqual([...firstFrames(frames)], [[2, 1], [3, 1], [1, 3]]);
});

test("an expression is marked letter by letter, over lines too", () => {
  const span = [2, 4, 4, 3];
  assert.deepEqual(pieces("x = 1", 1, span), ["x = 1", "", ""]);
  assert.deepEqual(pieces("y = (a", 2, span), ["y = ", "(a", ""]);
  assert.deepEqual(pieces("    + b", 3, span), ["    ", "+ b", ""]);
  assert.deepEqual(pieces("  ) # c", 4, span), ["  ", ")", " # c"]);
  assert.deepEqual(pieces("x = 1", 1), ["x = 1", "", ""]);
});

const LINKS = [
  { id: "e1", source: "p", target: "+", role: "data" },
  { id: "e2", source: "q", target: "+", role: "data" },
  { id: "e3", source: "+", target: "s", role: "data" },
  { id: "e4", source: "g", target: "p", role: "store" },
];
const ORDER = ["p", "q", "+", "s", "g"];

test("right goes to what uses an element, left to what it is made of", () => {
  assert.equal(neighbour(LINKS, ORDER, "p", "ArrowRight"), "+");
  assert.equal(neighbour(LINKS, ORDER, "+", "ArrowRight"), "s");
  assert.equal(neighbour(LINKS, ORDER, "s", "ArrowRight"), undefined);
  assert.equal(neighbour(LINKS, ORDER, "+", "ArrowLeft"), "p");
  assert.equal(neighbour(LINKS, ["p", "q"], "p", "ArrowRight"), undefined);
});

test("up and down go round what stands beside, else through the list", () => {
  assert.equal(neighbour(LINKS, ORDER, "p", "ArrowDown"), "q");
  assert.equal(neighbour(LINKS, ORDER, "q", "ArrowDown"), "p");
  assert.equal(neighbour(LINKS, ORDER, "s", "ArrowUp"), "+");
});

test("the inspector tells what is known, and nothing else", () => {
  const leaf = { id: "p", role: "leaf", word: "leaf", label: "p", value: "1", grad: "None", why: "not yet" };
  assert.deepEqual(
    facts(leaf, LINKS, "a leaf is", say).map(({ key, text, ids }) => [key, text ?? ids]),
    [
      ["role", "a leaf is"],
      ["flag", "True"],
      ["value", "1"],
      ["grad", "None"],
      ["why", "not yet"],
      ["users", ["+"]],
    ],
  );
  const after = facts({ ...leaf, grad: "5" }, LINKS, "", say).map(({ key }) => key);
  assert.ok(!after.includes("why"));
  const op = { id: "+", role: "op", notes: [{ name: "s" }, { name: "t", version: 1 }], saved: "freed" };
  const told = Object.fromEntries(facts(op, LINKS, "", say).map(({ key, text, ids }) => [key, text ?? ids]));
  assert.deepEqual(told, { saved: "saved_notes s v0commat v1 freed", maker: ["p", "q"], users: ["s"] });
});

test("what is chosen begins with the film's start, and returns to it", () => {
  const choice = choiceOf({ hide: ["saved"], detail: "ledger" });
  const heard = [];
  choice.listen((now) => heard.push(classesOf(now).join(" ")));
  choice.toggle("saved");
  choice.toggle("values");
  choice.nextDetail();
  choice.set({ predict: true });
  choice.reset();
  assert.deepEqual(heard, [
    "detail-ledger",
    "detail-ledger hide-values",
    "detail-operation hide-values",
    "detail-operation hide-values predicting",
    "detail-ledger hide-saved",
  ]);
});
