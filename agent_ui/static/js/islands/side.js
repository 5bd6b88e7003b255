/**
 * The right column: the caller's earlier cases and calls, where the call came from, what to say.
 * @import { Desk } from "./desk.js"
 * @import { CallView, PastCase, PastCall } from "../types.js"
 */
import { el, role } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { openDraft, placeChoices } from "../models/drafts.js";
import { languageText, pathText } from "./call_words.js";

/** @type {Record<string, string>} */
const OUTCOMES = { TALKED: "已接通", NOT_ANSWERED: "未接通", VOICEMAIL: "留言" };

/** @param {Desk} desk */
export function startSide({ root, store }) {
  const tabs = startTabs(root);
  let followed = "";
  store.watch((page, before) => {
    const { numbered } = page;
    const call = numbered.desk?.call ?? null;
    // The machine turns the page only until the agent has: at the ring to the caller's history,
    // and to the map when there is a place to choose.
    if (call && call.call_id !== followed) {
      followed = call.call_id;
      tabs.offer("tab-history", true);
    }
    if (placeChoices(openDraft(page)).length > 0) tabs.offer("tab-map", false);
    if (call === before.numbered.desk?.call && numbered.desk !== null && before.numbered.desk) return;
    showHistory(role("history", root), call);
    role("why", root).replaceChildren(...(call ? facts(call) : []));
  });
}

/** @param {HTMLElement} root */
function startTabs(root) {
  const tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('.side [role="tab"]')]);
  let own = false;
  let offered = "";
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !on;
    }
    root.dispatchEvent(new CustomEvent("tab-open", { detail: chosen.id }));
  };
  const byId = (/** @type {string} */ id) => tabs.find((tab) => tab.id === id);
  const take = (/** @type {HTMLElement} */ tab) => {
    own = true;
    choose(tab);
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => take(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      const next = step ? tabs[(index + step + tabs.length) % tabs.length] : undefined;
      if (!next) return;
      take(next);
      next.focus();
    });
  });
  root.addEventListener("open-tab", (event) => {
    const tab = byId(/** @type {CustomEvent} */ (event).detail);
    if (tab) take(tab);
  });
  return {
    /** Open a tab unless the agent has chosen one in this call.
     * @param {string} id @param {boolean} newCall */
    offer: (id, newCall) => {
      if (newCall) [own, offered] = [false, ""];
      const tab = byId(id);
      if (own || offered === id || !tab) return;
      offered = id;
      choose(tab);
    },
  };
}

/** @param {HTMLElement} box @param {CallView | null} call */
function showHistory(box, call) {
  if (!call) {
    const words = t("来电时显示此人的历史工单和来电");
    return box.replaceChildren(el("p", { class: "empty soft" }, words));
  }
  const { cases, calls } = call.history;
  const parts = [el("h3", {}, t("历史工单"))];
  if (cases.length) parts.push(el("ul", { class: "past" }, ...cases.map(pastCase)));
  else parts.push(el("p", { class: "soft small" }, t("此号码没有工单")));
  parts.push(el("h3", {}, t("以前的来电")));
  if (calls.length) parts.push(el("ul", { class: "past" }, ...calls.map(pastCall)));
  else parts.push(el("p", { class: "soft small" }, t("此号码首次来电")));
  box.replaceChildren(...parts);
}

/** @param {PastCase} one */
function pastCase(one) {
  const status = el("span", { class: `tag tone-${one.open ? "paused" : "good"}` }, t(one.status_name));
  const link = el("a", { href: `/cases/${one.case_id}`, target: "_blank", rel: "noopener" }, one.title);
  return el(
    "li",
    {},
    el("p", {}, link),
    el("p", { class: "small soft" }, status, " ", el("span", { class: "number" }, one.case_number)),
  );
}

/** @param {PastCall} one */
function pastCall(one) {
  const at = new Date(one.arrived_at).toLocaleString("zh-CN", { dateStyle: "short", timeStyle: "short" });
  const outcome = t(OUTCOMES[one.outcome] ?? one.outcome);
  return el("li", { class: "small" }, el("span", { class: "number" }, at), ` ${one.line_name} · ${outcome}`);
}

/** @param {CallView} call */
function facts(call) {
  /** @type {[string, string][]} */
  const rows = [
    [t("线路"), call.line_name],
    [t("语言"), languageText(call)],
    [t("菜单路径"), pathText(call) || t("直通人工")],
    [t("队列"), call.queue_name],
    [t("所需技能"), call.skills.join("、") || t("不限")],
  ];
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value || "–")]);
}
