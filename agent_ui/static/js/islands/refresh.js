/** Reads the page's changing part anew every few seconds, and says how old it is when it cannot. */
const EVERY_MS = 5000;

/** @param {HTMLElement} element */
export function startRefresh(element) {
  const id = element.id;
  setInterval(() => void refresh(id), EVERY_MS);
}

/** @param {string} id */
async function refresh(id) {
  const shown = document.getElementById(id);
  if (!shown || document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (fresh) shown.replaceChildren(...fresh.childNodes);
    shown.removeAttribute("data-stale");
  } catch {
    shown.setAttribute("data-stale", "");
  }
}
