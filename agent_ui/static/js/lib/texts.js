/** The texts of the page's language: the Chinese text is the key and the fallback. */

/** @type {Record<string, string> | null} */
let texts = null;

/** @param {string} text @param {Record<string, string | number>} [values] for {name} in the text */
export function t(text, values) {
  if (texts === null) texts = read();
  const said = texts[text] ?? text;
  if (!values) return said;
  return said.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @returns {Record<string, string>} */
function read() {
  if (typeof document === "undefined") return {};
  const block = document.getElementById("texts");
  return block ? JSON.parse(block.textContent ?? "{}") : {};
}
