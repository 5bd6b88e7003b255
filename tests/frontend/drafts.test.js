import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "../../agent_ui/static/js/models/caption_words.js";
import * as drafts from "../../agent_ui/static/js/models/drafts.js";

const draft = (matter, status = "DRAFT", more = {}) =>
  ({ case_id: `k${matter}`, matter, status, fields: {}, tripwires: [], alike: [], ...more });
const page = (list, matter = 0) => ({ numbered: { seq: 1, desk: { drafts: list } }, matter });
const word = (text, confidence) => ({ text, start_ms: 0, end_ms: 100, confidence });

test("the first open matter is in front until the agent chooses another", () => {
  const list = [draft(1, "PENDING_ANALYSE"), draft(2)];
  assert.equal(drafts.openDraft(page(list)).matter, 2);
  assert.equal(drafts.openDraft(page(list, 1)).matter, 1);
  assert.equal(drafts.openDraft(page([])), null);
  assert.equal(drafts.openMatter(page([])), 1);
});
test("the matters go round", () => {
  const list = [draft(1), draft(2)];
  assert.deepEqual([1, 2].map((m) => drafts.nextMatter(list, m)), [2, 1]);
});
test("one entry of the gazetteer is one candidate, best first", () => {
  const choice = (place_id, score) => ({ value: place_id, place_id, score, lat: 1, lon: null });
  const places = { value: ["b"], choices: [choice("a", 0.5), choice("b", 0.9), choice("a", 0.5)] };
  const found = drafts.placeChoices(draft(1, "DRAFT", { fields: { places } }));
  assert.deepEqual(found.map((one) => [one.place_id, one.chosen]), [["b", true], ["a", false]]);
});
test("one key joins the best case that may be joined", () => {
  const alike = [{ case_id: "x", can_join: false }, { case_id: "y", can_join: true }];
  assert.equal(drafts.bestAlike(draft(1, "DRAFT", { alike })).case_id, "y");
  assert.equal(drafts.bestAlike(draft(1, "MERGED", { alike })), null);
});
test("words that are not sure are marked, whatever was polished between them", () => {
  const caption = { text: "文昌路，3盏路灯坏了。", confidence: 0.8, edited: false,
    words: [word("文昌路", 0.4), word("三盏", 0.9), word("路灯", 0.9), word("坏了", 0.3)] };
  const found = pieces(caption);
  assert.equal(found.map((one) => one.text).join(""), caption.text);
  assert.deepEqual(found.filter((one) => one.unsure).map((one) => one.text), ["文昌路", "坏了"]);
});
test("without words the whole sentence is as sure as the recogniser", () => {
  const caption = { text: "喂", confidence: 0.3, edited: false, words: [] };
  assert.deepEqual(pieces(caption).map((one) => one.unsure), [true]);
  assert.deepEqual(pieces({ ...caption, edited: true }).map((one) => one.unsure), [false]);
});
