/**
 * The ring: a banner, a sound and the title; the focus stays where the agent is typing.
 * @import { Desk, Actions } from "./desk.js"
 * @import { CallView } from "../types.js"
 */
import { button, role, setText } from "../lib/dom.js";
import { RingTone } from "../lib/ring_tone.js";
import { t } from "../lib/texts.js";
import { secondsUntil } from "../models/timers.js";
import { lineText, pathText } from "./call_words.js";

const TICK_MS = 250;

/** @param {Desk} desk @returns {Actions} */
export function startRing({ root, store, connection, phone, browserPhone }) {
  const banner = role("ring", root);
  const tone = new RingTone();
  let shown = "";

  const answer = () => phone.answer();
  button("answer", root).addEventListener("click", answer);
  button("decline", root).addEventListener("click", () => {
    const call = store.state.numbered.desk?.call;
    if (call?.state !== "OFFERED") return;
    connection.click({ type: "decline", call_id: call.call_id, offer_id: call.offer_id });
  });

  setInterval(() => {
    const call = store.state.numbered.desk?.call;
    if (call?.state !== "OFFERED") return;
    setText(role("ring-seconds", root), String(secondsUntil(call.offer_until, connection.now())));
  }, TICK_MS);

  store.watch(({ numbered, ringing, talking }) => {
    const call = numbered.desk?.call ?? null;
    // A call that we place: our own phone is answered, now the citizen's rings.
    const dialling = call?.direction === "OUTBOUND" && talking;
    const offered = call?.state === "OFFERED" && !dialling ? call : null;
    banner.hidden = offered === null;
    root.classList.toggle("is-ringing", offered !== null);
    const answerable = button("answer", root);
    answerable.classList.toggle("pending", browserPhone && offered !== null && !ringing);
    if (offered === null) {
      shown = "";
      return tone.stop();
    }
    if (shown === offered.offer_id) return;
    shown = offered.offer_id;
    show(root, offered);
    tone.start();
    const { call_id, offer_id } = offered;
    // Told after the next paint, so that "seen" means that it could be seen.
    requestAnimationFrame(() => connection.tell({ type: "pop_seen", call_id, offer_id }));
  });
  return { answer };
}

/** @param {HTMLElement} root @param {CallView} call */
function show(root, call) {
  setText(role("ring-number", root), call.caller_number || t("号码未显示"));
  setText(role("ring-line", root), [lineText(call), pathText(call)].filter(Boolean).join(" · "));
  const open = call.history.open_count;
  const words = open ? t("{count} 件未办结工单", { count: open }) : t("没有未办结工单");
  setText(role("ring-history", root), words);
}
