/**
 * The call strip: who, which state, and the buttons of the call.
 * @import { Desk, Actions, Page } from "./desk.js"
 */
import { button, el, icon, role, setAttribute, setText, setTone } from "../lib/dom.js";
import { throttle } from "../models/shortcuts.js";
import { t } from "../lib/texts.js";
import { isPending } from "../models/pending.js";
import { lineText } from "./call_words.js";

const HANG_UP_PAUSE_MS = 1000;
/** @type {Record<string, { word: string, tone: string }>} */
const STATES = {
  OFFERED: { word: "振铃中", tone: "ringing" },
  TALKING: { word: "通话中", tone: "talking" },
  HELD: { word: "保持中", tone: "paused" },
  QUEUED: { word: "等待重新接通", tone: "paused" },
  ENDED: { word: "已挂断", tone: "off" },
};

/** @param {Desk} desk @returns {Actions} */
export function startCall({ root, store, connection, phone, toast }) {
  const call = () => store.state.numbered.desk?.call ?? null;
  const talks = () => ["TALKING", "HELD"].includes(call()?.state ?? "");
  const order = (/** @type {string} */ type, fields = {}) => {
    const one = call();
    if (one && talks()) connection.click({ type, call_id: one.call_id, ...fields });
  };
  const begin = (/** @type {string} */ type, fields = {}) => {
    order(type, fields);
    store.set({ consulting: type === "consult" });
  };
  const mayHangUp = throttle(HANG_UP_PAUSE_MS);

  const actions = {
    hold: () => order(call()?.state === "HELD" ? "resume" : "hold"),
    mute: () => talks() && phone.toggleMute(),
    consult: () => {
      if (store.state.consulting) order("end_consult");
      else if (talks()) openConsult(root, begin);
    },
    three_way: () => order("three_way"),
    hang_up: () => order("hang_up"),
  };
  for (const name of /** @type {const} */ (["hold", "mute", "consult", "three_way"])) {
    button(name, root).addEventListener("click", () => actions[name]());
  }
  button("hang_up", root).addEventListener("click", () => {
    if (mayHangUp(performance.now())) actions.hang_up();
  });

  store.watch((page, before) => {
    show(root, page);
    // Held is what a consultation begins with; talking with the caller again is its end.
    const backAgain = before.numbered.desk?.call?.state === "HELD" && call()?.state !== "HELD";
    if (page.consulting && (backAgain || !talks())) store.set({ consulting: false });
    const lost = before.talking && !page.talking && talks();
    if (lost && page.online) toast(t("电话断开，正在为您接回通话"), "bad");
  });
  return actions;
}

/** @param {HTMLElement} root @param {(type: string, fields: object) => void} order */
function openConsult(root, order) {
  const dialog = /** @type {HTMLDialogElement} */ (role("consult-dialog", root));
  const target = /** @type {HTMLInputElement} */ (role("consult-target", root));
  target.value = "";
  dialog.showModal();
  dialog.onclose = () => {
    const kind = dialog.returnValue;
    if ((kind === "consult" || kind === "transfer") && target.value.trim()) {
      order(kind, { target: target.value.trim() });
    }
    dialog.returnValue = "";
  };
}

/** @param {HTMLElement} root @param {Page} page */
function show(root, page) {
  const call = page.numbered.desk?.call ?? null;
  role("call-who", root).hidden = call === null;
  role("call-none", root).hidden = call !== null;
  showButtons(root, page);
  showTripwires(root, page);
  if (!call) return;
  setText(role("caller", root), call.caller_number || t("号码未显示"));
  setText(role("call-line", root), lineText(call));
  const state = STATES[call.state];
  const tag = role("call-state", root);
  setText(tag, state ? t(state.word) : call.state);
  setTone(tag, state?.tone ?? "off");
  const open = role("open-cases", root);
  open.hidden = call.history.open_count === 0;
  setText(open, t("{count} 件未办结工单", { count: call.history.open_count }));
}

/** @param {HTMLElement} root @param {Page} page */
function showButtons(root, { numbered, pending, muted, online, consulting }) {
  const call = numbered.desk?.call ?? null;
  const talks = online && (call?.state === "TALKING" || call?.state === "HELD");
  for (const name of ["hold", "mute", "consult", "hang_up"]) button(name, root).disabled = !talks;
  button("three_way", root).disabled = !talks || !consulting;
  const held = call?.state === "HELD";
  setText(role("hold-word", root), held ? t("取回") : t("保持"));
  setText(role("consult-word", root), consulting ? t("结束咨询") : t("咨询"));
  button("hold", root).classList.toggle("tone-paused", held);
  setText(role("mute-word", root), muted ? t("取消静音") : t("静音"));
  setAttribute(button("mute", root), "aria-pressed", String(muted));
  button("mute", root).classList.toggle("tone-bad", muted);
  const busy = isPending(pending, "hold") || isPending(pending, "resume");
  button("hold", root).classList.toggle("pending", busy);
  button("hang_up", root).classList.toggle("pending", isPending(pending, "hang_up"));
  for (const name of ["consult", "three_way"]) {
    button(name, root).classList.toggle("pending", isPending(pending, name));
  }
}

/** @param {HTMLElement} root @param {Page} page */
function showTripwires(root, { numbered }) {
  const box = role("tripwires", root);
  const wires = numbered.desk?.draft?.tripwires ?? [];
  const key = wires.map((wire) => wire.kind).join();
  box.hidden = wires.length === 0;
  if (box.dataset["shown"] === key) return;
  box.dataset["shown"] = key;
  const lines = wires.map((wire) =>
    el("p", {}, icon("warn"), el("strong", {}, wire.label), ` “${wire.source.words}”`),
  );
  box.replaceChildren(...lines);
}
