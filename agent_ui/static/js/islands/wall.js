/**
 * The supervisors' wall: pushed as a whole, its age visible; listen, whisper, barge, force.
 * @import { WallAgent, WallFigures, WallView } from "../types.js"
 */
import { el, icon, role, setText, setTone } from "../lib/dom.js";
import { DeskSocket } from "../lib/socket.js";
import { t } from "../lib/texts.js";
import { lookOf, REASON_WORDS } from "../models/agent_status.js";
import { clockOffset, clockText, secondsSince } from "../models/timers.js";
import { startToasts } from "./toasts.js";

const TICK_MS = 500;
const TARGET_IN_TIME = 0.8;
const TARGET_CONNECTED = 0.95;
const LONG_WAIT_S = 15;
const ORDERS = /** @type {const} */ ([
  ["listen", "监听"],
  ["whisper", "密语"],
  ["barge_in", "强插"],
]);
const FORCES = /** @type {const} */ ([
  ["force_not_ready", "置忙"],
  ["force_sign_out", "签退"],
]);

/** @param {HTMLElement} root */
export function startWall(root) {
  /** @type {WallView | null} */
  let wall = null;
  let offset = 0;
  let online = false;
  const toast = startToasts(root);
  const now = () => Date.now() + offset;
  const draw = () => {
    if (wall) show(root, wall, now(), ask);
    root.classList.toggle("is-stale", !online);
  };
  const socket = new DeskSocket(root.dataset["url"] ?? "", {
    onMessage: (message) => {
      if (message.type === "snapshot") {
        for (const name of newAlarms(wall, message.state)) {
          toast(t("{name} 正在紧急转接", { name }), "bad");
        }
        wall = message.state;
      }
      if (message.type === "result" && !message.ok) toast(t(message.message), "bad");
      draw();
    },
    onState: (state) => {
      online = state === "open";
      setText(role("fresh", root), online ? t("实时推送") : t("连接中断，数据已过期"));
      draw();
    },
    onLatency: (_ms, sentAt, receivedAt, serverTime) => {
      offset = clockOffset(sentAt, receivedAt, serverTime);
    },
  });
  const ask = reasonDialog(root, (type, fields) => {
    if (!socket.send({ type, ...fields })) toast(t("连接中断，操作没有发出"), "bad");
  });
  role("stop", root).addEventListener("click", () => socket.send({ type: "stop_listening" }));
  setInterval(() => wall && ages(root, wall, now()), TICK_MS);
  socket.open();
}

/** Agents who have begun to call for help since the wall was last drawn.
 * @param {WallView | null} before @param {WallView} after */
function newAlarms(before, after) {
  const alarmed = (/** @type {WallView | null} */ wall) =>
    (wall?.agents ?? []).filter((agent) => agent.third_kind === "emergency").map((agent) => agent.name);
  const known = new Set(alarmed(before));
  return alarmed(after).filter((name) => !known.has(name));
}

/** @typedef {(type: string, word: string, fields: Record<string, string>) => void} Ask */

/** @param {HTMLElement} root
 * @param {(type: string, fields: Record<string, string>) => void} send @returns {Ask} */
function reasonDialog(root, send) {
  const dialog = /** @type {HTMLDialogElement} */ (role("reason-dialog", root));
  const field = /** @type {HTMLInputElement} */ (role("reason", root));
  return (type, word, fields) => {
    setText(role("reason-head", root), word);
    field.value = "";
    dialog.onclose = () => {
      const reason = field.value.trim();
      if (dialog.returnValue === "yes" && reason) send(type, { ...fields, reason });
      dialog.returnValue = "";
    };
    dialog.showModal();
  };
}

/** @param {HTMLElement} root @param {WallView} wall @param {number} now @param {Ask} ask */
function show(root, wall, now, ask) {
  setText(role("waiting", root), String(wall.waiting));
  share(root, "in-time", wall.today.in_time, TARGET_IN_TIME);
  share(root, "connected", wall.day.connected, TARGET_CONNECTED);
  setText(role("abandoned", root), String(wall.today.abandoned));
  const back = wall.today.returned;
  setText(role("returned", root), back === null ? "" : t("30 分钟内回拨 {share}", { share: percent(back) }));
  role("none", root).hidden = wall.agents.length > 0;
  role("agents", root).replaceChildren(...wall.agents.map((agent) => line(agent, now, ask)));
  setText(role("states", root), counts(wall.agents));
  ages(root, wall, now);
}

/** @param {HTMLElement} root @param {WallView} wall @param {number} now */
function ages(root, wall, now) {
  const oldest = wall.waiting ? secondsSince(wall.oldest_since, now) : null;
  setText(role("oldest", root), oldest === null ? "–" : clockText(oldest));
  setTone(role("oldest-box", root), oldest !== null && oldest > LONG_WAIT_S ? "bad" : "none");
  for (const cell of root.querySelectorAll("[data-since]")) {
    setText(/** @type {HTMLElement} */ (cell), clockText(secondsSince(cell.getAttribute("data-since"), now)));
  }
}

/** @param {HTMLElement} root @param {string} name @param {number | null} value @param {number} target */
function share(root, name, value, target) {
  setText(role(name, root), value === null ? "–" : percent(value));
  setTone(role(`${name}-box`, root), value !== null && value < target ? "bad" : "none");
}

/** @param {number} value */
function percent(value) {
  return `${(value * 100).toFixed(1)} %`;
}

/** @param {WallAgent[]} agents */
function counts(agents) {
  /** @type {Map<string, number>} */
  const by = new Map();
  for (const agent of agents) {
    const word = t(look(agent, 0).word);
    by.set(word, (by.get(word) ?? 0) + 1);
  }
  return [...by].map(([word, count]) => `${word} ${count}`).join(" · ");
}

/** @param {WallAgent} agent @param {number} seconds */
function look(agent, seconds) {
  const call = agent.call_state ? { state: agent.call_state } : null;
  return lookOf(/** @type {any} */ (agent), /** @type {any} */ (call), seconds);
}

/** @param {WallAgent} agent @param {number} now @param {Ask} ask */
function line(agent, now, ask) {
  const seconds = secondsSince(agent.since, now);
  const { icon: name, word, tone, age } = look(agent, seconds);
  const reason = agent.state === "NOT_READY" ? (REASON_WORDS[agent.reason] ?? "") : "";
  const state = el("span", { class: "tag", "data-age": String(age) }, icon(name), t(word), reason && `（${t(reason)}）`);
  setTone(state, tone);
  const talks = agent.state === "TALKING";
  const orders = talks ? ORDERS.map(([type, what]) => press(what, () => ask(type, t(what), { call_id: agent.call_id }))) : [];
  const forces = FORCES.map(([type, what]) => press(what, () => ask(type, `${t(what)}：${agent.name}`, { agent_id: agent.agent_id })));
  return el(
    "tr",
    { "data-agent": agent.agent_id },
    el("td", { class: "number" }, agent.job_number),
    el("td", {}, agent.name),
    el("td", {}, state, agent.third_kind === "emergency" ? el("strong", { class: "tag tone-bad" }, icon("warn"), t("紧急")) : ""),
    el("td", { class: "number", "data-since": agent.since }, clockText(seconds)),
    el("td", {}, agent.line_name),
    el("td", {}, ...orders, ...forces),
  );
}

/** @param {string} word @param {() => void} act */
function press(word, act) {
  const button = el("button", { type: "button" }, t(word));
  button.addEventListener("click", act);
  return button;
}
