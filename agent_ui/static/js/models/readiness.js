/**
 * What must be proven before an agent may say "ready": a call must never ring an empty chair. No DOM.
 *
 * @typedef {"ok" | "wait" | "bad" | "off"} Light
 * @typedef {{ socket: Light, sip: Light, mic: Light, latencyMs: number | null, problem: string }}
 *   Readiness
 */

/** @type {Readiness} */
export const UNKNOWN = { socket: "wait", sip: "wait", mic: "wait", latencyMs: null, problem: "" };

/** The level above which a microphone is alive: silence of a dead one is exactly zero. */
export const LIVE_LEVEL = 0.0005;

/** @param {Readiness} state @param {boolean} browserPhone @returns {boolean} */
export function mayGoReady(state, browserPhone) {
  if (state.socket !== "ok") return false;
  return !browserPhone || (state.sip === "ok" && state.mic === "ok");
}

/** One sentence for the agent: what is still missing, or nothing.
 * @param {Readiness} state @param {boolean} browserPhone @returns {string} */
export function missing(state, browserPhone) {
  if (state.socket !== "ok") return "正在连接服务器…";
  if (!browserPhone) return "";
  if (state.mic === "bad") return "麦克风不可用：请检查耳麦并允许浏览器使用麦克风";
  if (state.mic === "wait") return "正在检测麦克风：请说一句话";
  if (state.sip === "bad") return "电话未注册：正在重试";
  if (state.sip === "wait") return "正在注册电话…";
  return "";
}

/** Root mean square of samples between -1 and 1. @param {Float32Array} samples */
export function level(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length ? Math.sqrt(sum / samples.length) : 0;
}
