import assert from "node:assert/strict";
import test from "node:test";
import { actionOf, rowAfter } from "../../agent_ui/static/js/models/rows.js";

/** @param {string} key @param {object} more */
const press = (key, more = {}) => ({
  key,
  code: key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});

test("arrows move within the list and stop at its ends", () => {
  assert.equal(rowAfter(press("ArrowDown"), 0, 3, false), 1);
  assert.equal(rowAfter(press("ArrowDown"), 2, 3, false), 2);
  assert.equal(rowAfter(press("ArrowUp"), 0, 3, false), 0);
  assert.equal(rowAfter(press("End"), 0, 3, false), 2);
});

test("outside the list only Alt and an arrow lead into it", () => {
  assert.equal(rowAfter(press("ArrowDown"), -1, 3, false), null);
  assert.equal(rowAfter(press("ArrowDown", { altKey: true }), -1, 3, false), 0);
  assert.equal(rowAfter(press("ArrowDown", { altKey: true }), 0, 3, true), 1);
});

test("keys belong to the person who is writing or composing", () => {
  assert.equal(rowAfter(press("ArrowDown"), 1, 3, true), null);
  assert.equal(rowAfter(press("ArrowDown", { altKey: true, isComposing: true }), 1, 3, false), null);
  assert.equal(rowAfter(press("j"), 1, 3, false), null);
});

test("Alt and a digit name an action", () => {
  assert.equal(actionOf(press("¡", { code: "Digit1", altKey: true })), 0);
  assert.equal(actionOf(press("1", { code: "Digit1" })), null);
});
