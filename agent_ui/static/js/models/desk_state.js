/**
 * The desk as the server holds it, and how each numbered message changes it. No DOM, no clock.
 * @import { DeskView, DeskEvent, CaptionView } from "../types.js"
 *
 * @typedef {DeskView & { partials: Record<string, Partial> }} DeskState
 * @typedef {{ text: string, start_ms: number }} Partial
 * @typedef {{ seq: number, desk: DeskState | null }} Numbered
 * @typedef {{ type: "snapshot", seq: number, state: DeskView }
 *   | { type: "event", seq: number, event: DeskEvent }} NumberedMessage
 */

/** @type {Numbered} */
export const NOTHING = { seq: 0, desk: null };

/**
 * Apply one numbered message: an old one changes nothing, a gap asks for a new snapshot.
 * @param {Numbered} before
 * @param {NumberedMessage} message
 * @returns {Numbered | "resync"}
 */
export function applyMessage(before, message) {
  if (message.type === "snapshot") {
    return { seq: message.seq, desk: { ...message.state, partials: {} } };
  }
  if (before.desk === null || message.seq > before.seq + 1) return "resync";
  if (message.seq <= before.seq) return before;
  return { seq: message.seq, desk: applyEvent(before.desk, message.event) };
}

/**
 * @param {DeskState} desk
 * @param {DeskEvent} event
 * @returns {DeskState}
 */
export function applyEvent(desk, event) {
  switch (event.kind) {
    case "agent":
      return { ...desk, agent: event.agent };
    case "queue":
      return { ...desk, queue: event.queue };
    case "call":
      return applyCall(desk, event.call);
    case "drafts":
      return { ...desk, drafts: event.drafts };
    case "captions":
      return { ...desk, captions: event.captions, partials: {} };
    case "caption":
      return applyCaption(desk, event.call_id, event.caption);
    case "partial":
      return applyPartial(desk, event);
    case "work":
      return { ...desk, work: event.work };
    case "missed":
      return { ...desk, missed: event.missed };
    default:
      return desk;
  }
}

/** @param {DeskState} desk @param {DeskView["call"]} call @returns {DeskState} */
function applyCall(desk, call) {
  if (call !== null && desk.call !== null && call.call_id === desk.call.call_id) {
    return { ...desk, call };
  }
  // Another call, or none: words and draft of the one before do not belong to it.
  return { ...desk, call, captions: [], partials: {}, drafts: [] };
}

/** @param {DeskState} desk @param {string} callId @param {CaptionView} caption @returns {DeskState} */
function applyCaption(desk, callId, caption) {
  if (desk.call?.call_id !== callId) return desk;
  const others = desk.captions.filter((c) => c.utterance_id !== caption.utterance_id);
  const captions = [...others, caption].sort(inOrderSpoken);
  return { ...desk, captions, partials: withoutPartial(desk.partials, caption) };
}

/** @param {CaptionView} a @param {CaptionView} b */
function inOrderSpoken(a, b) {
  return a.start_ms - b.start_ms || (a.utterance_id < b.utterance_id ? -1 : 1);
}

/** @param {DeskState["partials"]} partials @param {CaptionView} caption */
function withoutPartial(partials, caption) {
  const partial = partials[caption.speaker];
  if (!partial || partial.start_ms > caption.end_ms) return partials;
  const { [caption.speaker]: _finished, ...rest } = partials;
  return rest;
}

/**
 * @param {DeskState} desk
 * @param {Extract<DeskEvent, { kind: "partial" }>} event
 * @returns {DeskState}
 */
function applyPartial(desk, event) {
  if (desk.call?.call_id !== event.call_id) return desk;
  // A partial that was overtaken by its own final must not come back as a ghost.
  const late = desk.captions.some(
    (c) => c.speaker === event.speaker && c.end_ms > event.start_ms && c.start_ms <= event.start_ms,
  );
  if (late) return desk;
  const partial = { text: event.text, start_ms: event.start_ms };
  return { ...desk, partials: { ...desk.partials, [event.speaker]: partial } };
}
