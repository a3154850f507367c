// The pure part of a question's panel: what counts as chosen.
import assert from "node:assert/strict";
import test from "node:test";
import { chosen } from "../../autovis/classroom/static/question.js";

const radio = (value, checked) => ({ type: "radio", value, checked });
const typed = (value) => ({ type: "text", value, checked: false });

test("what is ticked is chosen, in the order of the options", () => {
  assert.deepEqual(chosen([radio("2", false), radio("3", true), radio("5", true)]), ["3", "5"]);
});

test("a typed number counts without the blanks around it", () => {
  assert.deepEqual(chosen([typed(" -52,5 ")]), ["-52,5"]);
});

test("nothing ticked and nothing typed is no answer", () => {
  assert.deepEqual(chosen([radio("2", false), typed("   ")]), []);
});
