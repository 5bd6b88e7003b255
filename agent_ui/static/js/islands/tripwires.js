/**
 * Warnings of danger: told at once and loudly, never acted on by themselves; a person looks at the
 * words and, where a warning does not hold, waves it off with a reason.
 * @import { Desk } from "./desk.js"
 * @import { TripwireView } from "../types.js"
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { activeWires, openDraft } from "../models/drafts.js";
import { audioTime } from "../models/timers.js";

/** @param {Desk} desk */
export function startTripwires({ root, store, connection, sound }) {
  const box = role("tripwires", root);
  const alarm = role("tripwire-alarm", root);
  /** @param {string} kind @param {string} reason */
  const dismiss = (kind, reason) => {
    const call_id = store.state.numbered.desk?.call?.call_id ?? "";
    const case_id = wiresOf()?.case_id ?? "";
    connection.click({ type: "dismiss_tripwire", call_id, case_id, wire: kind, reason });
  };
  // Warnings are heard in the whole call; they are kept with its first matter.
  const wiresOf = () => store.state.numbered.desk?.drafts[0] ?? openDraft(store.state);
  store.watch(() => {
    const draft = wiresOf() ?? null;
    // Also after the submission, as long as there is somebody on the line.
    const over = store.state.numbered.desk?.call?.state === "ENDED";
    const wires = draft && !(over && draft.status !== "DRAFT") ? draft.tripwires : [];
    const key = JSON.stringify(wires);
    if (box.dataset["shown"] === key) return;
    box.dataset["shown"] = key;
    box.hidden = wires.length === 0;
    const active = wires.length ? activeWires(draft) : [];
    box.classList.toggle("quiet-wires", active.length === 0);
    setText(alarm, box.hidden ? "" : active.map(nameOf).join("，"));
    box.replaceChildren(...wires.map((wire) => line(wire, sound.play, dismiss)));
  });
}

/** @param {TripwireView} wire */
function nameOf(wire) {
  /** @type {Record<string, string>} */
  const names = {
    danger: t("疑似危及生命安全"),
    police: t("疑似110警务事项"),
    mediation: t("市民希望调解"),
    petition: t("疑似信访或群体苗头"),
    out_of_jurisdiction: t("疑似不在本市管辖"),
    abuse: t("辱骂或骚扰"),
  };
  return names[wire.kind] ?? wire.label;
}

/** @param {TripwireView} wire @param {(source: TripwireView["source"]) => void} play
 * @param {(kind: string, reason: string) => void} dismiss */
function line(wire, play, dismiss) {
  const at = audioTime(wire.source.start_ms);
  const listen = el("button", { type: "button", class: "quiet source" }, icon("play"), at);
  listen.setAttribute("aria-label", `${t("播放这句话")} ${at}`);
  listen.addEventListener("click", () => play(wire.source));
  const words = el("span", { class: "wire-words" }, `“${wire.source.words}”`);
  if (wire.dismissed) {
    const label = el("s", {}, nameOf(wire));
    const why = el("span", { class: "small" }, `${t("已解除")}：${wire.dismissed.reason}`);
    return el("p", { class: "wire dismissed", "data-wire": wire.kind }, label, words, listen, why);
  }
  const label = el("strong", {}, nameOf(wire));
  const made = el("p", { class: "wire", "data-wire": wire.kind }, icon("warn"), label, words, listen);
  made.append(reasons(wire.kind, dismiss));
  return made;
}

/** @param {string} kind @param {(kind: string, reason: string) => void} dismiss */
function reasons(kind, dismiss) {
  const known = [t("已核实，无危险"), t("识别有误"), t("市民随口一说"), t("已转相关部门")];
  const first = el("option", { value: "" }, t("解除提示…"));
  const choice = el("select", { "aria-label": t("解除提示的理由"), class: "wire-reason" }, first);
  choice.append(...known.map((reason) => el("option", { value: reason }, reason)));
  choice.addEventListener("change", () => {
    const { value } = /** @type {HTMLSelectElement} */ (choice);
    if (value) dismiss(kind, value);
  });
  return choice;
}
