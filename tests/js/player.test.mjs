// The pure part of the player: every function of the frames, with small exact numbers.
import assert from "node:assert/strict";
import test from "node:test";
import * as film from "../../autovis/widgets/static/film.js";
import * as stage from "../../autovis/widgets/static/stage.js";
import * as transport from "../../autovis/widgets/static/transport.js";

const player = { ...film, ...stage, ...transport };
const WORDS = {
  comma: ", ",
  is_value: "value {value}",
  is_grad: ".grad {grad}",
  is_saved: "saved values {state}",
  is_active: "active in this step",
  tray_waiting: "waiting for {due} more",
  tray_complete: "complete",
  ledger_zero: "zeroed: {new}",
  ledger_none: "cleared: None",
};
const say = player.speaker(WORDS);

const FRAMES = [
  { kind: "start" },
  { kind: "seed", call: 1, changes: { e1: { token: "1" } } },
  { kind: "fan_in", call: 1, tray: { node: "t1", before: "0", arriving: "3", after: "3", came: 1, of: 2 } },
  { kind: "send", call: 1, changes: { e1: { token: "" }, o1: { saved: "freed" } } },
  {
    kind: "fan_in",
    call: 1,
    tray: { node: "t1", before: "3", arriving: "2", after: "5", came: 2, of: 2 },
    changes: { t1: { tray: "3 + 2 = 5" } },
  },
  {
    kind: "accumulate",
    call: 1,
    ledger: { leaf: "t1", name: "p", event: "add", old: "None", arriving: "5", new: "5", call: 1 },
    changes: { t1: { grad: "5" } },
  },
  {
    kind: "clear",
    ledger: { leaf: "t1", name: "p", event: "zero", old: "5", new: "0" },
    changes: { t1: { grad: "0" } },
  },
  {
    kind: "accumulate",
    call: 2,
    ledger: { leaf: "t2", name: "q", event: "add", old: "None", arriving: "2", new: "2", call: 2 },
  },
  { kind: "clear", ledger: { leaf: "t1", name: "p", event: "none", old: "0" } },
];
const ALL = [...FRAMES.keys()];

test("a playhead stays inside its film", () => {
  assert.deepEqual(
    [-1, 0, 2, 3, 1.4, NaN].map((index) => player.clamp(index, 3)),
    [0, 0, 2, 2, 1, 0],
  );
});

test("states add up the deltas", () => {
  const all = player.states(FRAMES);
  assert.deepEqual(all(0), {});
  assert.deepEqual(all(1), { e1: { token: "1" } });
  assert.deepEqual(all(6), { e1: { token: "" }, o1: { saved: "freed" }, t1: { tray: "3 + 2 = 5", grad: "0" } });
});

test("a state of a long film is the same from near and from far", () => {
  const frames = Array.from({ length: 200 }, (_, i) => ({ changes: { [`e${i % 7}`]: { token: String(i) } } }));
  const [near, far] = [player.states(frames), player.states(frames)];
  for (let i = 0; i < 200; i += 1) near(i);
  for (const i of [199, 0, 64, 63, 65, 130]) assert.deepEqual(near(i), far(i));
  assert.deepEqual(Object.values(far(130)).map(({ token }) => Number(token)).sort((a, b) => a - b), [124, 125, 126, 127, 128, 129, 130]);
});

test("what did not change keeps its object, so that a step writes only what changed", () => {
  const all = player.states(FRAMES);
  assert.equal(all(2).e1, all(1).e1);
  assert.notEqual(all(3).e1, all(1).e1);
  assert.deepEqual(all(1).e1, { token: "1" });
});

test("up and down jump from leaf to leaf, and stay where there is none", () => {
  assert.deepEqual(
    [0, 5, 7].map((index) => player.nextLeaf(FRAMES, ALL, index, 1)),
    [5, 7, 7],
  );
  assert.deepEqual(
    [8, 7, 5].map((index) => player.nextLeaf(FRAMES, ALL, index, -1)),
    [7, 5, 5],
  );
});

test("with one leaf chosen they go along what happens to it: its sums, its ledger", () => {
  assert.deepEqual(
    [0, 2, 4, 5, 6, 8].map((index) => player.nextLeaf(FRAMES, ALL, index, 1, "t1")),
    [2, 4, 5, 6, 8, 8],
  );
  assert.equal(player.nextLeaf(FRAMES, [0, 5, 7], 5, -1, "t1"), 5);
});

