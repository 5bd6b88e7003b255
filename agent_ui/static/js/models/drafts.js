/**
 * The matters of a call: which one is in front, and what the desk shows beside it. No DOM.
 * @import { DraftView, AlikeView, TripwireView, FieldView } from "../types.js"
 * @import { Numbered } from "./desk_state.js"
 *
 * @typedef {{ value: string, place_id: string, score: number, kind: string, town: string,
 *   lat: number | null, lon: number | null, exact: boolean, local: boolean, words: string,
 *   chosen: boolean }} PlaceChoice
 */

const MOST_PLACES = 6;

/** The matter in front: the one the agent chose, else the first that is still a draft.
 * @param {{ numbered: Numbered, matter: number }} page @returns {DraftView | null} */
export function openDraft({ numbered, matter }) {
  const drafts = numbered.desk?.drafts ?? [];
  const chosen = drafts.find((draft) => draft.matter === matter);
  return chosen ?? drafts.find((draft) => draft.status === "DRAFT") ?? drafts.at(-1) ?? null;
}

/** The number under which the open matter's typing is kept, also before the draft exists.
 * @param {{ numbered: Numbered, matter: number }} page */
export function openMatter(page) {
  return openDraft(page)?.matter ?? 1;
}

/** The matter after this one, around. @param {DraftView[]} drafts @param {number} matter */
export function nextMatter(drafts, matter) {
  const at = drafts.findIndex((draft) => draft.matter === matter);
  return drafts[(at + 1) % drafts.length]?.matter ?? matter;
}

/** Candidates for the place, one entry of the gazetteer each, best first.
 * @param {DraftView | null} draft @returns {PlaceChoice[]} */
export function placeChoices(draft) {
  const field = draft?.fields["places"];
  const chosen = new Set(/** @type {unknown[]} */ (listOf(field)));
  const seen = new Set();
  /** @type {PlaceChoice[]} */
  const found = [];
  for (const one of field?.choices ?? []) {
    const id = String(one["place_id"] ?? "");
    if (id === "" || seen.has(id)) continue;
    seen.add(id);
    found.push({
      value: String(one["value"] ?? ""),
      place_id: id,
      score: Number(one["score"] ?? 0),
      kind: String(one["kind"] ?? ""),
      town: String(one["town"] ?? ""),
      lat: degrees(one["lat"]),
      lon: degrees(one["lon"]),
      exact: one["heard_exactly"] === true,
      local: one["in_jurisdiction"] !== false,
      words: String(one["words"] ?? ""),
      chosen: chosen.has(one["value"]),
    });
  }
  const order = found.map((one, at) => ({ one, at }));
  order.sort((a, b) => b.one.score - a.one.score || a.at - b.at);
  return order.map(({ one }) => one).slice(0, MOST_PLACES);
}

/** The point that the address as a whole means (a crossing, two hundred metres east).
 * @param {DraftView | null} draft @returns {{ lat: number, lon: number } | null} */
export function meantPoint(draft) {
  const first = draft?.fields["place_text"]?.choices[0];
  const [lat, lon] = [degrees(first?.["lat"]), degrees(first?.["lon"])];
  return lat === null || lon === null ? null : { lat, lon };
}

/** Warnings that nobody has waved off. @param {DraftView | null} draft @returns {TripwireView[]} */
export function activeWires(draft) {
  return (draft?.tripwires ?? []).filter((wire) => wire.dismissed === null);
}

/** The case that one key joins: the best one that may be joined.
 * @param {DraftView | null} draft @returns {AlikeView | null} */
export function bestAlike(draft) {
  if (draft?.status !== "DRAFT") return null;
  return draft.alike.find((one) => one.can_join) ?? null;
}

/** @param {FieldView | undefined} field */
function listOf(field) {
  return Array.isArray(field?.value) ? field.value : [];
}

/** @param {unknown} value */
function degrees(value) {
  return typeof value === "number" ? value : null;
}
