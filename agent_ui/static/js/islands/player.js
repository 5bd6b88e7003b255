/**
 * The player of a case page: asks why, then plays from two seconds before the chosen words; behind
 * a field it stops a second after them.
 */
import { el, role, setText } from "../lib/dom.js";
import { openRecording } from "../lib/recordings.js";
import { t } from "../lib/texts.js";

const BEFORE_SECONDS = 2;
const AFTER_SECONDS = 1;

/** @param {HTMLElement} root */
export function startPlayer(root) {
  const caseId = root.dataset["case"] ?? "";
  const audio = /** @type {HTMLAudioElement} */ (role("audio", root));
  const reason = /** @type {HTMLInputElement} */ (role("reason", root));
  const problem = role("player-problem", root);
  let offset = 0;
  let wanted = 0;
  /** Where to stop, in seconds of the call; nowhere when a person plays on by himself. */
  let until = Infinity;

  const open = async () => {
    if (!reason.value.trim()) {
      setText(problem, t("请先填写收听理由"));
      reason.focus();
      return false;
    }
    const recording = await openRecording(caseId, reason.value.trim());
    offset = recording.offset_ms / 1000;
    audio.src = recording.url;
    audio.hidden = false;
    role("ask-reason", root).hidden = true;
    setText(problem, "");
    return true;
  };
  const playFrom = async (/** @type {number} */ seconds) => {
    wanted = seconds;
    try {
      if (!audio.src && !(await open())) return;
      audio.currentTime = Math.max(0, seconds - BEFORE_SECONDS - offset);
      await audio.play();
    } catch (error) {
      setText(problem, error instanceof Error ? error.message : t("录音暂时不可用"));
    }
  };
  role("open", root).addEventListener("click", () => void playFrom(wanted));
  reason.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) void playFrom(wanted);
  });
  document.addEventListener("click", (event) => {
    const source = /** @type {Element} */ (event.target).closest("[data-play-ms]");
    if (!(source instanceof HTMLElement)) return;
    const end = source.dataset["playEndMs"];
    until = end === undefined ? Infinity : Number(end) / 1000 + AFTER_SECONDS;
    void playFrom(Number(source.dataset["playMs"]) / 1000);
  });
  audio.addEventListener("timeupdate", () => {
    follow(audio.currentTime + offset);
    if (audio.currentTime + offset < until) return;
    until = Infinity;
    audio.pause();
  });
  root.append(el("span", { hidden: true }));
}

/** Mark the words that are being heard. @param {number} seconds */
function follow(seconds) {
  for (const line of document.querySelectorAll("[data-start]")) {
    const { start, end } = /** @type {HTMLElement} */ (line).dataset;
    const on = Number(start) / 1000 <= seconds && seconds <= Number(end) / 1000;
    line.classList.toggle("marked", on);
  }
}
