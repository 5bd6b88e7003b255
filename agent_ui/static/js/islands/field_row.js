/**
 * One field of the draft form.
 * @import { DraftView, SourceView } from "../types.js"
 * @import { TypedFields, Row } from "../models/draft_form.js"
 *
 * @typedef {{ onType: (name: string, value: string) => void,
 *   onPlay: (source: SourceView) => void }} RowEars
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { rowOf, sureness } from "../models/draft_form.js";
import { audioTime } from "../models/timers.js";

const MOST_OFFERS = 3;

export class FieldRow {
  #element;
  #ears;
  #input;
  #name;
  /** @type {Row | null} */
  #row = null;
  #offersShown = "";

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

  takeFirst() {
    const first = this.#offers()[0];
    if (first !== undefined) this.#take(first);
  }

  /** @param {DraftView | null} draft @param {TypedFields} typed */
  show(draft, typed) {
    const row = rowOf(draft, typed, this.#name);
    if (JSON.stringify(row) === JSON.stringify(this.#row)) return;
    this.#row = row;
    this.#fill(row);
    this.#element.dataset["origin"] = row.origin;
    this.#element.toggleAttribute("data-saving", row.saving);
    this.#showSure(row);
    this.#showSource(row);
    this.#showOffers();
  }

  #typed() {
    const { type, checked, value } = this.#input;
    this.#ears.onType(this.#name, type === "checkbox" ? (checked ? "true" : "") : value);
  }

  /** Never under the agent's hands: a focused field keeps its text, the machine's comes as an offer.
   * @param {Row} row */
  #fill(row) {
    if (this.#input.type === "checkbox") {
      this.#input.checked = row.value === "true";
      return;
    }
    if (this.#input.value === row.value) return;
    if (document.activeElement === this.#input && row.origin !== "AGENT") return this.#showOffers();
    if (document.activeElement === this.#input && row.saving) return;
    this.#input.value = row.value;
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
  }

  /** @param {Row} row */
  #showSource(row) {
    const play = role("source", this.#element);
    play.hidden = row.source === null;
    if (!row.source) return;
    const at = audioTime(row.source.start_ms);
    setText(role("source-at", this.#element), at);
    play.setAttribute("aria-label", `${t("看这句话的来源")} ${at}`);
    play.title = row.source.words;
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
