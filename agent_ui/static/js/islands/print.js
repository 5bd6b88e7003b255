/** A button that opens the browser's print dialogue. @param {HTMLElement} button */
export function startPrint(button) {
  button.addEventListener("click", () => print());
}