test("a level of detail shows some frames, and the first one always", () => {
  const stops = (detail, ...hidden) => player.stopsOf(FRAMES, detail, new Set(hidden));
  assert.deepEqual(stops("chain"), ALL);
  assert.deepEqual(stops("operation"), [0, 1, 3, 5, 6, 7, 8]);
  assert.deepEqual(stops("ledger"), [0, 5, 6, 7, 8]);
  const steps = ["start", "local", "hook", "send", "retain"].map((kind) => ({ kind }));
  assert.deepEqual(player.stopsOf(steps, "operation", new Set()), [0, 3, 4]);
  assert.deepEqual(player.stopsOf(steps, "ledger", new Set()), [0, 4]);
  const saved = [{ kind: "start" }, { kind: "free", layer: "saved" }, { kind: "send" }];
  assert.deepEqual(player.stopsOf(saved, "chain", new Set(["saved"])), [0, 2]);
});

test("another level of detail stays with what is told: the same element, else the frame before", () => {
  const frames = [{ kind: "start" }, { kind: "local", node: "o1" }, { kind: "send", node: "o1" }, { kind: "free", node: "o1" }];
  const next = [...frames, { kind: "send", node: "o2" }];
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((index) => player.corresponding(next, [0, 2, 4], index)),
    [0, 2, 2, 2, 4],
  );
  assert.equal(player.corresponding(next, [0], 4), 0);
});

test("words are filled in; what the table lacks says its key", () => {
  const speak = player.speaker({ sent_to: "{sent} to {to}" });
  assert.equal(speak("sent_to", { sent: 2, to: "s" }), "2 to s");
  assert.equal(speak("sent_to", { sent: "{to}" }), "{to} to {to}");
  assert.equal(speak("play"), "play");
});

test("the timeline marks events, not every frame", () => {
  const found = (stops) => player.marks(FRAMES, stops).map(({ at, kind }) => `${at} ${kind}`);
  assert.deepEqual(found(ALL), [
    "1 seed",
    "2 fan_in",
    "4 fan_in",
    "5 accumulate",
    "6 clear",
    "7 accumulate",
    "8 clear",
  ]);
  assert.deepEqual(found([0, 5, 6]), ["1 accumulate", "2 clear"]);
});

test("the ledger keeps the leaves apart and marks the line of this frame", () => {
  const lines = (index) =>
    player
      .ledgerUpTo(FRAMES, index, say)
      .map(({ name, entries }) => [name, ...entries.map(({ text, current }) => text + (current ? " <" : ""))]);
  assert.deepEqual(lines(4), []);
  assert.deepEqual(lines(5), [["p", "None + 5 = 5 <"]]);
  assert.deepEqual(lines(8), [
    ["p", "None + 5 = 5", "zeroed: 0", "cleared: None <"],
    ["q", "None + 2 = 2"],
  ]);
});

test("a tray is shown until it is complete", () => {
  const at = (index) => {
    const found = player.trayAt(FRAMES, index);
    return found && [player.trayText(found.tray), player.waitingText(found.tray, say), found.current];
  };
  assert.deepEqual(at(1), null);
  assert.deepEqual(at(2), ["0 + 3 = 3", "waiting for 1 more", true]);
  assert.deepEqual(at(3), ["0 + 3 = 3", "waiting for 1 more", false]);
  assert.deepEqual(at(4), ["3 + 2 = 5", "complete", true]);
  assert.deepEqual(at(5), null);
});

test("a tray left waiting belongs to its own call", () => {
  const frames = [FRAMES[2], { kind: "seed", call: 2 }];
  assert.equal(player.trayAt(frames, 1), null);
});

test("an element is described by words alone", () => {
  const leaf = { id: "t1", word: "leaf", label: "p", value: "1", grad: "None" };
  assert.equal(player.describe(leaf, say), "leaf p, value 1, .grad None");
  assert.equal(player.describe({ ...leaf, grad: "5" }, say, true), "leaf p, value 1, .grad 5, active in this step");
  assert.equal(player.describe({ id: "o1", word: "op", label: "×", saved: "freed" }, say), "op ×, saved values freed");
  assert.equal(player.describe({ ...leaf, visible: false }, say), "");
});

