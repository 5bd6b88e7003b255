/**
 * Plays the second of audio behind a field at the desk, after the call; every listen is logged.
 * @import { SourceView } from "../types.js"
 */
import { t } from "../lib/texts.js";
import { playFrom } from "../models/draft_form.js";
import { openRecording } from "../lib/recordings.js";

const AFTER_SECONDS = 1.5;
const player = new Audio();
/** @type {Map<string, { url: string, offset_ms: number }>} */
const opened = new Map();

/**
 * @param {string} caseId @param {SourceView} source
 * @param {(text: string, tone?: "bad" | "good" | "off") => void} toast
 */
export async function playSource(caseId, source, toast) {
  try {
    const recording = opened.get(caseId) ?? (await openRecording(caseId, t("核对草稿字段")));
    opened.set(caseId, recording);
    const shift = recording.offset_ms / 1000;
    if (!player.src.endsWith(recording.url)) player.src = recording.url;
    player.currentTime = Math.max(0, playFrom(source) - shift);
    await player.play();
    const end = source.end_ms / 1000 - shift + AFTER_SECONDS;
    player.ontimeupdate = () => {
      if (player.currentTime > end) player.pause();
    };
  } catch (error) {
    toast(error instanceof Error ? error.message : t("录音暂时不可用"), "off");
  }
}
