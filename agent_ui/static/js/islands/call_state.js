/** Follows one's own call going out until it is over: its state is a piece of a page. */
const EVERY_MS = 1500;

/** @param {HTMLElement} element */
export function startCallState(element) {
  const source = element.dataset["source"];
  if (!source || element.querySelector("[data-over]")) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(source, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-role=call-words]");
      if (!fresh) return;
      if (fresh.textContent !== element.textContent) element.replaceChildren(fresh);
      element.removeAttribute("data-stale");
      if (fresh.hasAttribute("data-over")) clearInterval(timer);
    } catch {
      element.setAttribute("data-stale", "");
    }
  }, EVERY_MS);
}
