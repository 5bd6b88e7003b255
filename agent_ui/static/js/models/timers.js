/**
 * The desk's clocks: the server's time, and wait, talk and wrap-up as it counts them. No DOM.
 * @import { AgentView, CallView } from "../types.js"
 */

/** The server's clock minus ours, from one ping: half the way there and back is assumed.
 * @param {number} sentAt @param {number} receivedAt @param {string} serverTime */
export function clockOffset(sentAt, receivedAt, serverTime) {
  return Date.parse(serverTime) - (sentAt + receivedAt) / 2;
}

/** Whole seconds since an instant, never negative.
 * @param {string | null | undefined} instant @param {number} now in ms */
export function secondsSince(instant, now) {
  return instant ? Math.max(0, Math.floor((now - Date.parse(instant)) / 1000)) : 0;
}

/** Whole seconds until an instant, never negative.
 * @param {string | null | undefined} instant @param {number} now in ms */
export function secondsUntil(instant, now) {
  return instant ? Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000)) : 0;
}

/** 0:07, 12:41, 1:02:03. @param {number} seconds */
export function clockText(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${h ? String(m).padStart(2, "0") : m}:${String(s).padStart(2, "0")}`;
  return h ? `${h}:${tail}` : tail;
}

/** Milliseconds of the recording as a clock. @param {number} ms */
export function audioTime(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * The three timers that are told apart: what the caller waited, what was talked, what is left.
 * @param {AgentView} agent @param {CallView | null} call @param {number} now
 * @returns {{ wait: number | null, talk: number | null, hold: number | null, wrap: number | null }}
 */
export function threeTimers(agent, call, now) {
  const wrap = agent.state === "WRAP_UP" ? secondsUntil(agent.until, now) : null;
  if (!call) return { wait: null, talk: null, hold: null, wrap };
  const until = Date.parse(call.answered_at ?? call.ended_at ?? "") || now;
  const wait = secondsSince(call.queued_at ?? call.arrived_at, until);
  const talkEnd = call.ended_at ? Date.parse(call.ended_at) : now;
  const talk = call.answered_at ? secondsSince(call.answered_at, talkEnd) : null;
  const hold = call.state === "HELD" ? secondsSince(call.held_at, now) : null;
  return { wait, talk, hold, wrap };
}

/** A held caller must be spoken to after 30 s and within 60 s. @param {number | null} hold seconds */
export function holdWarning(hold) {
  if (hold === null || hold < 30) return "";
  return hold < 60 ? "warn" : "late";
}
