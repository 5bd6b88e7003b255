/**
 * The words of both speakers: finished ones stay, unfinished ones grow below them.
 * @import { Desk, Actions } from "./desk.js"
 * @import { CaptionView } from "../types.js"
 */
import { el, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { audioTime } from "../models/timers.js";

const NEAR_END_PX = 80;
const MARK_MS = 2500;

/** @param {Desk} desk @returns {Actions} */
export function startCaptions({ root, store }) {
  const list = role("captions", root);
  const partials = role("partials", root);
  const scroll = role("captions-scroll", root);

  store.watch(({ numbered }, before) => {
    const desk = numbered.desk;
    if (!desk || desk === before.numbered.desk) return;
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
    if (desk.captions !== before.numbered.desk?.captions) showFinals(list, desk.captions);
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

/** @param {HTMLElement} list @param {CaptionView[]} captions */
function showFinals(list, captions) {
  const known = new Map([...list.children].map((line) => [line.getAttribute("data-id"), line]));
  const lines = captions.map((caption) => {
    const line = known.get(caption.utterance_id) ?? newLine(caption);
    setText(line.querySelector(".said") ?? line, caption.text);
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
    el("span", { class: "said" }),
    el("span", { class: "at number" }, audioTime(caption.start_ms)),
  );
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
