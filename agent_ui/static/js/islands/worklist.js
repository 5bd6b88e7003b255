/** A worklist by keyboard: arrows choose the row, Enter (the row's own link) opens it. */
import { isTyping } from "../lib/dom.js";
import { rowAfter } from "../models/rows.js";

/** @param {HTMLElement} table */
export function startWorklist(table) {
  const links = () =>
    /** @type {HTMLElement[]} */ ([...table.querySelectorAll("[data-row-link]")]);
  addEventListener("keydown", (event) => {
    const all = links();
    const active = document.activeElement;
    const now = all.findIndex((link) => link.closest("[data-row]")?.contains(active) ?? false);
    const next = rowAfter(event, now, all.length, isTyping());
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
  });
  table.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a, button, input, summary, label") || getSelection()?.toString()) return;
    const link = target.closest("[data-row]")?.querySelector("[data-row-link]");
    if (link instanceof HTMLElement) link.click();
  });
  if (!document.activeElement || document.activeElement === document.body) links()[0]?.focus({ preventScroll: true });
}
