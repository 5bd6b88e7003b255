/** Sound and title of an incoming call: made in the browser, so there is no file to load late. */
import { t } from "../lib/texts.js";

const TONES_HZ = [523, 659];
const EVERY_MS = 2400;
const LOUDNESS = 0.06;

export class RingTone {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {ReturnType<typeof setInterval> | null} */
  #timer = null;
  #title = document.title;

  start() {
    if (this.#timer !== null) return;
    this.#title = document.title;
    this.#once();
    this.#timer = setInterval(() => this.#once(), EVERY_MS);
  }

  stop() {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    document.title = this.#title;
  }

  #once() {
    document.title = document.title === this.#title ? `☎ ${t("来电")}…` : this.#title;
    this.#context ??= new AudioContext();
    const context = this.#context;
    // Before the first click a page may be mute; the banner and the title still tell.
    if (context.state === "suspended") void context.resume().catch(() => undefined);
    TONES_HZ.forEach((hz, index) => {
      const at = context.currentTime + index * 0.28;
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.frequency.value = hz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0005, at + 0.55);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.6);
    });
  }
}
