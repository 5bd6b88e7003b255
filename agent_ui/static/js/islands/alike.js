/**
 * Other callers with the same trouble: the best candidates and why; one key joins, another says
 * that it is not the same. A machine only proposes.
 * @import { Desk, Actions } from "./desk.js"
 * @import { AlikeView, DraftView } from "../types.js"
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { bestAlike, openDraft } from "../models/drafts.js";

const MINUTE_MS = 60_000;
const DUE = /** @type {const} */ ({
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});

/** @param {Desk} desk @returns {Actions} */
export function startAlike({ root, store, connection, drafting, toast }) {
  const panel = role("alike", root);
  const list = role("alike-list", root);
  const order = (/** @type {string} */ type, /** @type {Record<string, string>} */ fields) => {
    const draft = openDraft(store.state);
    const call_id = store.state.numbered.desk?.call?.call_id;
    if (!draft || !call_id) return;
    drafting.flush();
    store.set({ matter: draft.matter });
    connection.click({ type, call_id, case_id: draft.case_id, ...fields });
  };
  const join = (/** @type {AlikeView} */ one) => {
    if (!one.can_join) return toast(t("对方工单尚未提交，还不能并入"), "off");
    order("join_case", { master_id: one.case_id });
  };
  const notSame = (/** @type {AlikeView} */ one) => order("not_same", { other_id: one.case_id });

  store.watch((page) => {
    const draft = openDraft(page);
    const alike = draft?.status === "DRAFT" ? draft.alike : [];
    const key = JSON.stringify([alike, draft?.burst ?? null, draft?.joined_to ?? "", draft?.status]);
    if (panel.dataset["shown"] === key) return;
    panel.dataset["shown"] = key;
    const joined = draft?.joined_to ?? "";
    panel.hidden = alike.length === 0 && !draft?.burst && joined === "";
    setText(role("alike-count", root), alike.length ? String(alike.length) : "");
    showBurst(role("burst", root), draft);
    const note = role("joined", root);
    note.hidden = joined === "";
    setText(note, joined && t("已并入工单 {number}，来电人有自己的编号", { number: joined }));
    const best = bestAlike(draft);
    list.replaceChildren(...alike.map((one) => card(one, one === best, { join, notSame })));
  });
  const first = () => openDraft(store.state)?.alike[0];
  return {
    join_case: () => {
      const best = bestAlike(openDraft(store.state));
      if (best) join(best);
    },
    not_same: () => {
      const one = bestAlike(openDraft(store.state)) ?? first();
      if (one) notSame(one);
    },
  };
}

/** @param {HTMLElement} box @param {DraftView | null} draft */
function showBurst(box, draft) {
  const burst = draft?.burst ?? null;
  box.hidden = burst === null;
  if (!burst) return;
  const where = burst.place ? `${burst.place} · ${burst.category}` : burst.category;
  box.replaceChildren(
    icon("warn"),
    el("strong", {}, t("集中来电：{count} 人反映", { count: burst.count })),
    el("span", {}, ` ${where}`),
    el("span", { class: "small" }, t("建议合为一件母单，已提示督办人员")),
  );
}

/** @param {AlikeView} one @param {boolean} best
 * @param {{ join: (one: AlikeView) => void, notSame: (one: AlikeView) => void }} ears */
function card(one, best, ears) {
  const number = one.number || t("通话中");
  const link = one.number
    ? el("a", { href: `/cases/${one.case_id}`, target: "_blank", rel: "noopener", class: "number" }, number)
    : el("span", { class: "tag tone-talking" }, number);
  const join = el("button", { type: "button", class: best ? "primary" : "", "data-role": "join" });
  join.append(icon("users"), t("并入"), ...(best ? [el("kbd", {}, "Alt+J")] : []));
  if (!one.can_join) join.setAttribute("disabled", "");
  join.addEventListener("click", () => ears.join(one));
  const not = el("button", { type: "button", "data-role": "not-same" }, icon("close"), t("不是同一件"));
  if (best) not.append(el("kbd", {}, "Alt+N"));
  not.addEventListener("click", () => ears.notSame(one));
  return el(
    "li",
    { class: "alike-card", "data-case": one.case_id },
    el("p", { class: "alike-head" }, link, el("span", { class: "tag" }, t(one.status_name)), share(one)),
    el("p", { class: "alike-title" }, one.title || one.category),
    el("p", { class: "small" }, facts(one).join(" · ")),
    el("p", { class: "small soft" }, `${t("依据")}：${one.reasons.join("；")}`),
    el("p", { class: "alike-buttons" }, join, not),
  );
}

/** @param {AlikeView} one */
function share(one) {
  return el("span", { class: "alike-score number" }, `${Math.round(one.score * 100)}%`);
}

/** @param {AlikeView} one */
function facts(one) {
  const found = [t("{count} 人反映", { count: one.reporters })];
  if (one.metres !== null) found.push(t("相距 {metres} 米", { metres: one.metres }));
  found.push(age(one.at));
  if (one.department) found.push(one.department);
  if (one.due_at) found.push(`${t("期限")} ${new Date(one.due_at).toLocaleString("zh-CN", DUE)}`);
  return found;
}

/** @param {string} at */
function age(at) {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(at)) / MINUTE_MS));
  if (minutes < 1) return t("刚刚");
  if (minutes < 60) return t("{count} 分钟前", { count: minutes });
  if (minutes < 48 * 60) return t("{count} 小时前", { count: Math.round(minutes / 60) });
  return t("{count} 天前", { count: Math.round(minutes / 60 / 24) });
}
