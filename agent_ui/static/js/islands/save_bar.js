/**
 * The bottom bar: what is saved, the case number, submission, wrap-up time, help.
 * @import { Desk, Actions, Page } from "./desk.js"
 */
import { button, el, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { groups } from "../models/case_number.js";
import { openDraft, openMatter } from "../models/drafts.js";
import { isPending } from "../models/pending.js";
import { KEY_LIST } from "../models/shortcuts.js";
import { clockText, secondsUntil } from "../models/timers.js";

const TICK_MS = 250;
const EXTEND_SECONDS = 60;

/** @param {Desk} desk @returns {Actions} */
export function startSaveBar({ root, store, connection, drafting, toast }) {
  const save = () => {
    drafting.flush();
    if (!button("save", root).disabled) toast(t("草稿已保存"), "good");
  };
  const submit = (/** @type {"dispatch" | "answered"} */ handling) => {
    const call = store.state.numbered.desk?.call;
    if (!call || button("submit", root).disabled) return;
    drafting.flush();
    const { call_id } = call;
    const case_id = openDraft(store.state)?.case_id ?? "";
    // Its number stays in view; the agent turns to the other matter himself.
    store.set({ matter: openMatter(store.state) });
    connection.click({ type: "submit_draft", call_id, case_id, handling });
  };
  const help = () => /** @type {HTMLDialogElement} */ (role("help-dialog", root)).showModal();

  button("save", root).addEventListener("click", save);
  button("submit", root).addEventListener("click", () => submit("dispatch"));
  button("submit_answered", root).addEventListener("click", () => submit("answered"));
  button("help", root).addEventListener("click", help);
  button("finish", root).addEventListener("click", () => connection.click({ type: "finish_wrap_up" }));
  button("extend", root).addEventListener("click", () =>
    connection.click({ type: "extend_wrap_up", seconds: EXTEND_SECONDS }),
  );
  button("read_out", root).addEventListener("click", () => {
    const call = store.state.numbered.desk?.call;
    if (call) connection.click({ type: "read_out", call_id: call.call_id });
  });
  role("key-list", root).append(
    ...KEY_LIST.flatMap(([keys, what]) => [el("dt", {}, el("kbd", {}, keys)), el("dd", {}, t(what))]),
  );
  setInterval(() => {
    const agent = store.state.numbered.desk?.agent;
    if (agent?.state !== "WRAP_UP") return;
    setText(role("wrap-left", root), clockText(secondsUntil(agent.until, connection.now())));
  }, TICK_MS);
  store.watch((page) => show(root, page));
  return {
    save,
    help,
    submit: () => submit("dispatch"),
    submit_answered: () => submit("answered"),
  };
}

/** @param {HTMLElement} root @param {Page} page */
function show(root, page) {
  const { desk } = page.numbered;
  const draft = openDraft(page);
  const number = draft?.case_number ?? "";
  const wrapping = desk?.agent.state === "WRAP_UP";
  role("wrap", root).hidden = !wrapping;
  role("curtain", root).hidden = !page.over;
  role("number-card", root).hidden = number === "";
  const shown = role("case-number", root);
  if (shown.getAttribute("aria-label") !== number) {
    shown.setAttribute("aria-label", number);
    shown.replaceChildren(...groups(number).map((group) => el("span", {}, group)));
    role("open-case", root).setAttribute("href", `/cases/${draft?.case_id ?? ""}`);
  }
  const call = desk?.call ?? null;
  const talks = call?.state === "TALKING" || call?.state === "HELD";
  button("read_out", root).disabled = !talks || !page.online;
  button("read_out", root).classList.toggle("pending", isPending(page.pending, "read_out"));
  const open = call !== null && call.state !== "OFFERED" && number === "" && draft !== null;
  const busy = isPending(page.pending, "submit_draft");
  for (const name of ["save", "submit", "submit_answered"]) {
    button(name, root).hidden = number !== "";
    button(name, root).disabled = !open || !page.online || busy;
  }
  button("submit", root).classList.toggle("pending", busy);
  setText(role("saved", root), savedText(page));
}

/** @param {Page} page */
function savedText(page) {
  const { typed, online } = page;
  const draft = openDraft(page);
  if (!draft) return "";
  const unsaved = Object.keys(typed).length > 0;
  if (draft.case_number && !unsaved) return t("工单已提交");
  if (!unsaved) return t("所有改动已保存");
  return online ? t("正在保存…") : t("连接中断：您的文字保存在本机，恢复后自动上传");
}
