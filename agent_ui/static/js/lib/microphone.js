/** Proves that the microphone is alive: permission, a device, and a level that is not zero. */
import { LIVE_LEVEL, level } from "../models/readiness.js";

const SAMPLE_MS = 100;

/**
 * @param {(live: "ok" | "wait" | "bad", level: number) => void} tell called while the test runs
 * @returns {Promise<void>} once the microphone was heard, or is known to be missing
 */
export async function testMicrophone(tell) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    return tell("bad", 0);
  }
  const context = new AudioContext();
  // A page that nobody has touched yet may be kept mute: the first touch opens the ear.
  const wake = () => void context.resume().catch(() => undefined);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake, { once: true });
  wake();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const heard = level(samples);
      tell(heard > LIVE_LEVEL ? "ok" : "wait", heard);
      if (heard <= LIVE_LEVEL) return;
      clearInterval(timer);
      resolve(undefined);
    }, SAMPLE_MS);
  });
  for (const track of stream.getTracks()) track.stop();
  await context.close();
}
