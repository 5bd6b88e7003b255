/**
 * The form that fills itself: machine words in untouched fields, offers beside touched ones.
 * A call with two matters has two drafts: tabs, and a key to change between them.
 * @import { Desk, Actions, Page } from "./desk.js"
 * @import { DraftView } from "../types.js"
 */
import { el, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { asText } from "../models/draft_form.js";
import { nextMatter, openDraft, openMatter } from "../models/drafts.js";
import { typedOf } from "./drafting.js";
import { FieldRow } from "./field_row.js";

const FORM = "draft-form";

/** @param {Desk} desk @returns {Actions} */
export function startForm({ root, store, drafting, sound }) {
  const box = /** @type {HTMLFieldSetElement} */ (role("draft-fields", root));
  const rows = [...root.querySelectorAll("[data-field]")].map(
    (element) =>
      new FieldRow(/** @type {HTMLElement} */ (element), {
        onType: (name, value) => drafting.type(name, value),
        onPlay: (source) => sound.play(source),
        onUndo: (name) => void drafting.undo(name),
      }),
  );
  role("draft", root).addEventListener("submit", (event) => event.preventDefault());

  let shown = 0;
  store.watch((page) => {
    const draft = openDraft(page);
    const matter = openMatter(page);
    // Another matter in front: its words replace the other's, also in the field with the focus.
    if (shown !== matter) for (const row of rows) row.clear();
    shown = matter;
    box.disabled = !isEditable(page, draft);
    for (const row of rows) row.show(draft, typedOf(page, matter));
    showQuestion(root, draft?.question ?? "");
    showTabs(root, page, (chosen) => store.set({ matter: chosen }));
  });
  const here = () => rows.find((row) => row.hasFocus);
  return {
    field: (index) => index !== undefined && rows[index]?.focus(),
    play_source: () => here()?.play(),
    take_suggestion: () => here()?.takeFirst(),
    undo_edit: () => here()?.undo(),
    next_matter: () => {
      const drafts = store.state.numbered.desk?.drafts ?? [];
      if (drafts.length > 1) store.set({ matter: nextMatter(drafts, openMatter(store.state)) });
    },
  };
}

/** @param {Page} page @param {DraftView | null} draft */
function isEditable({ numbered }, draft) {
  const call = numbered.desk?.call;
  if (!call || call.state === "OFFERED") return false;
  return draft === null || draft.status === "DRAFT";
}

/** @param {HTMLElement} root @param {string} question */
function showQuestion(root, question) {
  role("question", root).hidden = question === "";
  setText(role("question-text", root), question && `${t("可以问")}：${question}`);
}

/** One tab a matter, when there are several.
 * @param {HTMLElement} root @param {Page} page @param {(matter: number) => void} choose */
function showTabs(root, page, choose) {
  const drafts = page.numbered.desk?.drafts ?? [];
  const list = role("matters", root);
  list.hidden = drafts.length < 2;
  const open = openMatter(page);
  const key = drafts.map((one) => `${one.matter}${matterName(one)}${one.case_number}`).join() + open;
  if (list.dataset["shown"] === key) return;
  list.dataset["shown"] = key;
  const focused = list.contains(document.activeElement);
  list.replaceChildren(...drafts.map((draft) => tab(draft, draft.matter === open, choose)));
  list.append(el("kbd", { "aria-hidden": "true" }, "Alt+M"));
  if (focused) /** @type {HTMLElement} */ (list.querySelector('[aria-selected="true"]'))?.focus();
}

/** @param {DraftView} draft @param {boolean} on @param {(matter: number) => void} choose */
function tab(draft, on, choose) {
  const attributes = { type: "button", role: "tab", "aria-selected": String(on), "aria-controls": FORM };
  const words = el("span", { class: "matter-name" }, matterName(draft));
  const made = el("button", attributes, t("事项 {number}", { number: draft.matter }), words);
  if (draft.case_number) made.append(el("span", { class: "tag tone-good" }, t("已提交")));
  made.addEventListener("click", () => choose(draft.matter));
  return made;
}

/** @param {DraftView} draft */
function matterName(draft) {
  const category = draft.fields["category"]?.value;
  return Array.isArray(category) ? asText(category.at(-1)) : asText(draft.fields["title"]?.value);
}
