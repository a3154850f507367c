// The pure part of the presenter's view: a sentence without its numbers.
import assert from "node:assert/strict";
import test from "node:test";
import { veiled } from "../../autovis/widgets/static/presenter.js";

test("numbers go, and the rest stays", () => {
  assert.equal(veiled("5 is added to p.grad, which was None and becomes -0.25."), "? is added to p.grad, which was ? and becomes ?.");
  assert.equal(veiled("1.5e-05 × 2 = 3e-05 to w1"), "? × ? = ? to w1");
  assert.equal(veiled("把 2 累积到 x.grad：它原来是 None，变为 2。"), "把 ? 累积到 x.grad：它原来是 ?，变为 ?。");
  assert.equal(veiled(undefined), "");
});

test("a name stays whole, the longest first, and a number is no name", () => {
  const names = ["p", "p + 1", "x[0]", "1", "w.2"];
  assert.equal(veiled("p + 1 sends 3 to p; the number 1 gets nothing", names), "p + 1 sends ? to p; the number ? gets nothing");
  assert.equal(veiled("x[0] is 3, w.2 is 4", names), "x[0] is ?, w.2 is ?");
});
