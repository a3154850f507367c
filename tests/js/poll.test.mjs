// The pure part of a poll: what was typed as a number of hands, and shares.
import assert from "node:assert/strict";
import test from "node:test";
import { handsOf, percent } from "../../autovis/widgets/static/poll.js";

test("what is no number of hands counts as none, and nobody has more than there are", () => {
  assert.deepEqual(
    ["12", "", "-3", "2.7", "x", "1e9"].map((text) => handsOf(text, 9999)),
    [12, 0, 0, 2, 0, 9999],
  );
});

test("shares are whole percents of a round, of an empty one too", () => {
  assert.deepEqual([percent(1, [1, 2, 3]), percent(3, [1, 2, 3]), percent(0, [0, 0])], [17, 50, 0]);
});
