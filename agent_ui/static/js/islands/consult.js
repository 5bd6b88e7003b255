/**
 * Choosing whom to consult or to hand the call to: a searched list, or a number typed.
 * @import { Desk } from "./desk.js"
 *
 * @typedef {{ kind: "agent" | "department", name: string, target: string, note: string,
 *   state: string }} Target
 * @typedef {(kind: "consult" | "transfer", target: string) => void} Chosen
 */
import { el, icon, role } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { lookOf } from "../models/agent_status.js";

const TYPING_MS = 200;

/** @param {Desk} desk @param {Chosen} chosen @returns {() => void} opens the dialog */
export function consultDialog({ root }, chosen) {
  const dialog = /** @type {HTMLDialogElement} */ (role("consult-dialog", root));
  const field = /** @type {HTMLInputElement} */ (role("consult-target", root));
  const list = role("consult-list", root);
  let picked = "";
  let waiting = 0;
  let asked = 0;

  const pick = (/** @type {Target} */ target) => {
    picked = target.target;
    field.value = target.name;
    for (const other of list.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other.value === picked));
    }
  };
  const search = async () => {
    const number = ++asked;
    const found = await find(field.value.trim());
    if (number === asked) list.replaceChildren(...found.map((one) => line(one, pick)));
  };
  field.addEventListener("input", () => {
    picked = "";
    clearTimeout(waiting);
    waiting = setTimeout(() => void search(), TYPING_MS);
  });
  dialog.addEventListener("close", () => {
    const kind = dialog.returnValue;
    const target = picked || field.value.trim();
    dialog.returnValue = "";
    if ((kind === "consult" || kind === "transfer") && target) chosen(kind, target);
  });
  return () => {
    field.value = picked = "";
    void search();
    dialog.showModal();
  };
}

/** @param {string} words @returns {Promise<Target[]>} */
async function find(words) {
  try {
    const answer = await fetch(`/desk/targets?q=${encodeURIComponent(words)}`);
    return answer.ok ? (await answer.json()).targets : [];
  } catch {
    return []; // a number can still be typed
  }
}

/** @param {Target} target @param {(target: Target) => void} pick */
function line(target, pick) {
  const colleague = target.kind === "agent";
  const button = /** @type {HTMLButtonElement} */ (
    el(
      "button",
      { type: "button", value: target.target, "aria-pressed": "false" },
      icon(colleague ? "users" : "phone"),
      el("span", {}, target.name),
      el("span", { class: "small soft" }, colleague ? stateWord(target) : target.note),
    )
  );
  button.addEventListener("click", () => pick(target));
  return el("li", {}, button);
}

/** @param {Target} target */
function stateWord(target) {
  const agent = /** @type {any} */ ({ state: target.state });
  return [target.note, t(lookOf(agent, null, 0).word)].filter(Boolean).join(" · ");
}

/** @param {Desk} desk @param {(service: string) => void} chosen @returns {() => void} */
export function emergencyDialog({ root }, chosen) {
  const dialog = /** @type {HTMLDialogElement} */ (role("emergency-dialog", root));
  dialog.addEventListener("close", () => {
    const service = dialog.returnValue;
    dialog.returnValue = "";
    if (service) chosen(service);
  });
  return () => dialog.showModal();
}
