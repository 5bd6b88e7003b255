import assert from "node:assert/strict";
import { test } from "node:test";
import * as form from "../../agent_ui/static/js/models/draft_form.js";

const field = (value, more = {}) => ({ value, origin: "MACHINE", confidence: 0.8, sources: [],
  suggestion: null, choices: [], confirmed: false, ...more });
const draft = (fields) => ({ case_id: "k", fields });

test("the machine fills an untouched field", () => {
  const row = form.rowOf(draft({ title: field("路灯不亮") }), {}, "title");
  assert.deepEqual([row.value, row.origin], ["路灯不亮", "MACHINE"]);
});
test("what the agent typed stands, and the machine's words are offered beside it", () => {
  const typed = form.type({}, "title", "人民路路灯");
  const row = form.rowOf(draft({ title: field("路灯不亮") }), typed, "title");
  assert.deepEqual([row.value, row.origin, row.suggestion], ["人民路路灯", "AGENT", "路灯不亮"]);
});
test("a typed field that is saved still only offers what the machine thinks now", () => {
  const saved = field("人民路路灯", { origin: "AGENT", suggestion: "路灯坏了" });
  const row = form.rowOf(draft({ title: saved }), {}, "title");
  assert.deepEqual([row.value, row.suggestion, row.saving], ["人民路路灯", "路灯坏了", false]);
});
test("an emptied field stays empty", () => {
  const row = form.rowOf(draft({ title: field("路灯不亮") }), form.type({}, "title", ""), "title");
  assert.deepEqual([row.value, row.suggestion], ["", "路灯不亮"]);
});
test("each edit is sent once, and again after the socket was lost", () => {
  const first = form.takeUnsent(form.type({}, "title", "甲"));
  assert.deepEqual(first.edits, [{ field: "title", value: "甲" }]);
  assert.deepEqual(form.takeUnsent(first.typed).edits, []);
  assert.equal(form.takeUnsent(form.markUnsent(first.typed)).edits.length, 1);
});
test("an edit is forgotten only when the server shows exactly it", () => {
  const typed = form.type({}, "title", "甲乙");
  const older = draft({ title: field("甲", { origin: "AGENT" }) });
  assert.deepEqual(form.settle(typed, older), typed);
  assert.deepEqual(form.settle(typed, draft({ title: field("甲乙", { origin: "AGENT" }) })), {});
});
test("audio starts two seconds before the words and never before the call", () => {
  assert.ok(Math.abs(form.playFrom({ start_ms: 17600 }) - 15.6) < 1e-9);
  assert.equal(form.playFrom({ start_ms: 900 }), 0);
});
test("lists and named things read as text", () => {
  assert.equal(form.asText(["城市管理", { name: "路灯" }]), "城市管理、路灯");
});
