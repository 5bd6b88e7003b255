/**
 * The call strip: who, which state, and the buttons of the call.
 * @import { Desk, Actions, Page } from "./desk.js"
 */
import { button, role, setAttribute, setText, setTone } from "../lib/dom.js";
import { holdWarning, secondsSince } from "../models/timers.js";
import { consultDialog, emergencyDialog } from "./consult.js";
import { throttle } from "../models/shortcuts.js";
import { t } from "../lib/texts.js";
import { isPending } from "../models/pending.js";
import { lineText } from "./call_words.js";

const HANG_UP_PAUSE_MS = 1000;
const BUTTONS = /** @type {const} */ ([
  "hold", "mute", "consult", "three_way", "transfer", "emergency", "hang_up",
]);
/** @type {Record<string, string>} */
const THIRD_WORDS = { ringing: "正在呼叫", answered: "已接通，来电人在保持中", joined: "三方通话中" };
/** @type {Record<string, { word: string, tone: string }>} */
const STATES = {
  OFFERED: { word: "振铃中", tone: "ringing" },
  TALKING: { word: "通话中", tone: "talking" },
  HELD: { word: "保持中", tone: "paused" },
  QUEUED: { word: "等待重新接通", tone: "paused" },
  ENDED: { word: "已挂断", tone: "off" },
};

/** @param {Desk} desk @returns {Actions} */
export function startCall(desk) {
  const { root, store, connection, phone, browserPhone } = desk;
  const call = () => store.state.numbered.desk?.call ?? null;
  const talks = () => ["TALKING", "HELD"].includes(call()?.state ?? "");
  const dialling = () => call()?.direction === "OUTBOUND" && call()?.state === "OFFERED";
  const order = (/** @type {string} */ type, fields = {}) => {
    const one = call();
    if (one && (talks() || dialling())) connection.click({ type, call_id: one.call_id, ...fields });
  };
  const mayHangUp = throttle(HANG_UP_PAUSE_MS);
  const openConsult = consultDialog(desk, (kind, target) => order(kind, { target }));
  const openEmergency = emergencyDialog(desk, (service) => order("emergency", { service }));

  const actions = {
    hold: () => talks() && order(call()?.state === "HELD" ? "resume" : "hold"),
    mute: () => {
      if (!talks()) return;
      if (browserPhone) phone.toggleMute();
      else order(call()?.muted ? "unmute" : "mute");
    },
    consult: () => {
      if (button("consult", root).disabled) return;
      if (call()?.third) order("end_consult");
      else if (talks()) openConsult();
    },
    three_way: () => talks() && order("three_way"),
    transfer: () => {
      if (call()?.third?.state === "answered") order("transfer");
      else if (talks()) openConsult();
    },
    emergency: () => talks() && openEmergency(),
    hang_up: () => {
      if (mayHangUp(performance.now())) order("hang_up");
    },
  };
  for (const name of BUTTONS) button(name, root).addEventListener("click", () => actions[name]());
  startHoldToasts(desk);

  store.watch((page) => {
    show(root, page);
  });
  return actions;
}

/** A held caller is to be spoken to after 30 s, and within 60. @param {Desk} desk */
function startHoldToasts({ store, connection, toast }) {
  let told = "";
  setInterval(() => {
    const call = store.state.numbered.desk?.call;
    const since = call?.state === "HELD" ? call.held_at : null;
    const level = holdWarning(since ? secondsSince(since, connection.now()) : null);
    const now = level && `${since}-${level}`;
    if (now && now !== told) {
      if (level === "warn") toast(t("来电人已保持 30 秒，请回到通话说明情况"), "off");
      else toast(t("来电人已保持 60 秒，请立即回到通话"), "bad");
    }
    told = now;
  }, 500);
}

/** @param {HTMLElement} root @param {Page} page */
function show(root, page) {
  const call = page.numbered.desk?.call ?? null;
  role("call-who", root).hidden = call === null;
  role("call-none", root).hidden = call !== null;
  showButtons(root, page);
  if (!call) return;
  setText(role("caller", root), call.caller_number || t("号码未显示"));
  setText(role("call-line", root), lineText(call));
  const dialling = call.state === "OFFERED" && call.direction === "OUTBOUND" && page.talking;
  const state = dialling ? { word: "正在呼叫", tone: "ringing" } : STATES[call.state];
  const tag = role("call-state", root);
  setText(tag, state ? t(state.word) : call.state);
  setTone(tag, state?.tone ?? "off");
  const link = /** @type {HTMLAnchorElement} */ (role("call-case", root));
  link.hidden = !call.case_id;
  if (call.case_id) link.href = `/cases/${call.case_id}`;
  const third = role("third", root);
  third.hidden = call.third === null;
  if (call.third) setTone(third, call.third.kind === "emergency" ? "bad" : "paused");
  if (call.third) setText(third, `${call.third.name}：${t(THIRD_WORDS[call.third.state] ?? "")}`);
  const open = role("open-cases", root);
  open.hidden = call.history.open_count === 0;
  setText(open, t("{count} 件未办结工单", { count: call.history.open_count }));
}

/** @param {HTMLElement} root @param {Page} page */
function showButtons(root, { numbered, pending, muted: mutedHere, online }) {
  const call = numbered.desk?.call ?? null;
  const third = call?.third ?? null;
  const muted = mutedHere || (call?.muted ?? false);
  const talks = online && (call?.state === "TALKING" || call?.state === "HELD");
  for (const name of ["hold", "mute", "consult", "transfer"]) button(name, root).disabled = !talks;
  const dialling = online && call?.direction === "OUTBOUND" && call.state === "OFFERED";
  const alarm = third?.kind === "emergency" && third.state === "ringing";
  button("hang_up", root).disabled = !(talks || dialling) || alarm;
  if (alarm) button("consult", root).disabled = true;
  button("emergency", root).disabled = !talks || third !== null;
  button("three_way", root).disabled = !talks || third?.state !== "answered";
  const held = call?.state === "HELD";
  setText(role("hold-word", root), held ? t("取回") : t("保持"));
  setText(role("consult-word", root), third ? t(third.state === "joined" ? "结束三方" : "结束咨询") : t("咨询"));
  button("hold", root).classList.toggle("tone-paused", held);
  setText(role("mute-word", root), muted ? t("取消静音") : t("静音"));
  setAttribute(button("mute", root), "aria-pressed", String(muted));
  button("mute", root).classList.toggle("tone-bad", muted);
  const busy = isPending(pending, "hold") || isPending(pending, "resume");
  button("hold", root).classList.toggle("pending", busy);
  button("hang_up", root).classList.toggle("pending", isPending(pending, "hang_up"));
  for (const name of ["consult", "three_way", "emergency"]) {
    button(name, root).classList.toggle("pending", isPending(pending, name));
  }
}
