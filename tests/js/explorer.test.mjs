// The explorer's pure functions. `node --test tests/js`
import assert from "node:assert/strict";
import { test } from "node:test";

import { askedBy, doingOf, edgeOf, filled, rangeOf, toldBy } from "../../autovis/widgets/static/explorer.js";

const WORDS = { stale_told: "stale", run_told: "ran", failed_told: "failed", first_told: "first" };

test("a sentence is filled in, and what is not known stays", () => {
  assert.equal(filled("{a} and {b}, {a}", { a: 1 }), "1 and {b}, 1");
});

test("a slider reaches to both sides of its value in round steps", () => {
  assert.deepEqual(rangeOf(1), { min: -10, max: 10, step: 0.2 });
  assert.deepEqual(rangeOf(0), { min: -5, max: 5, step: 0.1 });
  for (const value of [-300, -2.5, 0.001, 7, 4000]) {
    const { min, max } = rangeOf(value);
    assert.ok(min <= value && value <= max, String(value));
  }
});

test("a key asks for one thing, with shift for another", () => {
  const asked = (key, shiftKey = false) => doingOf({ key, shiftKey });
  assert.deepEqual(
    ["b", "B", "z", "u", "r", "Enter", "q", "ArrowLeft"].map((key) => asked(key)),
    ["backward", "backward", "clear", "undo", "reset", "run", "", ""],
  );
  assert.equal(asked("U", true), "redo");
  assert.equal(asked("Z", true), "");
});

test("a button asks for what it says", () => {
  assert.deepEqual(askedBy("zeros"), { do: "clear", zeros: true });
  assert.deepEqual(askedBy("undo"), { do: "undo" });
});

test("a cut is found by each of its lines", () => {
  const edges = [
    { id: "e1", text: "", cut: false, also: [] },
    { id: "c5", text: "", cut: true, also: ["e4", "e6"] },
  ];
  assert.equal(edgeOf(edges, "e6"), edges[1]);
  assert.equal(edgeOf(edges, "e1"), edges[0]);
  assert.equal(edgeOf(edges, "e9"), undefined);
});

test("a refusal comes first, then what is stale", () => {
  const told = (state) => toldBy({ words: WORDS, told: "", stale: false, compared: false, errors: [{}, {}], ...state });
  assert.equal(told({ told: "no", stale: true }), "no");
  assert.equal(told({ stale: true, compared: true }), "stale");
  assert.equal(told({ compared: true }), "ran");
  assert.equal(told({}), "first");
  assert.equal(told({ compared: true, errors: [{}, { kind: "RuntimeError" }] }), "failed");
  assert.equal(told({ compared: true, errors: [{ kind: "RuntimeError" }, {}] }), "ran");
});
