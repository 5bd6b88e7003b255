/**
 * The agent's own clicks: shown as pending at once, then confirmed by the state or refused. No DOM.
 * @import { DeskState } from "./desk_state.js"
 *
 * @typedef {{ id: string, type: string, sentAt: number }} Pending
 */

/** A click that nothing answered within this time has failed. */
export const PATIENCE_MS = 6000;

/** What must be true of the desk for a click to have had its effect.
 * @type {Record<string, (desk: DeskState) => boolean>} */
const DONE_WHEN = {
  go_ready: (desk) => ["READY", "RINGING", "TALKING"].includes(desk.agent.state),
  pause: (desk) => desk.agent.state === "NOT_READY",
  sign_out: (desk) => desk.agent.state === "SIGNED_OUT",
  decline: (desk) => desk.call?.state !== "OFFERED",
  hold: (desk) => desk.call?.state === "HELD",
  resume: (desk) => desk.call?.state === "TALKING",
  mute: (desk) => Boolean(desk.call?.muted),
  unmute: (desk) => !desk.call?.muted,
  consult: (desk) => Boolean(desk.call?.third),
  emergency: (desk) => desk.call?.third?.kind === "emergency",
  end_consult: (desk) => !desk.call?.third,
  three_way: (desk) => desk.call?.third?.state === "joined",
  hang_up: (desk) => desk.call === null || desk.call.state === "ENDED",
  finish_wrap_up: (desk) => desk.agent.state !== "WRAP_UP",
};

/** @param {Pending[]} list @param {Pending} click @returns {Pending[]} */
export function add(list, click) {
  return [...list.filter((other) => other.type !== click.type), click];
}

/** Drop the clicks whose effect the desk shows. @param {Pending[]} list @param {DeskState} desk */
export function confirm(list, desk) {
  return list.filter((click) => !(DONE_WHEN[click.type]?.(desk) ?? false));
}

/** Drop one click: refused, or answered and without a lasting effect.
 * @param {Pending[]} list @param {string} id */
export function drop(list, id) {
  return list.filter((click) => click.id !== id);
}

/** Whether an answer alone ends the click. @param {Pending} click */
export function endsWithAnswer(click) {
  return !(click.type in DONE_WHEN);
}

/** @param {Pending[]} list @param {number} now @returns {{ kept: Pending[], late: Pending[] }} */
export function expire(list, now) {
  const late = list.filter((click) => now - click.sentAt > PATIENCE_MS);
  return { kept: list.filter((click) => !late.includes(click)), late };
}

/** @param {Pending[]} list @param {string} type */
export function isPending(list, type) {
  return list.some((click) => click.type === type);
}
