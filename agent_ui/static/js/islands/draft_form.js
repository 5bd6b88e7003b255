/**
 * The form that fills itself: machine words in untouched fields, offers beside touched ones.
 * @import { Desk, Actions, Page } from "./desk.js"
 * @import { SourceView } from "../types.js"
 */
import { role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { FieldRow } from "./field_row.js";
import { playSource } from "./source_audio.js";

/** @param {Desk} desk @returns {Actions} */
export function startForm({ root, store, drafting, toast }) {
  const box = /** @type {HTMLFieldSetElement} */ (role("draft-fields", root));
  /** @param {SourceView} source */
  const play = (source) => {
    const { start_ms, speaker } = source;
    root.dispatchEvent(new CustomEvent("show-source", { detail: { start_ms, speaker } }));
    const desk = store.state.numbered.desk;
    if (desk?.call?.state === "ENDED" && desk.draft) void playSource(desk.draft.case_id, source, toast);
  };
  const rows = [...root.querySelectorAll("[data-field]")].map(
    (element) =>
      new FieldRow(/** @type {HTMLElement} */ (element), {
        onType: (name, value) => drafting.type(name, value),
        onPlay: play,
      }),
  );
  role("draft", root).addEventListener("submit", (event) => event.preventDefault());

  store.watch((page) => {
    const draft = page.numbered.desk?.draft ?? null;
    box.disabled = !isEditable(page);
    for (const row of rows) row.show(draft, page.typed);
    showQuestion(root, draft?.question ?? "");
    const others = draft?.others ?? 0;
    setText(role("draft-others", root), others ? t("此通话另有 {count} 件事项", { count: others }) : "");
  });
  const here = () => rows.find((row) => row.hasFocus);
  return {
    field: (index) => index !== undefined && rows[index]?.focus(),
    play_source: () => here()?.play(),
    take_suggestion: () => here()?.takeFirst(),
  };
}

/** @param {Page} page */
function isEditable({ numbered }) {
  const desk = numbered.desk;
  if (!desk?.call || desk.call.state === "OFFERED") return false;
  return desk.draft === null || desk.draft.status === "DRAFT";
}

/** @param {HTMLElement} root @param {string} question */
function showQuestion(root, question) {
  role("question", root).hidden = question === "";
  setText(role("question-text", root), question && `${t("可以问")}：${question}`);
}
