// The order lab's pure functions. `node --test tests/js`
import assert from "node:assert/strict";
import { test } from "node:test";

import { framesAt, lastOf } from "../../autovis/widgets/static/order.js";

const films = [3, 5].map((count) => ({ frames: Array.from({ length: count }, () => ({ kind: "send" })) }));

test("both films go to the end of the longer one, and the shorter waits at its end", () => {
  assert.equal(lastOf(films[0], films[1]), 4);
  assert.deepEqual(framesAt(1, films), [1, 1]);
  assert.deepEqual(framesAt(4, films), [2, 4]);
});
