import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING, applyMessage } from "../../agent_ui/static/js/models/desk_state.js";

const CALL = { call_id: "c1", state: "TALKING" };
const desk = (changes = {}) => ({ agent: { state: "READY" }, queue: {}, call: null, captions: [],
  drafts: [], work: [], ...changes });
const start = (changes) => applyMessage(NOTHING, { type: "snapshot", seq: 1, state: desk(changes) });
const event = (seq, body) => ({ type: "event", seq, event: body });
const caption = (id, start_ms, speaker = "caller") => ({ utterance_id: id, speaker, start_ms,
  end_ms: start_ms + 1000, text: id });

test("an event before any snapshot asks for one", () => {
  assert.equal(applyMessage(NOTHING, event(1, { kind: "work", work: [] })), "resync");
});
test("a gap in the numbers asks for a snapshot", () => {
  assert.equal(applyMessage(start(), event(3, { kind: "work", work: [] })), "resync");
});
test("an old event changes nothing", () => {
  const before = start();
  assert.equal(applyMessage(before, event(1, { kind: "call", call: CALL })), before);
});
test("another call takes the words and the draft of the one before away", () => {
  const before = start({ call: CALL, captions: [caption("u1", 0)], drafts: [{ case_id: "k" }] });
  const after = applyMessage(before, event(2, { kind: "call", call: { call_id: "c2" } }));
  assert.deepEqual([after.desk.captions, after.desk.drafts], [[], []]);
});
test("the same call in another state keeps its words", () => {
  const before = start({ call: CALL, captions: [caption("u1", 0)] });
  const after = applyMessage(before, event(2, { kind: "call", call: { ...CALL, state: "HELD" } }));
  assert.equal(after.desk.captions.length, 1);
});
test("captions stand in the order spoken, whatever order they came in, and never twice", () => {
  let now = start({ call: CALL });
  const told = [caption("b", 2000), caption("a", 100), caption("b", 2000)];
  told.forEach((one, i) => (now = applyMessage(now, event(i + 2, { kind: "caption", call_id: "c1",
    caption: one }))));
  assert.deepEqual(now.desk.captions.map((c) => c.utterance_id), ["a", "b"]);
});
test("a caption of another call is not shown", () => {
  const after = applyMessage(start({ call: CALL }), event(2, { kind: "caption", call_id: "c9",
    caption: caption("a", 0) }));
  assert.deepEqual(after.desk.captions, []);
});
test("a partial goes when its final comes and does not come back as a ghost", () => {
  const partial = { kind: "partial", call_id: "c1", speaker: "caller", start_ms: 100, text: "路灯" };
  let now = applyMessage(start({ call: CALL }), event(2, partial));
  assert.equal(now.desk.partials.caller.text, "路灯");
  now = applyMessage(now, event(3, { kind: "caption", call_id: "c1", caption: caption("a", 100) }));
  assert.equal(now.desk.partials.caller, undefined);
  now = applyMessage(now, event(4, partial));
  assert.equal(now.desk.partials.caller, undefined);
});
