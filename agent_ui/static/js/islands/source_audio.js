/**
 * Plays the seconds behind a value: from two seconds before the words to one second after, in the
 * call as far as its audio is there, and after it. Every listening is logged by the server.
 * @import { Store } from "../lib/store.js"
 * @import { Page } from "./desk.js"
 * @import { SourceView } from "../types.js"
 *
 * @typedef {{ play: (source: Pick<SourceView, "speaker" | "start_ms" | "end_ms">) => void }} Sound
 */
import { t } from "../lib/texts.js";

/**
 * @param {HTMLElement} root @param {Store<Page>} store
 * @param {(text: string, tone?: "bad" | "good" | "off") => void} toast
 * @returns {Sound}
 */
export function startSound(root, store, toast) {
  const player = new Audio();
  let playing = "";
  player.addEventListener("playing", () => (root.dataset["playing"] = playing));
  player.addEventListener("ended", () => delete root.dataset["playing"]);
  player.addEventListener("error", () => toast(t("这段录音还听不到，请稍后再试"), "off"));
  /** @param {Pick<SourceView, "speaker" | "start_ms" | "end_ms">} source */
  const play = ({ speaker, start_ms, end_ms }) => {
    root.dispatchEvent(new CustomEvent("show-source", { detail: { start_ms, speaker } }));
    const call = store.state.numbered.desk?.call;
    if (!call) return;
    const asked = new URLSearchParams({ speaker, start: String(start_ms), end: String(end_ms) });
    playing = `${speaker}-${start_ms}`;
    player.src = `/calls/${encodeURIComponent(call.call_id)}/clip?${asked}`;
    // A refusal is told by the "error" event; an interrupted start is no matter.
    player.play().catch(() => delete root.dataset["playing"]);
  };
  return { play };
}
