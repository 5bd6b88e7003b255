/**
 * The desk's bar: state with its age, ready and pause, queue, lights, three timers.
 * @import { Desk, Actions, Page } from "./desk.js"
 * @import { Light } from "../models/readiness.js"
 */
import { button, role, setAttribute, setText, setTone } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { lookOf, REASON_WORDS } from "../models/agent_status.js";
import { isPending } from "../models/pending.js";
import { mayGoReady, missing } from "../models/readiness.js";
import { clockText, holdWarning, secondsSince, threeTimers } from "../models/timers.js";

const TICK_MS = 250;
const LIGHT_TONES = { ok: "good", wait: "paused", bad: "bad", off: "off" };

/** @param {Desk} desk @returns {Actions} */
export function startBar({ root, store, connection, phone, browserPhone }) {
  const ready = button("ready", root);
  const pause = /** @type {HTMLSelectElement} */ (role("pause", root));
  const sheet = (role("state-icon", root.querySelector(".state") ?? root).getAttribute("href") ?? "").split("#")[0];

  const goReady = () => {
    const agent = store.state.numbered.desk?.agent;
    if (!agent || ready.disabled) return;
    connection.click({ type: agent.state === "WRAP_UP" ? "finish_wrap_up" : "go_ready" });
  };
  ready.addEventListener("click", goReady);
  pause.addEventListener("change", () => {
    if (pause.value) connection.click({ type: "pause", reason: pause.value });
    pause.value = "";
  });

  const tick = () => {
    const page = store.state;
    const desk = page.numbered.desk;
    const meter = role("mic-level", root);
    meter.style.setProperty("--level", String(Math.min(1, phone.micLevel * 12)));
    if (!desk) return;
    const now = connection.now();
    const age = secondsSince(desk.agent.since, now);
    const look = lookOf(desk.agent, desk.call, age);
    const state = role("state", root);
    setTone(state, page.online ? look.tone : "bad");
    setAttribute(state, "data-age", String(look.age));
    setAttribute(role("state-icon", root), "href", `${sheet}#${page.online ? look.icon : "warn"}`);
    setText(role("state-word", root), page.online ? t(look.word) : t("连接中断，正在重连"));
    setText(role("state-reason", root), reasonOf(desk.agent));
    setText(role("state-timer", root), clockText(age));
    setText(role("waiting", root), String(desk.queue.waiting));
    const oldest = desk.queue.waiting ? clockText(secondsSince(desk.queue.oldest_since, now)) : "–";
    setText(role("oldest", root), oldest);
    showTimers(root, threeTimers(desk.agent, desk.call, now));
  };
  setInterval(tick, TICK_MS);

  store.watch((page) => {
    showLights(root, page);
    showButtons(page, { ready, pause, browserPhone, root });
    tick();
  });
  return { ready: goReady };
}

/** @param {import("../types.js").AgentView} agent */
function reasonOf(agent) {
  const word = agent.state === "NOT_READY" ? REASON_WORDS[agent.reason] : "";
  return word ? `（${t(word)}）` : "";
}

/** @param {HTMLElement} root @param {ReturnType<typeof threeTimers>} timers */
function showTimers(root, timers) {
  for (const name of /** @type {const} */ (["wait", "talk", "wrap"])) {
    const value = timers[name];
    setText(role(`timer-${name}`, root), value === null ? "–" : clockText(value));
  }
  setAttribute(role("timer-wrap", root), "data-warn", timers.wrap !== null && timers.wrap <= 15 ? "late" : "");
  setAttribute(role("timer-talk", root), "data-warn", holdWarning(timers.hold));
}

/** @param {HTMLElement} root @param {Page} page */
function showLights(root, { readiness }) {
  const words = {
    sip: { ok: t("已注册"), wait: t("注册中"), bad: t("未注册"), off: t("话机") },
    mic: { ok: t("正常"), wait: t("检测中"), bad: t("不可用"), off: t("不需要") },
    socket: { ok: latency(readiness.latencyMs), wait: t("重连中"), bad: t("已断开"), off: "–" },
  };
  for (const name of /** @type {const} */ (["sip", "mic", "socket"])) {
    const light = role(`light-${name}`, root);
    const value = /** @type {Light} */ (readiness[name]);
    setTone(light, LIGHT_TONES[value]);
    setAttribute(light, "data-light", value);
    setText(role("light-word", light), words[name][value]);
  }
}

/** @param {number | null} ms */
function latency(ms) {
  return ms === null ? t("已连接") : `${ms} ms`;
}

/** @param {Page} page
 * @param {{ ready: HTMLButtonElement, pause: HTMLSelectElement, browserPhone: boolean,
 *   root: HTMLElement }} parts */
function showButtons(page, { ready, pause, browserPhone, root }) {
  const agent = page.numbered.desk?.agent;
  const wrapping = agent?.state === "WRAP_UP";
  const free = agent?.state === "NOT_READY" || agent?.state === "SIGNED_OUT";
  const may = mayGoReady(page.readiness, browserPhone);
  const busy = isPending(page.pending, "go_ready") || isPending(page.pending, "finish_wrap_up");
  ready.disabled = !((free && may) || wrapping) || busy;
  ready.classList.toggle("pending", busy);
  setText(role("ready-word", root), wrapping ? t("完成并就绪") : t("就绪"));
  pause.disabled = !page.online || agent?.state === "RINGING" || agent?.state === "TALKING";
  const line = free || !page.online ? missing(page.readiness, browserPhone) : "";
  setText(role("missing", root), line && t(line));
}
