/**
 * The draft form: what the server knows merged with what the agent is typing. No DOM.
 * The law: a field the agent touched keeps the agent's words; the machine may only offer beside it.
 * @import { DraftView, FieldView, SourceView } from "../types.js"
 *
 * @typedef {{ value: string, sent: boolean }} Typed
 *   sent: the edit is on its way; it stays until the server's copy shows it.
 * @typedef {Record<string, Typed>} TypedFields
 * @typedef {{ value: string, origin: "EMPTY" | "MACHINE" | "AGENT" | "CALLER", saving: boolean,
 *   confidence: number, source: SourceView | null, suggestion: string, choices: string[],
 *   confirmed: boolean, edits: number }} Row
 */

const LIST_SEPARATOR = "、";
/** A category is one choice of two levels, not a list. @type {Record<string, string>} */
const SEPARATORS = { category: "/" };

/** A value of any kind as the text of an input.
 * @param {unknown} value @param {string} [separator] @returns {string} */
export function asText(value, separator = LIST_SEPARATOR) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    return value.map((one) => asText(one)).filter(Boolean).join(separator);
  }
  if (typeof value === "boolean") return value ? "true" : "";
  if (typeof value === "object") {
    const named = /** @type {Record<string, unknown>} */ (value);
    return asText(named["name"] ?? named["value"] ?? named["text"] ?? "", separator);
  }
  return String(value);
}

/**
 * What a row of the form shows.
 * @param {DraftView | null} draft
 * @param {TypedFields} typed
 * @param {string} name
 * @returns {Row}
 */
export function rowOf(draft, typed, name) {
  const field = draft?.fields[name];
  const own = typed[name];
  const text = (/** @type {unknown} */ value) => asText(value, SEPARATORS[name]);
  const machine = field ? text(field.origin === "MACHINE" ? field.value : field.suggestion) : "";
  const row = { ...shared(field, text), edits: draft?.edits?.[name]?.length ?? 0 };
  if (own !== undefined) {
    const suggestion = machine === own.value ? "" : machine;
    return { ...row, value: own.value, origin: "AGENT", saving: true, suggestion };
  }
  if (!field) return { ...row, value: "", origin: "EMPTY", saving: false, suggestion: "" };
  const value = text(field.value);
  const suggestion = field.origin === "MACHINE" || machine === value ? "" : machine;
  const origin = value === "" && field.origin === "MACHINE" ? "EMPTY" : field.origin;
  return { ...row, value, origin, saving: false, suggestion };
}

/** @param {FieldView | undefined} field @param {(value: unknown) => string} text */
function shared(field, text) {
  const choices = (field?.choices ?? []).map(text).filter(Boolean);
  const source = field?.sources[0] ?? null;
  return { confidence: field?.confidence ?? 0, source, choices, confirmed: field?.confirmed ?? false };
}

/**
 * The agent typed.
 * @param {TypedFields} typed @param {string} name @param {string} value @returns {TypedFields}
 */
export function type(typed, name, value) {
  return { ...typed, [name]: { value, sent: false } };
}

/**
 * The edits that must go to the server now, and the form with them marked as under way.
 * @param {TypedFields} typed
 * @returns {{ edits: { field: string, value: string }[], typed: TypedFields }}
 */
export function takeUnsent(typed) {
  const unsent = Object.entries(typed).filter(([, own]) => !own.sent);
  /** @type {TypedFields} */
  const next = { ...typed };
  for (const [name, own] of unsent) next[name] = { ...own, sent: true };
  return { edits: unsent.map(([field, own]) => ({ field, value: own.value })), typed: next };
}

/** The socket was lost: nothing that is not in the draft counts as sent.
 * @param {TypedFields} typed @returns {TypedFields} */
export function markUnsent(typed) {
  return Object.fromEntries(
    Object.entries(typed).map(([name, own]) => [name, { ...own, sent: false }]),
  );
}

/**
 * Forget the edits that the server's draft shows; keep those it does not know yet.
 * @param {TypedFields} typed @param {DraftView | null} draft @returns {TypedFields}
 */
export function settle(typed, draft) {
  const open = Object.entries(typed).filter(([name, own]) => {
    const field = draft?.fields[name];
    const shown = field ? asText(field.value, SEPARATORS[name]) : "";
    return !(field && field.origin === "AGENT" && shown === own.value);
  });
  return open.length === Object.keys(typed).length ? typed : Object.fromEntries(open);
}

/** Words for how sure the machine is. @param {number} confidence */
export function sureness(confidence) {
  if (confidence >= 0.85) return "high";
  return confidence >= 0.6 ? "middle" : "low";
}

/** Seconds to play from: two before the words, never before the start. @param {SourceView} source */
export function playFrom(source) {
  return Math.max(0, source.start_ms / 1000 - 2);
}
