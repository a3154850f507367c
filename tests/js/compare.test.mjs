// Two films in step: what each side shows, what differs, what a step tells.
import assert from "node:assert/strict";
import test from "node:test";
import { differences, merged, shownOf } from "../../autovis/widgets/static/compare.js";

const STEPS = [[0, 0], [1, -1], [-1, 1], [2, 2]];
const say = (key, args = {}) => [key, ...Object.values(args)].join(" ");

test("a side without a counterpart goes on showing the frame before", () => {
  assert.deepEqual(shownOf(STEPS, 0, -1), [0, 1, 1, 2]);
  assert.deepEqual(shownOf(STEPS, 1, -1), [0, 0, 1, 2]);
});

test("a step tells what both tell, or who tells it alone", () => {
  const frames = [
    [{ kind: "start", text: "a" }, { kind: "send", text: "b" }, { kind: "free", text: "c" }],
    [{ kind: "start", text: "a" }, { kind: "cut", text: "d" }, { kind: "free", text: "e" }],
  ];
  assert.deepEqual(
    merged({ steps: STEPS, gap: -1 }, frames, ["one", "two"], say).map(({ kind, text }) => [kind, text]),
    [["start", "a"], ["send", "compare_only one b"], ["cut", "compare_only two d"], ["free", "c / e"]],
  );
});

test("what differs is found in what is drawn and in what has changed since", () => {
  const items = [
    new Map([["t1", { id: "t1", role: "leaf", value: "1", grad: "None" }]]),
    new Map([["t7", { id: "t7", role: "leaf", value: "1", grad: "None" }]]),
  ];
  const same = [["t1", "t7"], ["e1", "e7"]];
  assert.deepEqual(differences(same, items, [{}, {}]), []);
  assert.deepEqual(differences(same, items, [{ t1: { grad: "5" }, e1: { token: "2" } }, { t7: { grad: "3" } }]), [
    { ids: ["t1", "t7"], part: "grad", texts: ["5", "3"] },
    { ids: ["e1", "e7"], part: "token", texts: ["2", ""] },
  ]);
  assert.deepEqual(differences(same, items, [{ t1: { grad: "5" } }, { t7: { visible: false } }]), []);
});
