/**
 * The words of both speakers: finished ones stay, unfinished ones grow below them. Words that the
 * recogniser is not sure of are marked; the agent can put right what was misheard.
 * @import { Desk, Actions } from "./desk.js"
 * @import { CaptionView } from "../types.js"
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { pieces } from "../models/caption_words.js";
import { audioTime } from "../models/timers.js";

const NEAR_END_PX = 80;
const MARK_MS = 2500;

/**
 * @typedef {{ play: (caption: CaptionView) => void,
 *   edit: (caption: CaptionView, text: string) => void }} LineEars
 */

/** @param {Desk} desk @returns {Actions} */
export function startCaptions({ root, store, connection, sound }) {
  const list = role("captions", root);
  const partials = role("partials", root);
  const scroll = role("captions-scroll", root);
  /** @type {LineEars} */
  const ears = {
    play: (caption) => sound.play(caption),
    edit: ({ utterance_id }, text) => {
      const call_id = store.state.numbered.desk?.call?.call_id ?? "";
      connection.click({ type: "edit_caption", call_id, utterance_id, text });
    },
  };
  store.watch(({ numbered }, before) => {
    const desk = numbered.desk;
    if (!desk || desk === before.numbered.desk) return;
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
    if (desk.captions !== before.numbered.desk?.captions) showFinals(list, desk.captions, ears);
    showPartials(partials, desk.partials);
    const any = desk.captions.length > 0 || Object.keys(desk.partials).length > 0;
    role("captions-empty", root).hidden = any;
    // Who has scrolled back to read is left where he reads.
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  });
  root.addEventListener("show-source", (event) => {
    const { start_ms, speaker } = /** @type {CustomEvent} */ (event).detail;
    markSource(list, scroll, start_ms, speaker);
  });
  return {};
}

/** @param {HTMLElement} list @param {CaptionView[]} captions @param {LineEars} ears */
function showFinals(list, captions, ears) {
  const known = new Map([...list.children].map((line) => [line.getAttribute("data-id"), line]));
  const lines = captions.map((caption) => {
    const line = known.get(caption.utterance_id) ?? newLine(caption);
    fillLine(/** @type {HTMLElement} */ (line), caption, ears);
    return line;
  });
  const same = lines.length === list.children.length && lines.every((l, i) => l === list.children[i]);
  if (same) return;
  // Adding at the end leaves the others in place, so that a screen reader tells only the new one.
  const grows = [...list.children].every((child, index) => child === lines[index]);
  if (grows) list.append(...lines.slice(list.children.length));
  else list.replaceChildren(...lines);
}

/** @param {CaptionView} caption */
function newLine(caption) {
  return el(
    "li",
    {
      class: `line line-${caption.speaker}`,
      "data-id": caption.utterance_id,
      "data-start": String(caption.start_ms),
      "data-end": String(caption.end_ms),
      "data-speaker": caption.speaker,
    },
    el("span", { class: "who" }, caption.speaker === "agent" ? t("坐席") : t("来电人")),
    el("div", { class: "said-box" }, el("span", { class: "said" })),
    el("span", { class: "line-tools" }),
  );
}

/** Write a line anew when its words are other than before; never while it is being put right.
 * @param {HTMLElement} line @param {CaptionView} caption @param {LineEars} ears */
function fillLine(line, caption, ears) {
  const key = JSON.stringify([caption.text, caption.edited, caption.before, caption.words.length]);
  if (line.dataset["shown"] === key || line.querySelector(".said-input")) return;
  line.dataset["shown"] = key;
  const said = el("span", { class: "said" }, ...pieces(caption).map(pieceOf));
  const box = /** @type {HTMLElement} */ (line.querySelector(".said-box"));
  const notes = [];
  if (caption.edited) notes.push(el("span", { class: "tag tone-good" }, t("已更正")));
  if (caption.before) {
    const words = [t("实时字幕"), "：", el("del", {}, caption.before)];
    notes.push(el("span", { class: "heard-live small" }, ...words));
  }
  box.replaceChildren(said, ...notes);
  const at = audioTime(caption.start_ms);
  const play = el("button", { type: "button", class: "quiet at number" }, at);
  play.setAttribute("aria-label", `${t("播放这句话")} ${at}`);
  play.addEventListener("click", () => ears.play(caption));
  const edit = el("button", { type: "button", class: "quiet edit-line" }, icon("pen"));
  edit.setAttribute("aria-label", t("更正这句字幕"));
  edit.title = t("更正这句字幕");
  edit.addEventListener("click", () => openEditor(line, caption, ears));
  /** @type {HTMLElement} */ (line.querySelector(".line-tools")).replaceChildren(play, edit);
}

/** @param {{ text: string, unsure: boolean, confidence: number }} piece */
function pieceOf({ text, unsure, confidence }) {
  if (!unsure) return text;
  const mark = el("u", { class: "unsure" }, text);
  mark.title = t("没有听清（{share}%）", { share: Math.round(confidence * 100) });
  return mark;
}

/** @param {HTMLElement} line @param {CaptionView} caption @param {LineEars} ears */
function openEditor(line, caption, ears) {
  if (line.querySelector(".said-input")) return;
  const said = /** @type {HTMLElement} */ (line.querySelector(".said"));
  const input = /** @type {HTMLTextAreaElement} */ (
    el("textarea", { class: "said-input", rows: "2", maxlength: "2000", "aria-label": t("更正这句字幕") })
  );
  input.value = caption.text;
  let closed = false;
  const close = (/** @type {boolean} */ keep) => {
    // Taking the box away blurs it, which would close it once more.
    if (closed) return;
    closed = true;
    const text = input.value.trim();
    input.replaceWith(said);
    delete line.dataset["shown"];
    fillLine(line, caption, ears);
    if (keep && text && text !== caption.text) ears.edit(caption, text);
  };
  input.addEventListener("keydown", (event) => {
    // The key that ends a word of the input method does not end the correction.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      close(true);
    }
    if (event.key === "Escape") close(false);
  });
  input.addEventListener("blur", () => close(true));
  said.replaceWith(input);
  input.focus();
}

/** @param {HTMLElement} list @param {Record<string, { text: string }>} partials */
function showPartials(list, partials) {
  for (const speaker of ["caller", "agent"]) {
    const text = partials[speaker]?.text ?? "";
    let line = list.querySelector(`[data-speaker="${speaker}"]`);
    if (!text) {
      line?.remove();
      continue;
    }
    if (!line) {
      line = el("li", { class: `line line-${speaker} partial`, "data-speaker": speaker },
        el("span", { class: "who" }, speaker === "agent" ? t("坐席") : t("来电人")),
        el("span", { class: "said" }),
      );
      list.append(line);
    }
    setText(line.querySelector(".said") ?? line, text);
  }
}

/** Bring the words that a field rests on into view.
 * @param {HTMLElement} list @param {HTMLElement} scroll @param {number} startMs
 * @param {string} speaker */
function markSource(list, scroll, startMs, speaker) {
  const lines = [...list.children].filter((line) => {
    const data = /** @type {HTMLElement} */ (line).dataset;
    return data["speaker"] === speaker && Number(data["end"]) >= startMs;
  });
  const line = lines[0];
  if (!line) return;
  scroll.scrollTop = /** @type {HTMLElement} */ (line).offsetTop - scroll.clientHeight / 3;
  line.classList.add("marked");
  setTimeout(() => line.classList.remove("marked"), MARK_MS);
}
