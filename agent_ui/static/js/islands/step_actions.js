/**
 * The steps a case page offers: Alt+1...9 opens the step of that number and leads to its first
 * field; Alt+Enter sends the form one is in; the limit follows what is chosen.
 */
import { role } from "../lib/dom.js";
import { actionOf } from "../models/rows.js";

/** @param {HTMLElement} root */
export function startStepActions(root) {
  addEventListener("keydown", (event) => {
    const place = actionOf(event);
    const steps = /** @type {HTMLDetailsElement[]} */ ([...root.querySelectorAll("details.step")]);
    const step = place === null ? undefined : steps[place];
    if (step) {
      event.preventDefault();
      open(step);
      return;
    }
    if (!event.altKey || event.key !== "Enter" || event.isComposing || event.repeat) return;
    const form = document.activeElement?.closest("form");
    if (!form || !root.contains(form)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  for (const form of root.querySelectorAll("form[data-limit]")) {
    if (form instanceof HTMLFormElement) followLimit(form);
  }
}

/** @param {HTMLDetailsElement} step */
function open(step) {
  step.open = true;
  const field = step.querySelector(
    "input:not([type=hidden]), select, textarea, button",
  );
  if (field instanceof HTMLElement) field.focus();
}

/** Ask the server for the limit whenever the category changes. @param {HTMLFormElement} form */
function followLimit(form) {
  const shown = role("limit", form);
  const category = form.elements.namedItem("category");
  if (!(category instanceof HTMLElement)) return;
  category.addEventListener("change", async () => {
    shown.setAttribute("data-stale", "");
    const query = new URLSearchParams(
      /** @type {[string, string][]} */ ([...new FormData(form)].filter(([name]) => name === "category")),
    );
    try {
      const answer = await fetch(`${form.dataset["limit"] ?? ""}?${query}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-role=limit]");
      if (fresh) shown.replaceChildren(...fresh.childNodes);
      shown.removeAttribute("data-stale");
    } catch {
      // The server computes the limit again when the form is sent, and says when it differs.
      shown.setAttribute("data-stale", "");
    }
  });
}
