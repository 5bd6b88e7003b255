/**
 * One field of the draft form.
 * @import { DraftView, SourceView, EditView } from "../types.js"
 * @import { TypedFields, Row } from "../models/draft_form.js"
 *
 * @typedef {{ onType: (name: string, value: string) => void,
 *   onPlay: (source: SourceView) => void, onUndo: (name: string) => void }} RowEars
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { asText, rowOf, sureness } from "../models/draft_form.js";
import { audioTime } from "../models/timers.js";

const MOST_OFFERS = 3;

export class FieldRow {
  #element;
  #ears;
  #input;
  #name;
  /** @type {Row | null} */
  #row = null;
  /** @type {EditView[]} */
  #edits = [];
  #offersShown = "";
  #takingBack = false;

  /** @param {HTMLElement} element @param {RowEars} ears */
  constructor(element, ears) {
    this.#element = element;
    this.#ears = ears;
    this.#name = element.dataset["field"] ?? "";
    const input = element.querySelector("input, select, textarea");
    this.#input = /** @type {HTMLInputElement} */ (input);
    this.#input.addEventListener("input", () => this.#typed());
    // What waited politely while the field had the focus may show now.
    this.#input.addEventListener("blur", () => this.#row && this.#fill(this.#row));
    role("source", element).addEventListener("click", () => this.play());
    role("edits", element).addEventListener("click", () => this.#toggleEdits());
  }

  get hasFocus() {
    return this.#element.contains(document.activeElement);
  }

  focus() {
    this.#input.focus();
  }

  play() {
    if (this.#row?.source) this.#ears.onPlay(this.#row.source);
  }

  undo() {
    this.#takingBack = true;
    this.#ears.onUndo(this.#name);
  }

  takeFirst() {
    const first = this.#offers()[0];
    if (first !== undefined) this.#take(first);
  }

  /** Forget what is shown: the next `show` fills the field whoever is in it. */
  clear() {
    this.#row = null;
    this.#input.value = "";
    role("edit-list", this.#element).hidden = true;
  }

  /** @param {DraftView | null} draft @param {TypedFields} typed */
  show(draft, typed) {
    const row = rowOf(draft, typed, this.#name);
    this.#showEdits(draft?.edits[this.#name] ?? []);
    if (JSON.stringify(row) === JSON.stringify(this.#row)) return;
    const first = this.#row === null;
    this.#row = row;
    if (first) this.#set(row.value);
    else this.#fill(row);
    this.#element.dataset["origin"] = row.origin;
    this.#element.toggleAttribute("data-saving", row.saving);
    this.#showSure(row);
    this.#showSource(row);
    this.#showOffers();
  }

  #typed() {
    this.#takingBack = false;
    const { type, checked, value } = this.#input;
    this.#ears.onType(this.#name, type === "checkbox" ? (checked ? "true" : "") : value);
  }

  /** @param {string} value */
  #set(value) {
    if (this.#input.type === "checkbox") this.#input.checked = value === "true";
    else if (this.#input.value !== value) this.#input.value = value;
  }

  /** Never under the agent's hands: a focused field keeps its text, the machine's comes as an offer.
   * @param {Row} row */
  #fill(row) {
    if (this.#input.type === "checkbox" || this.#input.value === row.value) return this.#set(row.value);
    const focused = document.activeElement === this.#input && !this.#takingBack;
    if (focused && row.origin !== "AGENT") return this.#showOffers();
    if (focused && row.saving) return;
    this.#takingBack = false;
    this.#set(row.value);
    if (row.origin === "MACHINE") this.#flash();
  }

  #flash() {
    this.#element.classList.remove("fresh");
    void this.#element.offsetWidth;
    this.#element.classList.add("fresh");
  }

  /** @param {Row} row */
  #showSure(row) {
    const sure = role("sure", this.#element);
    sure.hidden = row.origin !== "MACHINE";
    sure.dataset["sure"] = sureness(row.confidence);
    setText(sure, `${Math.round(row.confidence * 100)}%`);
    sure.title = t("机器的把握");
    const confirmed = this.#element.dataset["kind"] === "phone" && row.value !== "";
    const unsure = confirmed && row.origin === "MACHINE" && !row.confirmed;
    if (unsure) setText(sure, t("未核对"));
    if (unsure) sure.dataset["sure"] = "low";
  }

  /** @param {Row} row */
  #showSource(row) {
    const play = role("source", this.#element);
    play.hidden = row.source === null;
    if (!row.source) return;
    const at = audioTime(row.source.start_ms);
    setText(role("source-at", this.#element), at);
    play.setAttribute("aria-label", `${t("播放此字段的来源")} ${at}`);
    play.title = row.source.words;
  }

  /** @param {EditView[]} edits */
  #showEdits(edits) {
    const open = role("edits", this.#element);
    open.hidden = edits.length === 0;
    if (JSON.stringify(edits) === JSON.stringify(this.#edits)) return;
    this.#edits = edits;
    const list = role("edit-list", this.#element);
    if (!list.hidden) this.#fillEdits(list);
  }

  #toggleEdits() {
    const list = role("edit-list", this.#element);
    list.hidden = !list.hidden;
    role("edits", this.#element).setAttribute("aria-expanded", String(!list.hidden));
    if (!list.hidden) this.#fillEdits(list);
  }

  /** @param {HTMLElement} list */
  #fillEdits(list) {
    const undo = el("button", { type: "button", class: "quiet" }, t("撤销"), el("kbd", {}, "Alt+Z"));
    undo.addEventListener("click", () => this.undo());
    const mine = this.#edits.some((one) => one.by !== "" && !one.undone);
    const lines = this.#edits.map(editLine);
    list.replaceChildren(el("ul", {}, ...lines), ...(mine ? [undo] : []));
  }

  #offers() {
    const row = this.#row;
    if (!row) return [];
    const waiting = row.origin === "MACHINE" && this.#input.value !== row.value ? [row.value] : [];
    const all = [...waiting, row.suggestion, ...row.choices];
    const current = this.#input.value;
    return [...new Set(all)].filter((one) => one && one !== current).slice(0, MOST_OFFERS);
  }

  #showOffers() {
    const offers = this.#offers();
    const key = offers.join("\n");
    if (key === this.#offersShown) return;
    this.#offersShown = key;
    const box = role("offers", this.#element);
    box.hidden = offers.length === 0;
    const buttons = offers.map((offer) => {
      const one = el("button", { type: "button", class: "offer" }, icon("spark"), offer);
      one.setAttribute("aria-label", `${t("采用机器建议")}：${offer}`);
      one.addEventListener("click", () => this.#take(offer));
      return one;
    });
    box.replaceChildren(...buttons);
  }

  /** @param {string} value */
  #take(value) {
    this.#input.value = value;
    this.#typed();
    this.#input.focus();
  }
}

/** @param {EditView} edit */
function editLine(edit) {
  const at = new Date(edit.at).toLocaleTimeString("zh-CN", { hour12: false });
  const words = `${asText(edit.before) || "—"} → ${asText(edit.after) || "—"}`;
  const who = edit.by || t("机器");
  return el(
    "li",
    { class: edit.undone ? "undone" : null },
    el("span", { class: "number soft" }, at),
    ` ${who}：`,
    el(edit.undone ? "s" : "span", {}, words),
    edit.undone ? ` ${t("已撤销")}` : "",
  );
}
