/** Short messages that go by themselves; what went wrong stays longer. */
import { el, icon, role, setTone } from "../lib/dom.js";

const STAY_MS = 4000;
const STAY_BAD_MS = 9000;
const MOST = 4;

/** @param {HTMLElement} root @returns {(text: string, tone?: "bad" | "good" | "off") => void} */
export function startToasts(root) {
  const list = role("toasts", root);
  return (text, tone = "off") => {
    for (const old of [...list.children]) if (old.textContent === text) old.remove();
    const toast = el("p", { class: "toast" }, icon(tone === "good" ? "check" : "warn"), text);
    setTone(toast, tone);
    list.append(toast);
    while (list.children.length > MOST) list.firstElementChild?.remove();
    setTimeout(() => toast.remove(), tone === "bad" ? STAY_BAD_MS : STAY_MS);
  };
}
