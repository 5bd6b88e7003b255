/** Alt+K leads to the search field from anywhere. */

/** @param {HTMLElement} field */
export function startFind(field) {
  addEventListener("keydown", (event) => {
    if (!event.altKey || event.isComposing || event.code !== "KeyK") return;
    event.preventDefault();
    field.focus();
    if (field instanceof HTMLInputElement) field.select();
  });
}