const METRICS = { advance: 0.5, wide_from: 0x2e80, longest: 6, sizes: { token: 10 }, pill: { pad: 4, height: 22 } };

test("a token is as wide as its columns, and never narrower than high", () => {
  assert.deepEqual(
    ["", "2", "2.5", "梯度"].map((text) => player.pillWidth(text, METRICS)),
    [22, 22, 23, 28],
  );
});

test("a long text is cut as the writer of the picture cuts it", () => {
  assert.deepEqual(
    ["abcdef", "abcdefg", "梯度梯度"].map((text) => player.shorten(text, METRICS)),
    ["abcdef", "abcde…", "梯度…"],
  );
});

test("the longest text keeps the room", () => {
  assert.equal(player.longest(["a", undefined, "ccc", "bb"]), "ccc");
  assert.equal(player.longest(["three", "梯度相加"]), "梯度相加");
  assert.equal(player.longest([]), "");
});

/** A playhead on a film of five frames, and what it told. */
function playhead(t, start = 0) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const head = player.playheadOf([0, 1, 2, 3, 4], start, {
    onMove: (index, before) => told.push(`${before}>${index}`),
    onTurn: (playing) => told.push(playing ? "play" : "pause"),
    onSettle: (index) => told.push(`rests at ${index}`),
  });
  return { head, told, wait: (milliseconds) => t.mock.timers.tick(milliseconds) };
}

test("playing shows a frame every 1.6 seconds and stops on the last one", (t) => {
  const { head, told, wait } = playhead(t, 2);
  head.play();
  wait(1);
  wait(1600);
  wait(9999);
  assert.deepEqual(told, ["play", "2>3", "rests at 3", "pause", "3>4", "rests at 4"]);
});

test("playing at the end starts again, and the first frame stays as long as the others", (t) => {
  const { head, wait } = playhead(t, 4);
  head.play();
  assert.equal(head.index(), 0);
  wait(1599);
  assert.equal(head.index(), 0);
  wait(1);
  assert.equal(head.index(), 1);
});

test("the wait changes with the speed, also while playing", (t) => {
  const { head, wait } = playhead(t);
  head.play();
  wait(1);
  head.speed(2);
  wait(800);
  assert.equal(head.index(), 2);
  head.speed(0.5);
  wait(3199);
  assert.equal(head.index(), 2);
  wait(1);
  assert.equal(head.index(), 3);
});

test("a step by hand pauses first", (t) => {
  const { head, told, wait } = playhead(t);
  head.play();
  wait(1);
  head.goTo(0);
  wait(9999);
  assert.deepEqual(told, ["play", "0>1", "pause", "1>0", "rests at 0"]);
});

test("only where the playhead rests is told", (t) => {
  const { head, told, wait } = playhead(t);
  head.goTo(1);
  head.goTo(2);
  wait(149);
  head.goTo(3);
  wait(150);
  assert.deepEqual(told, ["0>1", "1>2", "2>3", "rests at 3"]);
});

test("a stopped playhead tells nothing more", (t) => {
  const { head, told, wait } = playhead(t);
  head.play();
  head.goTo(2);
  head.stop();
  wait(9999);
  assert.deepEqual(told, ["play", "pause", "0>2"]);
});

test("a playhead that is given other stops goes to the one that it is told", (t) => {
  const { head, told } = playhead(t, 3);
  head.cut([0, 2, 4], 4);
  assert.deepEqual([head.index(), head.at(), told], [4, 2, ["3>4"]]);
  head.step(-1);
  assert.equal(head.index(), 2);
  head.goTo(1);
  assert.equal(head.index(), 0);
});

test("playing stops where something is asked, and does not go on from there", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const head = player.playheadOf([0, 1, 2, 3, 4], 0, {
    onMove: (index) => told.push(index),
    onTurn: (playing) => told.push(playing ? "play" : "pause"),
    onSettle: () => {},
    waits: (index) => index === 2,
  });
  head.play();
  t.mock.timers.tick(1);
  t.mock.timers.tick(9999);
  assert.deepEqual(told, ["play", 1, "pause", 2]);
  head.play();
  t.mock.timers.tick(9999);
  assert.equal(head.index(), 2);
  head.step(1);
  assert.equal(head.index(), 3);
});
