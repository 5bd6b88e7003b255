/**
 * Callers whom nobody answered, with one key to phone each back.
 * @import { Desk } from "./desk.js"
 * @import { MissedView } from "../types.js"
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";

/** @param {Desk} desk */
export function startMissed({ root, store, toast }) {
  const form = /** @type {HTMLFormElement} */ (role("missed-form", root));
  const list = role("missed-list", root);

  const dial = async (/** @type {HTMLButtonElement} */ button, /** @type {string} */ callId) => {
    button.disabled = true;
    const problem = await phoneBack(form, callId);
    button.disabled = false;
    toast(problem ? t(problem) : t("正在呼叫，请接听您的话机"), problem ? "bad" : "good");
  };
  store.watch(({ numbered }, before) => {
    const missed = numbered.desk?.missed;
    if (!missed || missed === before.numbered.desk?.missed) return;
    role("missed-box", root).hidden = missed.length === 0;
    setText(role("missed-count", root), String(missed.length));
    list.replaceChildren(...missed.map((one) => item(one, dial)));
  });
}

/** @param {HTMLFormElement} form @param {string} callId @returns {Promise<string>} the problem */
async function phoneBack(form, callId) {
  try {
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    const headers = { Accept: "application/json" };
    const path = `/calls/${encodeURIComponent(callId)}/return`;
    const answer = await fetch(path, { method: "POST", body, headers });
    return answer.ok ? "" : (await answer.json()).message;
  } catch {
    return "连接中断，操作没有发出";
  }
}

/** @param {MissedView} missed @param {(button: HTMLButtonElement, callId: string) => void} dial */
function item(missed, dial) {
  const at = new Date(missed.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  const button = /** @type {HTMLButtonElement} */ (
    el("button", { type: "button" }, icon("phone"), t("回拨"))
  );
  button.addEventListener("click", () => dial(button, missed.call_id));
  const tried = missed.tries ? t("已试 {count} 次", { count: missed.tries }) : "";
  const waited = t("等待 {seconds} 秒", { seconds: missed.waited_s });
  return el(
    "li",
    { class: "missed-line" },
    el("span", { class: "number" }, missed.caller_mask || t("号码未显示")),
    el("span", { class: "small soft" }, [at, missed.line_name, waited, tried].filter(Boolean).join(" · ")),
    button,
  );
}
