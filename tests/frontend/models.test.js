import assert from "node:assert/strict";
import { test } from "node:test";
import { lookOf } from "../../agent_ui/static/js/models/agent_status.js";
import { groups } from "../../agent_ui/static/js/models/case_number.js";
import * as pending from "../../agent_ui/static/js/models/pending.js";
import { UNKNOWN, mayGoReady, missing } from "../../agent_ui/static/js/models/readiness.js";
import { shortcutOf, throttle } from "../../agent_ui/static/js/models/shortcuts.js";
import * as timers from "../../agent_ui/static/js/models/timers.js";

const press = (keys) => ({ key: "", code: "", altKey: false, ctrlKey: false, metaKey: false,
  shiftKey: false, isComposing: false, repeat: false, ...keys });

test("F2 answers, F9 hangs up, Alt+S saves", () => {
  assert.deepEqual(shortcutOf(press({ key: "F2" })), { action: "answer" });
  assert.deepEqual(shortcutOf(press({ key: "F9" })), { action: "hang_up" });
  assert.deepEqual(shortcutOf(press({ altKey: true, code: "KeyS" })), { action: "save" });
  assert.deepEqual(shortcutOf(press({ altKey: true, code: "Digit3" })), { action: "field", index: 2 });
});
test("no bare letter does anything", () => {
  for (const letter of "abcdefghijklmnopqrstuvwxyz0123456789") {
    const code = `Key${letter.toUpperCase()}`;
    assert.equal(shortcutOf(press({ key: letter, code })), null);
  }
});
test("keys belong to the input method while it composes", () => {
  assert.equal(shortcutOf(press({ key: "F2", isComposing: true })), null);
});
test("hang-up passes once a second", () => {
  const may = throttle(1000);
  assert.deepEqual([0, 500, 999, 1000, 2100].map(may), [true, false, false, true, true]);
});
test("ready needs the socket, and in a browser phone the registration and the microphone", () => {
  const proven = { ...UNKNOWN, socket: "ok", sip: "ok", mic: "ok" };
  assert.equal(mayGoReady(proven, true), true);
  for (const part of ["socket", "sip", "mic"]) {
    assert.equal(mayGoReady({ ...proven, [part]: "wait" }, true), false);
    assert.notEqual(missing({ ...proven, [part]: "wait" }, true), "");
  }
  assert.equal(mayGoReady({ ...UNKNOWN, socket: "ok" }, false), true);
});
test("a click is pending until the state shows it, refused, or too late", () => {
  const list = pending.add([], { id: "1", type: "hold", sentAt: 0 });
  const desk = (state) => ({ agent: { state: "TALKING" }, call: { state }, draft: null });
  assert.equal(pending.confirm(list, desk("TALKING")).length, 1);
  assert.equal(pending.confirm(list, desk("HELD")).length, 0);
  assert.equal(pending.drop(list, "1").length, 0);
  assert.equal(pending.expire(list, 7000).late.length, 1);
});
test("wait, talk and wrap-up are three times", () => {
  const at = (s) => new Date(s * 1000).toISOString();
  const call = { queued_at: at(10), arrived_at: at(0), answered_at: at(32), ended_at: null,
    state: "TALKING", held_at: null };
  const talking = timers.threeTimers({ state: "TALKING", until: null }, call, 100_000);
  assert.deepEqual(talking, { wait: 22, talk: 68, hold: null, wrap: null });
  const over = { ...call, ended_at: at(90), state: "ENDED" };
  const wrapping = timers.threeTimers({ state: "WRAP_UP", until: at(130) }, over, 100_000);
  assert.deepEqual(wrapping, { wait: 22, talk: 58, hold: null, wrap: 30 });
});
test("the clock follows the server's, half the way there and back", () => {
  assert.equal(timers.clockOffset(1000, 1100, new Date(5050).toISOString()), 4000);
  assert.equal(timers.clockText(3723), "1:02:03");
  assert.equal(timers.clockText(67), "1:07");
});
test("a held caller is spoken to within a minute", () => {
  assert.deepEqual([null, 29, 30, 60].map(timers.holdWarning), ["", "", "warn", "late"]);
});
test("every state has an icon, a word and an age beside its colour", () => {
  for (const state of ["SIGNED_OUT", "NOT_READY", "READY", "RINGING", "TALKING", "WRAP_UP"]) {
    const look = lookOf({ state }, null, 0);
    assert.ok(look.icon && look.word && look.tone);
  }
  assert.deepEqual([0, 60, 300].map((s) => lookOf({ state: "READY" }, null, s).age), [0, 1, 2]);
});
test("a case number is shown in the groups in which it is spoken", () => {
  assert.deepEqual(groups("2026112300042"), ["2026", "112", "300", "042"]);
});
